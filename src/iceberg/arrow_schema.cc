#include "iceberg/arrow_schema.h"

#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "iceberg/arrow_schema_internal.h"

namespace firn::iceberg {
namespace {

using ArrowType = arrow::Type;

std::shared_ptr<arrow::Field> to_arrow_field(const Field& field) {
  return arrow::field(field.name, to_arrow_type(*field.type), !field.required,
                      arrow::key_value_metadata({{"PARQUET:field_id", std::to_string(field.id)}}));
}

std::shared_ptr<arrow::DataType> nested_arrow_type(const Type& type) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const Field& field : type.fields) fields.push_back(to_arrow_field(field));
  if (type.id == TypeId::kStruct) return arrow::struct_(std::move(fields));
  if (type.id == TypeId::kList) return arrow::list(fields[0]);
  return std::make_shared<arrow::MapType>(fields[0], fields[1]);
}

Error no_such_type(const std::string& path, const arrow::DataType& type) {
  return Error(ErrorCode::kIncompatibleSchema, "column '" + path + "' is of type " +
                                                   type.ToString() + ", which a table cannot hold");
}

std::string joined(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

Result<std::vector<Field>> from_arrow_fields(
    const std::vector<std::shared_ptr<arrow::Field>>& fields, const std::string& path, int depth) {
  std::vector<Field> out;
  for (const auto& field : fields) {
    Field converted;
    converted.name = field->name();
    converted.required = !field->nullable();
    converted.type = TRY(from_arrow_type(*field->type(), joined(path, field->name()), depth + 1));
    out.push_back(std::move(converted));
  }
  return out;
}

Result<TypePtr> from_arrow_nested(const arrow::DataType& type, const std::string& path, int depth) {
  constexpr int kDepthMax = 64;
  if (depth > kDepthMax) return no_such_type(path, type);
  if (type.id() == ArrowType::STRUCT) {
    return struct_of(TRY(from_arrow_fields(type.fields(), path, depth)));
  }
  if (type.id() == ArrowType::MAP) {
    const auto& map = static_cast<const arrow::MapType&>(type);
    TypePtr key = TRY(from_arrow_type(*map.key_type(), joined(path, "key"), depth + 1));
    TypePtr value = TRY(from_arrow_type(*map.item_type(), joined(path, "value"), depth + 1));
    return map_of(0, std::move(key), 0, std::move(value), !map.item_field()->nullable());
  }
  const auto& element = type.field(0);
  TypePtr inner = TRY(from_arrow_type(*element->type(), joined(path, "element"), depth + 1));
  return list_of(0, std::move(inner), !element->nullable());
}

}  // namespace

std::shared_ptr<arrow::DataType> to_arrow_type(const Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return arrow::boolean();
    case TypeId::kInt: return arrow::int32();
    case TypeId::kLong: return arrow::int64();
    case TypeId::kFloat: return arrow::float32();
    case TypeId::kDouble: return arrow::float64();
    case TypeId::kDecimal: return arrow::decimal128(type.precision, type.scale);
    case TypeId::kDate: return arrow::date32();
    case TypeId::kTime: return arrow::time64(arrow::TimeUnit::MICRO);
    case TypeId::kTimestamp: return arrow::timestamp(arrow::TimeUnit::MICRO);
    case TypeId::kTimestampTz: return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case TypeId::kTimestampNs: return arrow::timestamp(arrow::TimeUnit::NANO);
    case TypeId::kTimestampTzNs: return arrow::timestamp(arrow::TimeUnit::NANO, "UTC");
    case TypeId::kString: return arrow::utf8();
    case TypeId::kUuid: return arrow::fixed_size_binary(16);
    case TypeId::kFixed: return arrow::fixed_size_binary(type.length);
    case TypeId::kVariant:
    case TypeId::kBinary: return arrow::binary();
    case TypeId::kUnknown: return arrow::null();
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap: return nested_arrow_type(type);
  }
  return arrow::null();
}

std::shared_ptr<arrow::Schema> to_arrow_schema(const Schema& schema) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const Field& field : schema.fields) fields.push_back(to_arrow_field(field));
  return arrow::schema(std::move(fields));
}

Result<TypePtr> from_arrow_type(const arrow::DataType& type, const std::string& path, int depth) {
  switch (type.id()) {
    case ArrowType::NA: return primitive(TypeId::kUnknown);
    case ArrowType::BOOL: return primitive(TypeId::kBoolean);
    case ArrowType::INT8:
    case ArrowType::INT16:
    case ArrowType::INT32:
    case ArrowType::UINT8:
    case ArrowType::UINT16: return primitive(TypeId::kInt);
    case ArrowType::INT64:
    case ArrowType::UINT32: return primitive(TypeId::kLong);
    case ArrowType::UINT64: return decimal(20, 0);
    case ArrowType::HALF_FLOAT:
    case ArrowType::FLOAT: return primitive(TypeId::kFloat);
    case ArrowType::DOUBLE: return primitive(TypeId::kDouble);
    case ArrowType::DECIMAL32:
    case ArrowType::DECIMAL64:
    case ArrowType::DECIMAL128:
    case ArrowType::DECIMAL256: {
      const auto& exact = static_cast<const arrow::DecimalType&>(type);
      if (exact.precision() > 38 || exact.scale() < 0 || exact.scale() > exact.precision()) break;
      return decimal(exact.precision(), exact.scale());
    }
    case ArrowType::DATE32:
    case ArrowType::DATE64: return primitive(TypeId::kDate);
    case ArrowType::TIME32:
    case ArrowType::TIME64: return primitive(TypeId::kTime);
    case ArrowType::TIMESTAMP:
      return primitive(static_cast<const arrow::TimestampType&>(type).timezone().empty()
                           ? TypeId::kTimestamp
                           : TypeId::kTimestampTz);
    case ArrowType::STRING:
    case ArrowType::LARGE_STRING:
    case ArrowType::STRING_VIEW: return primitive(TypeId::kString);
    case ArrowType::BINARY:
    case ArrowType::LARGE_BINARY:
    case ArrowType::BINARY_VIEW: return primitive(TypeId::kBinary);
    case ArrowType::FIXED_SIZE_BINARY:
      return fixed(static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width());
    case ArrowType::DICTIONARY:
      return from_arrow_type(*static_cast<const arrow::DictionaryType&>(type).value_type(), path,
                             depth);
    case ArrowType::RUN_END_ENCODED:
      return from_arrow_type(*static_cast<const arrow::RunEndEncodedType&>(type).value_type(), path,
                             depth);
    case ArrowType::EXTENSION: {
      const auto& extension = static_cast<const arrow::ExtensionType&>(type);
      if (extension.extension_name() == "arrow.uuid") return primitive(TypeId::kUuid);
      return from_arrow_type(*extension.storage_type(), path, depth);
    }
    case ArrowType::STRUCT:
    case ArrowType::MAP:
    case ArrowType::LIST:
    case ArrowType::LARGE_LIST:
    case ArrowType::FIXED_SIZE_LIST:
    case ArrowType::LIST_VIEW:
    case ArrowType::LARGE_LIST_VIEW: return from_arrow_nested(type, path, depth);
    default: break;
  }
  return no_such_type(path, type);
}

Result<Schema> from_arrow_schema(const arrow::Schema& schema) {
  Schema out;
  out.fields = TRY(from_arrow_fields(schema.fields(), "", 0));
  return out;
}

}  // namespace firn::iceberg
