#include "catalog/new_table.h"

#include <map>
#include <set>

namespace firn::catalog {
namespace {

using iceberg::Field;
using iceberg::Type;
using iceberg::TypeId;
using iceberg::TypePtr;

enum class Renumber { kAll, kMissing };

class IdGiver {
 public:
  IdGiver(int32_t& last, Renumber renumber) : last_(last), renumber_(renumber) {}

  std::vector<Field> give(std::vector<Field> fields) {
    for (Field& field : fields) {
      if (renumber_ == Renumber::kMissing && field.id != 0) continue;
      const int32_t old_id = field.id;
      field.id = ++last_;
      given_.try_emplace(old_id, field.id);
    }
    for (Field& field : fields) {
      if (!field.type->is_nested()) continue;
      auto type = std::make_shared<Type>(*field.type);
      type->fields = give(field.type->fields);
      field.type = std::move(type);
    }
    return fields;
  }

  // The new id of an old one; none where there was no such field.
  std::optional<int32_t> given(int32_t old_id) const {
    const auto found = given_.find(old_id);
    if (found == given_.end()) return std::nullopt;
    return found->second;
  }

 private:
  int32_t& last_;
  Renumber renumber_;
  std::map<int32_t, int32_t> given_;
};

Error invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

Status check_fields(const std::vector<Field>& fields, int32_t format_version,
                    const std::string& parent) {
  std::set<std::string_view> names;
  for (const Field& field : fields) {
    const std::string path = parent.empty() ? field.name : parent + "." + field.name;
    if (field.name.empty()) return invalid("a column has no name");
    if (!names.insert(field.name).second) {
      return invalid("Invalid schema: multiple fields for name " + path);
    }
    const TypeId id = field.type->id;
    const bool needs_v3 = id == TypeId::kTimestampNs || id == TypeId::kTimestampTzNs ||
                          id == TypeId::kUnknown || id == TypeId::kVariant;
    if (needs_v3 && format_version < 3) {
      return Error(ErrorCode::kIncompatibleSchema, "Invalid type for " + path + ": " +
                                                       type_name(*field.type) +
                                                       " is not supported until v3");
    }
    if (field.type->is_nested()) TRY(check_fields(field.type->fields, format_version, path));
  }
  return {};
}

Status renumber_spec(const IdGiver& ids, const iceberg::Schema& schema,
                     iceberg::PartitionSpec& spec, int32_t& last_partition_id) {
  spec.spec_id = 0;
  std::set<std::string_view> names;
  for (iceberg::PartitionField& field : spec.fields) {
    const auto source = ids.given(field.source_id);
    if (!source) return invalid("Cannot find source column for partition field: " + field.name);
    field.source_id = *source;
    field.field_id = ++last_partition_id;
    const Field* column = schema.find(*source);
    if (!field.transform.accepts(*column->type)) {
      return invalid("Invalid source type " + type_name(*column->type) +
                     " for transform: " + field.transform.to_string());
    }
    if (field.name.empty() || !names.insert(field.name).second) {
      return invalid("Cannot use partition name more than once: " + field.name);
    }
    const Field* same_name = schema.find(field.name);
    const bool is_identity = field.transform.kind == iceberg::TransformKind::kIdentity ||
                             field.transform.kind == iceberg::TransformKind::kVoid;
    if (same_name != nullptr && !(is_identity && same_name->id == *source)) {
      return invalid("Cannot create partition from name that exists in schema: " + field.name);
    }
  }
  return {};
}

Status renumber_order(const IdGiver& ids, const iceberg::Schema& schema,
                      iceberg::SortOrder& order) {
  order.order_id = order.fields.empty() ? 0 : 1;
  for (iceberg::SortField& field : order.fields) {
    const auto source = ids.given(field.source_id);
    if (!source) return invalid("Cannot find source column for a sort field");
    field.source_id = *source;
    if (!field.transform.accepts(*schema.find(*source)->type)) {
      return invalid("Invalid source type for the sort transform " + field.transform.to_string());
    }
  }
  return {};
}

}  // namespace

std::vector<Field> with_new_ids(std::vector<Field> fields, int32_t& last_column_id) {
  return IdGiver(last_column_id, Renumber::kMissing).give(std::move(fields));
}

Status check_schema(const iceberg::Schema& schema, int32_t format_version) {
  return check_fields(schema.fields, format_version, "");
}

Result<iceberg::TableMetadata> new_table_metadata(NewTable table) {
  iceberg::TableMetadata metadata;
  if (const auto version = table.properties.extract("format-version")) {
    if (version.mapped() == "3") {
      metadata.format_version = 3;
    } else if (version.mapped() != "1" && version.mapped() != "2") {
      return invalid("Unsupported format version: " + version.mapped());
    }
  }
  TRY(check_schema(table.schema, metadata.format_version));
  if (metadata.format_version >= 3) metadata.next_row_id = 0;
  metadata.table_uuid = table.uuid;
  metadata.location = std::move(table.location);
  metadata.last_updated_ms = table.now_ms;

  IdGiver ids(metadata.last_column_id, Renumber::kAll);
  table.schema.schema_id = 0;
  table.schema.fields = ids.give(std::move(table.schema.fields));
  for (int32_t& id : table.schema.identifier_field_ids) {
    const auto given = ids.given(id);
    if (!given) return invalid("Cannot find an identifier field: " + std::to_string(id));
    id = *given;
  }
  TRY(renumber_spec(ids, table.schema, table.spec, metadata.last_partition_id));
  TRY(renumber_order(ids, table.schema, table.order));
  metadata.default_sort_order_id = table.order.order_id;
  metadata.schemas.push_back(std::move(table.schema));
  metadata.partition_specs.push_back(std::move(table.spec));
  metadata.sort_orders.push_back(std::move(table.order));
  metadata.properties = std::move(table.properties);
  metadata.properties.try_emplace("write.metadata.delete-after-commit.enabled", "true");
  return metadata;
}

}  // namespace firn::catalog
