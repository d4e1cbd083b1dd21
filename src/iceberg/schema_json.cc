#include <boost/json.hpp>
#include <unordered_set>

#include "iceberg/json.h"
#include "iceberg/json_writer.h"

namespace firn::iceberg {
namespace {

namespace json = boost::json;

constexpr int kTypeDepthMax = 64;

Result<TypePtr> type_from_json(const json::value& value, int depth);

Result<bool> json_bool(const json::object& object, std::string_view name) {
  const json::value* value = TRY(json_member(object, name));
  if (!value->is_bool()) {
    return Error(ErrorCode::kInvalidData, "'" + std::string(name) + "' has to be true or false");
  }
  return value->get_bool();
}

Result<std::vector<Field>> fields_from_json(const json::object& object, int depth) {
  std::vector<Field> fields;
  for (const json::value& item : *TRY(json_array(object, "fields"))) {
    const json::object& member = *TRY(json_object(item, "field"));
    Field field;
    field.id = TRY(json_int32(member, "id"));
    field.name = TRY(json_string(member, "name"));
    field.required = TRY(json_bool(member, "required"));
    field.type = TRY(type_from_json(*TRY(json_member(member, "type")), depth + 1));
    field.doc = TRY(optional_string(member, "doc"));
    if (const json::value* initial = json_find(member, "initial-default")) {
      field.initial_default = json::serialize(*initial);
    }
    if (const json::value* write = json_find(member, "write-default")) {
      field.write_default = json::serialize(*write);
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<TypePtr> type_from_json(const json::value& value, int depth) {
  if (depth > kTypeDepthMax) {
    return Error(ErrorCode::kInvalidData, "a schema is nested too deeply");
  }
  if (value.is_string()) return parse_primitive(value.get_string());
  const json::object& object = *TRY(json_object(value, "type"));
  const std::string kind = TRY(json_string(object, "type"));
  if (kind == "struct") return struct_of(TRY(fields_from_json(object, depth)));
  if (kind == "list") {
    const int32_t id = TRY(json_int32(object, "element-id"));
    TypePtr element = TRY(type_from_json(*TRY(json_member(object, "element")), depth + 1));
    return list_of(id, std::move(element), TRY(json_bool(object, "element-required")));
  }
  if (kind == "map") {
    const int32_t key_id = TRY(json_int32(object, "key-id"));
    const int32_t value_id = TRY(json_int32(object, "value-id"));
    TypePtr key = TRY(type_from_json(*TRY(json_member(object, "key")), depth + 1));
    TypePtr mapped = TRY(type_from_json(*TRY(json_member(object, "value")), depth + 1));
    return map_of(key_id, std::move(key), value_id, std::move(mapped),
                  TRY(json_bool(object, "value-required")));
  }
  // PyIceberg and others write a primitive as {"type": "long"} nowhere, but it harms nobody.
  return parse_primitive(kind);
}

void write_type(JsonWriter& writer, const Type& type);

void write_fields(JsonWriter& writer, const std::vector<Field>& fields) {
  writer.key("fields");
  writer.begin_array();
  for (const Field& field : fields) {
    writer.begin_object();
    writer.field("id", field.id);
    writer.field("name", field.name);
    writer.field("required", field.required);
    writer.key("type");
    write_type(writer, *field.type);
    if (field.doc) writer.field("doc", *field.doc);
    if (field.initial_default) writer.raw_field("initial-default", *field.initial_default);
    if (field.write_default) writer.raw_field("write-default", *field.write_default);
    writer.end_object();
  }
  writer.end_array();
}

void write_type(JsonWriter& writer, const Type& type) {
  if (!type.is_nested()) {
    writer.string(type_name(type));
    return;
  }
  writer.begin_object();
  if (type.id == TypeId::kStruct) {
    writer.field("type", "struct");
    write_fields(writer, type.fields);
  } else if (type.id == TypeId::kList) {
    writer.field("type", "list");
    writer.field("element-id", type.fields[0].id);
    writer.key("element");
    write_type(writer, *type.fields[0].type);
    writer.field("element-required", type.fields[0].required);
  } else {
    writer.field("type", "map");
    writer.field("key-id", type.fields[0].id);
    writer.key("key");
    write_type(writer, *type.fields[0].type);
    writer.field("value-id", type.fields[1].id);
    writer.key("value");
    write_type(writer, *type.fields[1].type);
    writer.field("value-required", type.fields[1].required);
  }
  writer.end_object();
}

Status check_unique_ids(const std::vector<Field>& fields, std::unordered_set<int32_t>& seen) {
  for (const Field& field : fields) {
    if (!seen.insert(field.id).second) {
      return Error(ErrorCode::kInvalidData,
                   "Invalid schema: field id " + std::to_string(field.id) + " is used twice");
    }
    if (field.type->is_nested()) TRY(check_unique_ids(field.type->fields, seen));
  }
  return {};
}

Result<PartitionField> partition_field_from_json(const json::value& value, int32_t next_id) {
  const json::object& object = *TRY(json_object(value, "partition field"));
  PartitionField field;
  field.source_id = TRY(json_int32(object, "source-id"));
  field.field_id = TRY(optional_int32(object, "field-id")).value_or(next_id);
  field.name = TRY(json_string(object, "name"));
  field.transform = TRY(Transform::parse(TRY(json_string(object, "transform"))));
  return field;
}

}  // namespace

Result<Schema> schema_from_json(const json::value& value) {
  const json::object& object = *TRY(json_object(value, "schema"));
  const json::value* kind = json_find(object, "type");
  if (kind != nullptr && (!kind->is_string() || kind->get_string() != "struct")) {
    return Error(ErrorCode::kInvalidData, "a schema's type has to be struct");
  }
  Schema schema;
  schema.schema_id = TRY(optional_int32(object, "schema-id")).value_or(0);
  schema.fields = TRY(fields_from_json(object, 0));
  std::unordered_set<int32_t> seen;
  TRY(check_unique_ids(schema.fields, seen));
  if (json_find(object, "identifier-field-ids") != nullptr) {
    for (const int64_t id : TRY(json_int64_list(object, "identifier-field-ids"))) {
      schema.identifier_field_ids.push_back(static_cast<int32_t>(id));
    }
  }
  return schema;
}

void write_schema(JsonWriter& writer, const Schema& schema) {
  writer.begin_object();
  writer.field("type", "struct");
  writer.field("schema-id", schema.schema_id);
  if (!schema.identifier_field_ids.empty()) {
    writer.key("identifier-field-ids");
    writer.begin_array();
    for (const int32_t id : schema.identifier_field_ids) writer.number(id);
    writer.end_array();
  }
  write_fields(writer, schema.fields);
  writer.end_object();
}

std::string schema_to_json(const Schema& schema) {
  std::string text;
  JsonWriter writer(text);
  write_schema(writer, schema);
  return text;
}

Result<Schema> parse_schema(std::string_view text) {
  return schema_from_json(TRY(parse_json(text)));
}

Result<PartitionSpec> spec_fields_from_json(const json::value& value, int32_t spec_id) {
  const json::array* fields = value.if_array();
  if (fields == nullptr) {
    return Error(ErrorCode::kInvalidData, "a partition spec's fields have to be an array");
  }
  PartitionSpec spec;
  spec.spec_id = spec_id;
  int32_t next_id = 1000;
  for (const json::value& field : *fields) {
    spec.fields.push_back(TRY(partition_field_from_json(field, next_id++)));
  }
  return spec;
}

Result<PartitionSpec> spec_from_json(const json::value& value) {
  const json::object& object = *TRY(json_object(value, "partition spec"));
  const int32_t id = TRY(optional_int32(object, "spec-id")).value_or(0);
  return spec_fields_from_json(*TRY(json_member(object, "fields")), id);
}

void write_spec_fields(JsonWriter& writer, const PartitionSpec& spec) {
  writer.begin_array();
  for (const PartitionField& field : spec.fields) {
    writer.begin_object();
    writer.field("source-id", field.source_id);
    writer.field("field-id", field.field_id);
    writer.field("name", field.name);
    writer.field("transform", field.transform.to_string());
    writer.end_object();
  }
  writer.end_array();
}

void write_spec(JsonWriter& writer, const PartitionSpec& spec) {
  writer.begin_object();
  writer.field("spec-id", spec.spec_id);
  writer.key("fields");
  write_spec_fields(writer, spec);
  writer.end_object();
}

Result<SortOrder> sort_order_from_json(const json::value& value) {
  const json::object& object = *TRY(json_object(value, "sort order"));
  SortOrder order;
  order.order_id = TRY(json_int32(object, "order-id"));
  for (const json::value& item : *TRY(json_array(object, "fields"))) {
    const json::object& member = *TRY(json_object(item, "sort field"));
    SortField field;
    field.source_id = TRY(json_int32(member, "source-id"));
    field.transform = TRY(Transform::parse(TRY(json_string(member, "transform"))));
    field.ascending = TRY(json_string(member, "direction")) != "desc";
    field.nulls_first = TRY(json_string(member, "null-order")) == "nulls-first";
    order.fields.push_back(std::move(field));
  }
  return order;
}

void write_sort_order(JsonWriter& writer, const SortOrder& order) {
  writer.begin_object();
  writer.field("order-id", order.order_id);
  writer.key("fields");
  writer.begin_array();
  for (const SortField& field : order.fields) {
    writer.begin_object();
    writer.field("transform", field.transform.to_string());
    writer.field("source-id", field.source_id);
    writer.field("direction", field.ascending ? "asc" : "desc");
    writer.field("null-order", field.nulls_first ? "nulls-first" : "nulls-last");
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

}  // namespace firn::iceberg
