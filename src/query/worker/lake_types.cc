#include "query/worker/lake_types.h"

#include "duckdb/common/types/uuid.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"

namespace firn::query {

using duckdb::LogicalType;
using iceberg::TypeId;

LogicalType to_duckdb(const iceberg::Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return LogicalType::BOOLEAN;
    case TypeId::kInt: return LogicalType::INTEGER;
    case TypeId::kLong: return LogicalType::BIGINT;
    case TypeId::kFloat: return LogicalType::FLOAT;
    case TypeId::kDouble: return LogicalType::DOUBLE;
    case TypeId::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision),
                                  static_cast<uint8_t>(type.scale));
    case TypeId::kDate: return LogicalType::DATE;
    case TypeId::kTime: return LogicalType::TIME;
    case TypeId::kTimestamp: return LogicalType::TIMESTAMP;
    case TypeId::kTimestampTz: return LogicalType::TIMESTAMP_TZ;
    case TypeId::kTimestampNs: return LogicalType::TIMESTAMP_NS;
    case TypeId::kString: return LogicalType::VARCHAR;
    case TypeId::kUuid: return LogicalType::UUID;
    case TypeId::kFixed:
    case TypeId::kBinary: return LogicalType::BLOB;
    case TypeId::kStruct: {
      duckdb::child_list_t<LogicalType> children;
      for (const auto& field : type.fields) {
        children.emplace_back(field.name, to_duckdb(*field.type));
      }
      return LogicalType::STRUCT(std::move(children));
    }
    case TypeId::kList:
      if (type.fields.size() == 1) return LogicalType::LIST(to_duckdb(*type.fields[0].type));
      break;
    case TypeId::kMap:
      if (type.fields.size() == 2) {
        return LogicalType::MAP(to_duckdb(*type.fields[0].type), to_duckdb(*type.fields[1].type));
      }
      break;
    case TypeId::kTimestampTzNs:
    case TypeId::kUnknown:
    case TypeId::kVariant: break;
  }
  throw duckdb::NotImplementedException("Columns of the Iceberg type %s cannot be queried yet",
                                        iceberg::type_name(type));
}

duckdb::MultiFileColumnDefinition to_column_definition(const iceberg::Field& field) {
  const LogicalType type = to_duckdb(*field.type);
  duckdb::MultiFileColumnDefinition column(field.name, type);
  column.identifier = duckdb::Value::INTEGER(field.id);
  column.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(type));
  for (const auto& child : field.type->fields) {
    column.children.push_back(to_column_definition(child));
  }
  return column;
}

std::optional<iceberg::Value> to_iceberg(const duckdb::Value& value, const iceberg::Type& type) {
  if (value.IsNull() || type.is_nested()) return std::nullopt;
  // A decimal that is wider than what DuckDB made of it, a uuid, a fixed: not worth pruning by.
  if (value.type() != to_duckdb(type)) return std::nullopt;
  switch (type.id) {
    case TypeId::kBoolean: return iceberg::Value(value.GetValue<bool>());
    case TypeId::kInt: return iceberg::Value(value.GetValue<int32_t>());
    case TypeId::kLong: return iceberg::Value(value.GetValue<int64_t>());
    case TypeId::kFloat: return iceberg::Value(value.GetValue<float>());
    case TypeId::kDouble: return iceberg::Value(value.GetValue<double>());
    case TypeId::kDate: return iceberg::Value(value.GetValue<duckdb::date_t>().days);
    case TypeId::kTime: return iceberg::Value(value.GetValue<duckdb::dtime_t>().micros);
    case TypeId::kTimestamp: return iceberg::Value(value.GetValue<duckdb::timestamp_t>().value);
    case TypeId::kTimestampTz:
      return iceberg::Value(value.GetValue<duckdb::timestamp_tz_t>().value);
    case TypeId::kTimestampNs:
      return iceberg::Value(value.GetValue<duckdb::timestamp_ns_t>().value);
    case TypeId::kString: return iceberg::Value(duckdb::StringValue::Get(value));
    case TypeId::kBinary: return iceberg::Value(duckdb::StringValue::Get(value));
    case TypeId::kDecimal: {
      switch (value.type().InternalType()) {
        case duckdb::PhysicalType::INT16:
          return iceberg::Value(iceberg::DecimalValue{value.GetValueUnsafe<int16_t>()});
        case duckdb::PhysicalType::INT32:
          return iceberg::Value(iceberg::DecimalValue{value.GetValueUnsafe<int32_t>()});
        case duckdb::PhysicalType::INT64:
          return iceberg::Value(iceberg::DecimalValue{value.GetValueUnsafe<int64_t>()});
        case duckdb::PhysicalType::INT128: {
          const auto wide = value.GetValueUnsafe<duckdb::hugeint_t>();
          const auto bits =
              static_cast<unsigned __int128>(static_cast<uint64_t>(wide.upper)) << 64 | wide.lower;
          return iceberg::Value(iceberg::DecimalValue{static_cast<iceberg::Int128>(bits)});
        }
        default: return std::nullopt;
      }
    }
    default: return std::nullopt;
  }
}

}  // namespace firn::query
