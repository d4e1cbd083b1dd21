#include "catalog/rest/rest_json.h"

#include <boost/json.hpp>

#include "iceberg/json.h"
#include "iceberg/json_writer.h"

namespace firn::catalog::rest {
namespace {

namespace json = boost::json;
using namespace iceberg;  // NOLINT: the readers of JSON members, used on every line here
using Kind = TableRequirement::Kind;

Error unknown(std::string_view what, std::string_view name) {
  return Error(ErrorCode::kInvalidData, "Cannot parse unknown " + std::string(what) + ": '" +
                                            std::string(name.substr(0, 64)) + "'");
}

struct NumberRequirement {
  std::string_view type;
  Kind kind;
  std::string_view member;
};
constexpr NumberRequirement kNumberRequirements[] = {
    {"assert-last-assigned-field-id", Kind::kLastAssignedFieldId, "last-assigned-field-id"},
    {"assert-current-schema-id", Kind::kCurrentSchemaId, "current-schema-id"},
    {"assert-last-assigned-partition-id", Kind::kLastAssignedPartitionId,
     "last-assigned-partition-id"},
    {"assert-default-spec-id", Kind::kDefaultSpecId, "default-spec-id"},
    {"assert-default-sort-order-id", Kind::kDefaultSortOrderId, "default-sort-order-id"}};

Result<TableRequirement> requirement_from_json(const json::value& value) {
  const json::object& object = *TRY(json_object(value, "requirement"));
  const std::string type = TRY(json_string(object, "type"));
  TableRequirement requirement;
  if (type == "assert-create") return requirement;
  if (type == "assert-table-uuid") {
    requirement.kind = Kind::kTableUuid;
    requirement.uuid = TRY(Uuid::parse(TRY(json_string(object, "uuid"))));
    return requirement;
  }
  if (type == "assert-ref-snapshot-id") {
    requirement.kind = Kind::kRefSnapshotId;
    requirement.ref = TRY(json_string(object, "ref"));
    requirement.value = TRY(optional_int64(object, "snapshot-id"));
    // Some clients say "no snapshot" with -1.
    if (requirement.value && *requirement.value == -1) requirement.value.reset();
    return requirement;
  }
  for (const NumberRequirement& known : kNumberRequirements) {
    if (known.type != type) continue;
    requirement.kind = known.kind;
    requirement.value = TRY(json_int64(object, known.member));
    return requirement;
  }
  return unknown("requirement", type);
}

Result<Properties> updated_properties(const json::object& object) {
  // Older clients say "updated".
  const char* name = json_find(object, "updates") != nullptr ? "updates" : "updated";
  TRY(json_member(object, name));
  return json_properties(object, name);
}

Result<std::vector<std::string>> removed_properties(const json::object& object) {
  const char* name = json_find(object, "removals") != nullptr ? "removals" : "removed";
  return json_string_list(*TRY(json_member(object, name)), name);
}

// {"snapshot-id": N, NAME: {..., "snapshot-id": N}}; the outer id is deprecated.
template <typename Change>
Result<TableUpdate> statistics_update(const json::object& object, std::string_view name) {
  const json::value& statistics = *TRY(json_member(object, name));
  const int64_t id = TRY(json_int64(*TRY(json_object(statistics, name)), "snapshot-id"));
  return TableUpdate{Change{id, json::serialize(statistics)}};
}

// The updates of schema, spec and order.
Result<std::optional<TableUpdate>> definition_update(std::string_view action,
                                                     const json::object& object) {
  const auto some = [](TableUpdate update) {
    return std::optional<TableUpdate>(std::move(update));
  };
  if (action == "add-schema") {
    return some({AddSchema{TRY(schema_from_json(*TRY(json_member(object, "schema"))))}});
  }
  if (action == "set-current-schema") {
    return some({SetCurrentSchema{TRY(json_int32(object, "schema-id"))}});
  }
  if (action == "add-spec") {
    return some({AddPartitionSpec{TRY(requested_spec(*TRY(json_member(object, "spec"))))}});
  }
  if (action == "set-default-spec") {
    return some({SetDefaultSpec{TRY(json_int32(object, "spec-id"))}});
  }
  if (action == "add-sort-order") {
    return some({AddSortOrder{TRY(sort_order_from_json(*TRY(json_member(object, "sort-order"))))}});
  }
  if (action == "set-default-sort-order") {
    return some({SetDefaultSortOrder{TRY(json_int32(object, "sort-order-id"))}});
  }
  if (action == "remove-partition-specs") {
    return some({RemovePartitionSpecs{TRY(json_int64_list(object, "spec-ids"))}});
  }
  if (action == "remove-schemas") {
    return some({RemoveSchemas{TRY(json_int64_list(object, "schema-ids"))}});
  }
  return std::optional<TableUpdate>();
}

Result<std::optional<TableUpdate>> snapshot_update(std::string_view action,
                                                   const json::object& object) {
  const auto some = [](TableUpdate update) {
    return std::optional<TableUpdate>(std::move(update));
  };
  if (action == "add-snapshot") {
    return some({AddSnapshot{TRY(snapshot_from_json(*TRY(json_member(object, "snapshot"))))}});
  }
  if (action == "set-snapshot-ref") {
    return some({SetSnapshotRef{TRY(json_string(object, "ref-name")), TRY(ref_from_json(object))}});
  }
  if (action == "remove-snapshots") {
    return some({RemoveSnapshots{TRY(json_int64_list(object, "snapshot-ids"))}});
  }
  if (action == "remove-snapshot-ref") {
    return some({RemoveSnapshotRef{TRY(json_string(object, "ref-name"))}});
  }
  if (action == "set-statistics") {
    return some(TRY(statistics_update<SetStatistics>(object, "statistics")));
  }
  if (action == "remove-statistics") {
    return some({RemoveStatistics{TRY(json_int64(object, "snapshot-id"))}});
  }
  if (action == "set-partition-statistics") {
    return some(TRY(statistics_update<SetPartitionStatistics>(object, "partition-statistics")));
  }
  if (action == "remove-partition-statistics") {
    return some({RemovePartitionStatistics{TRY(json_int64(object, "snapshot-id"))}});
  }
  return std::optional<TableUpdate>();
}

Result<TableUpdate> update_from_json(const json::value& value) {
  const json::object& object = *TRY(json_object(value, "update"));
  const std::string action = TRY(json_string(object, "action"));
  if (auto update = TRY(definition_update(action, object))) return *std::move(update);
  if (auto update = TRY(snapshot_update(action, object))) return *std::move(update);
  if (action == "assign-uuid") {
    return TableUpdate{AssignUuid{TRY(Uuid::parse(TRY(json_string(object, "uuid"))))}};
  }
  if (action == "upgrade-format-version") {
    return TableUpdate{UpgradeFormatVersion{TRY(json_int32(object, "format-version"))}};
  }
  if (action == "set-location") {
    return TableUpdate{SetLocation{TRY(json_string(object, "location"))}};
  }
  if (action == "set-properties") {
    return TableUpdate{SetProperties{TRY(updated_properties(object))}};
  }
  if (action == "remove-properties") {
    return TableUpdate{RemoveProperties{TRY(removed_properties(object))}};
  }
  if (action == "add-encryption-key") {
    const json::value& key = *TRY(json_member(object, "encryption-key"));
    const std::string id = TRY(json_string(*TRY(json_object(key, "encryption-key")), "key-id"));
    return TableUpdate{AddEncryptionKey{id, json::serialize(key)}};
  }
  if (action == "remove-encryption-key") {
    return TableUpdate{RemoveEncryptionKey{TRY(json_string(object, "key-id"))}};
  }
  return unknown("update action", action);
}

}  // namespace

Result<Namespace> namespace_from_json(const json::value& value) {
  return json_string_list(value, "namespace");
}

void write_namespace(JsonWriter& writer, const Namespace& ns) {
  writer.begin_array();
  for (const std::string& level : ns) writer.string(level);
  writer.end_array();
}

Result<TableIdent> ident_from_json(const std::string& catalog, const json::value& value) {
  const json::object& object = *TRY(json_object(value, "identifier"));
  TableIdent ident;
  ident.catalog = catalog;
  ident.levels = TRY(namespace_from_json(*TRY(json_member(object, "namespace"))));
  ident.name = TRY(json_string(object, "name"));
  return ident;
}

void write_ident(JsonWriter& writer, const TableIdent& ident) {
  writer.begin_object();
  writer.key("namespace");
  write_namespace(writer, ident.levels);
  writer.field("name", ident.name);
  writer.end_object();
}

Result<Catalog::TableChange> change_from_json(const TableIdent& ident, const json::object& object) {
  Catalog::TableChange change;
  change.ident = ident;
  for (const json::value& item : *TRY(json_array(object, "requirements"))) {
    change.requirements.push_back(TRY(requirement_from_json(item)));
  }
  for (const json::value& item : *TRY(json_array(object, "updates"))) {
    change.updates.push_back(TRY(update_from_json(item)));
  }
  return change;
}

Result<PartitionSpec> requested_spec(const json::value& value) {
  PartitionSpec spec = TRY(spec_from_json(value));
  const json::array& fields = value.get_object().at("fields").get_array();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (json_find(fields[i].get_object(), "field-id") == nullptr) spec.fields[i].field_id = -1;
  }
  return spec;
}

std::string load_table_result(const Table& table, SnapshotsWanted wanted) {
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  if (!table.metadata_location.empty()) writer.field("metadata-location", table.metadata_location);
  writer.raw_field("metadata", wanted == SnapshotsWanted::kAll
                                   ? table_metadata_to_json(*table.metadata)
                                   : table_metadata_to_json_refs_only(*table.metadata));
  writer.key("config");
  writer.begin_object();
  writer.end_object();
  writer.end_object();
  return text;
}

}  // namespace firn::catalog::rest
