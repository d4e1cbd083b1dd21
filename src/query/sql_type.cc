#include "query/sql_type.h"

namespace firn::query {
namespace {

std::string quoted_name(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string struct_type(const iceberg::Type& type) {
  std::string members;
  for (const auto& field : type.fields) {
    if (!members.empty()) members += ", ";
    members += quoted_name(field.name) + " " + sql_type(*field.type);
  }
  return "STRUCT(" + members + ")";
}

}  // namespace

std::string sql_type(const iceberg::Type& type) {
  using iceberg::TypeId;
  switch (type.id) {
    case TypeId::kBoolean: return "BOOLEAN";
    case TypeId::kInt: return "INTEGER";
    case TypeId::kLong: return "BIGINT";
    case TypeId::kFloat: return "FLOAT";
    case TypeId::kDouble: return "DOUBLE";
    case TypeId::kDecimal:
      return "DECIMAL(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeId::kDate: return "DATE";
    case TypeId::kTime: return "TIME";
    case TypeId::kTimestamp: return "TIMESTAMP";
    case TypeId::kTimestampTz: return "TIMESTAMP WITH TIME ZONE";
    case TypeId::kTimestampNs: return "TIMESTAMP_NS";
    case TypeId::kString: return "VARCHAR";
    case TypeId::kUuid: return "UUID";
    case TypeId::kFixed:
    case TypeId::kBinary: return "BLOB";
    case TypeId::kStruct: return struct_type(type);
    case TypeId::kList:
      if (type.fields.size() == 1) return sql_type(*type.fields[0].type) + "[]";
      break;
    case TypeId::kMap:
      if (type.fields.size() == 2) {
        return "MAP(" + sql_type(*type.fields[0].type) + ", " + sql_type(*type.fields[1].type) +
               ")";
      }
      break;
    case TypeId::kTimestampTzNs:
    case TypeId::kUnknown:
    case TypeId::kVariant: break;
  }
  return iceberg::type_name(type);
}

}  // namespace firn::query
