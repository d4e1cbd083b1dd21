#include <algorithm>
#include <boost/json.hpp>
#include <unordered_set>

#include "iceberg/json.h"
#include "iceberg/json_writer.h"

namespace firn::iceberg {
namespace {

namespace json = boost::json;

constexpr int32_t kFormatVersionMax = 3;

Error invalid(std::string message) { return Error(ErrorCode::kInvalidData, std::move(message)); }

// v1 has one schema and one spec at the top; later versions have lists.
Status read_schemas(const json::object& object, TableMetadata& metadata) {
  if (const json::array* list = TRY(optional_array(object, "schemas"))) {
    for (const json::value& item : *list) {
      metadata.schemas.push_back(TRY(schema_from_json(item)));
    }
    metadata.current_schema_id = TRY(json_int32(object, "current-schema-id"));
  } else {
    metadata.schemas.push_back(TRY(schema_from_json(*TRY(json_member(object, "schema")))));
    metadata.current_schema_id = metadata.schemas[0].schema_id;
  }
  if (metadata.schema_by_id(metadata.current_schema_id) == nullptr) {
    return invalid("the current schema is not among the schemas");
  }
  return {};
}

Status read_specs(const json::object& object, TableMetadata& metadata) {
  if (const json::array* list = TRY(optional_array(object, "partition-specs"))) {
    for (const json::value& item : *list) {
      metadata.partition_specs.push_back(TRY(spec_from_json(item)));
    }
    metadata.default_spec_id = TRY(json_int32(object, "default-spec-id"));
  } else {
    metadata.partition_specs.push_back(
        TRY(spec_fields_from_json(*TRY(json_member(object, "partition-spec")), 0)));
    metadata.default_spec_id = 0;
  }
  if (metadata.spec_by_id(metadata.default_spec_id) == nullptr) {
    return invalid("the default partition spec is not among the specs");
  }
  int32_t last = 999;
  for (const PartitionSpec& spec : metadata.partition_specs) {
    for (const PartitionField& field : spec.fields) last = std::max(last, field.field_id);
  }
  metadata.last_partition_id = TRY(optional_int32(object, "last-partition-id")).value_or(last);
  return {};
}

Status read_sort_orders(const json::object& object, TableMetadata& metadata) {
  const json::array* list = TRY(optional_array(object, "sort-orders"));
  if (list == nullptr) {
    metadata.sort_orders.push_back(SortOrder{});
    return {};
  }
  for (const json::value& item : *list) {
    metadata.sort_orders.push_back(TRY(sort_order_from_json(item)));
  }
  metadata.default_sort_order_id = TRY(json_int32(object, "default-sort-order-id"));
  const bool found = std::any_of(
      metadata.sort_orders.begin(), metadata.sort_orders.end(),
      [&](const SortOrder& order) { return order.order_id == metadata.default_sort_order_id; });
  if (!found) return invalid("the default sort order is not among the sort orders");
  return {};
}

Status read_snapshots(const json::object& object, TableMetadata& metadata) {
  std::unordered_set<int64_t> known;
  if (const json::array* list = TRY(optional_array(object, "snapshots"))) {
    metadata.snapshots.reserve(list->size());
    for (const json::value& item : *list) {
      metadata.snapshots.push_back(TRY(snapshot_from_json(item)));
      if (!known.insert(metadata.snapshots.back().snapshot_id).second) {
        return invalid("two snapshots have the same id");
      }
    }
  }
  const auto current = TRY(optional_int64(object, "current-snapshot-id"));
  if (current && *current != -1) metadata.current_snapshot_id = *current;
  if (metadata.current_snapshot_id && !known.contains(*metadata.current_snapshot_id)) {
    return invalid("the current snapshot is not among the snapshots");
  }
  if (const json::value* refs = json_find(object, "refs")) {
    for (const auto& [name, value] : *TRY(json_object(*refs, "refs"))) {
      SnapshotRef ref = TRY(ref_from_json(*TRY(json_object(value, "ref"))));
      if (!known.contains(ref.snapshot_id)) {
        return invalid("a branch or tag names a snapshot that is not there");
      }
      metadata.refs.emplace(std::string(name), ref);
    }
  }
  if (metadata.current_snapshot_id) {
    // Tables from before refs were written have only the current snapshot.
    SnapshotRef main;
    main.snapshot_id = *metadata.current_snapshot_id;
    const auto [ref, added] = metadata.refs.try_emplace("main", main);
    if (!added && ref->second.snapshot_id != main.snapshot_id) {
      return invalid("branch main is not at the current snapshot");
    }
  }
  return {};
}

Status read_logs(const json::object& object, TableMetadata& metadata) {
  if (const json::array* list = TRY(optional_array(object, "snapshot-log"))) {
    for (const json::value& item : *list) {
      const json::object& entry = *TRY(json_object(item, "snapshot-log"));
      metadata.snapshot_log.push_back(
          {TRY(json_int64(entry, "timestamp-ms")), TRY(json_int64(entry, "snapshot-id"))});
    }
  }
  if (const json::array* list = TRY(optional_array(object, "metadata-log"))) {
    for (const json::value& item : *list) {
      const json::object& entry = *TRY(json_object(item, "metadata-log"));
      metadata.metadata_log.push_back(
          {TRY(json_int64(entry, "timestamp-ms")), TRY(json_string(entry, "metadata-file"))});
    }
  }
  return {};
}

Status read_statistics(const json::object& object, std::string_view name,
                       std::map<int64_t, std::string>& into) {
  const json::array* list = TRY(optional_array(object, name));
  if (list == nullptr) return {};
  for (const json::value& item : *list) {
    const int64_t id = TRY(json_int64(*TRY(json_object(item, name)), "snapshot-id"));
    into[id] = json::serialize(item);
  }
  return {};
}

Status read_encryption_keys(const json::object& object, TableMetadata& metadata) {
  const json::array* list = TRY(optional_array(object, "encryption-keys"));
  if (list == nullptr) return {};
  for (const json::value& item : *list) {
    const std::string id = TRY(json_string(*TRY(json_object(item, "encryption-keys")), "key-id"));
    metadata.encryption_keys[id] = json::serialize(item);
  }
  return {};
}

void write_statistics(JsonWriter& writer, std::string_view name,
                      const std::map<int64_t, std::string>& statistics) {
  writer.key(name);
  writer.begin_array();
  for (const auto& [id, text] : statistics) writer.raw(text);
  writer.end_array();
}

void write_schemas_and_specs(JsonWriter& writer, const TableMetadata& metadata) {
  writer.field("current-schema-id", metadata.current_schema_id);
  writer.key("schemas");
  writer.begin_array();
  for (const Schema& schema : metadata.schemas) write_schema(writer, schema);
  writer.end_array();
  if (metadata.format_version == 1) {
    writer.key("schema");
    write_schema(writer, metadata.schema());
    writer.key("partition-spec");
    write_spec_fields(writer, metadata.spec());
  }
  writer.field("default-spec-id", metadata.default_spec_id);
  writer.key("partition-specs");
  writer.begin_array();
  for (const PartitionSpec& spec : metadata.partition_specs) write_spec(writer, spec);
  writer.end_array();
  writer.field("last-partition-id", metadata.last_partition_id);
  writer.field("default-sort-order-id", metadata.default_sort_order_id);
  writer.key("sort-orders");
  writer.begin_array();
  for (const SortOrder& order : metadata.sort_orders) write_sort_order(writer, order);
  writer.end_array();
}

void write_logs(JsonWriter& writer, const TableMetadata& metadata) {
  writer.key("snapshot-log");
  writer.begin_array();
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    writer.begin_object();
    writer.field("timestamp-ms", entry.timestamp_ms);
    writer.field("snapshot-id", entry.snapshot_id);
    writer.end_object();
  }
  writer.end_array();
  writer.key("metadata-log");
  writer.begin_array();
  for (const MetadataLogEntry& entry : metadata.metadata_log) {
    writer.begin_object();
    writer.field("timestamp-ms", entry.timestamp_ms);
    writer.field("metadata-file", entry.metadata_file);
    writer.end_object();
  }
  writer.end_array();
}

enum class SnapshotsWanted { kAll, kReferenced };

std::string metadata_text(const TableMetadata& metadata, SnapshotsWanted wanted) {
  std::string text;
  text.reserve(4096 + metadata.snapshots.size() * 1024);
  JsonWriter writer(text);
  writer.begin_object();
  writer.field("format-version", metadata.format_version);
  writer.field("table-uuid", metadata.table_uuid.to_string());
  writer.field("location", metadata.location);
  if (metadata.format_version >= 2) {
    writer.field("last-sequence-number", metadata.last_sequence_number);
  }
  writer.field("last-updated-ms", metadata.last_updated_ms);
  writer.field("last-column-id", metadata.last_column_id);
  write_schemas_and_specs(writer, metadata);
  writer.key("properties");
  write_properties(writer, metadata.properties);
  // Older readers want a number; the spec's null came later.
  writer.field("current-snapshot-id", metadata.current_snapshot_id.value_or(-1));
  if (metadata.format_version >= 3) {
    writer.field("next-row-id", metadata.next_row_id.value_or(0));
    if (!metadata.encryption_keys.empty()) {
      writer.key("encryption-keys");
      writer.begin_array();
      for (const auto& [id, key] : metadata.encryption_keys) writer.raw(key);
      writer.end_array();
    }
  }
  writer.key("refs");
  writer.begin_object();
  std::unordered_set<int64_t> referenced;
  for (const auto& [name, ref] : metadata.refs) {
    referenced.insert(ref.snapshot_id);
    writer.key(name);
    write_ref(writer, ref);
  }
  writer.end_object();
  writer.key("snapshots");
  writer.begin_array();
  for (const Snapshot& snapshot : metadata.snapshots) {
    if (wanted == SnapshotsWanted::kReferenced && !referenced.contains(snapshot.snapshot_id)) {
      continue;
    }
    write_snapshot(writer, snapshot, metadata.format_version);
  }
  writer.end_array();
  write_statistics(writer, "statistics", metadata.statistics);
  write_statistics(writer, "partition-statistics", metadata.partition_statistics);
  write_logs(writer, metadata);
  writer.end_object();
  return text;
}

}  // namespace

Result<Snapshot> snapshot_from_json(const json::value& value) {
  const json::object& object = *TRY(json_object(value, "snapshot"));
  Snapshot snapshot;
  snapshot.snapshot_id = TRY(json_int64(object, "snapshot-id"));
  snapshot.parent_snapshot_id = TRY(optional_int64(object, "parent-snapshot-id"));
  snapshot.sequence_number = TRY(optional_int64(object, "sequence-number")).value_or(0);
  snapshot.timestamp_ms = TRY(json_int64(object, "timestamp-ms"));
  snapshot.manifest_list = TRY(optional_string(object, "manifest-list")).value_or("");
  if (const json::value* manifests = json_find(object, "manifests")) {
    snapshot.manifests = TRY(json_string_list(*manifests, "manifests"));
  }
  snapshot.summary = TRY(json_properties(object, "summary"));
  snapshot.schema_id = TRY(optional_int32(object, "schema-id"));
  snapshot.first_row_id = TRY(optional_int64(object, "first-row-id"));
  snapshot.added_rows = TRY(optional_int64(object, "added-rows"));
  return snapshot;
}

void write_snapshot(JsonWriter& writer, const Snapshot& snapshot, int32_t format_version) {
  writer.begin_object();
  if (format_version >= 2) writer.field("sequence-number", snapshot.sequence_number);
  writer.field("snapshot-id", snapshot.snapshot_id);
  if (snapshot.parent_snapshot_id) {
    writer.field("parent-snapshot-id", *snapshot.parent_snapshot_id);
  }
  writer.field("timestamp-ms", snapshot.timestamp_ms);
  if (!snapshot.summary.empty()) {
    writer.key("summary");
    write_properties(writer, snapshot.summary);
  }
  if (!snapshot.manifest_list.empty()) {
    writer.field("manifest-list", snapshot.manifest_list);
  } else {
    writer.key("manifests");
    writer.begin_array();
    for (const std::string& path : snapshot.manifests) writer.string(path);
    writer.end_array();
  }
  if (snapshot.schema_id) writer.field("schema-id", *snapshot.schema_id);
  if (snapshot.first_row_id) writer.field("first-row-id", *snapshot.first_row_id);
  if (snapshot.added_rows) writer.field("added-rows", *snapshot.added_rows);
  writer.end_object();
}

Result<SnapshotRef> ref_from_json(const json::object& object) {
  SnapshotRef ref;
  ref.snapshot_id = TRY(json_int64(object, "snapshot-id"));
  const std::string type = TRY(json_string(object, "type"));
  if (type != "branch" && type != "tag") {
    return Error(ErrorCode::kInvalidData, "a ref's type has to be branch or tag");
  }
  ref.is_branch = type == "branch";
  ref.min_snapshots_to_keep = TRY(optional_int32(object, "min-snapshots-to-keep"));
  ref.max_snapshot_age_ms = TRY(optional_int64(object, "max-snapshot-age-ms"));
  ref.max_ref_age_ms = TRY(optional_int64(object, "max-ref-age-ms"));
  return ref;
}

void write_ref(JsonWriter& writer, const SnapshotRef& ref) {
  writer.begin_object();
  writer.field("snapshot-id", ref.snapshot_id);
  writer.field("type", ref.is_branch ? "branch" : "tag");
  if (ref.min_snapshots_to_keep) writer.field("min-snapshots-to-keep", *ref.min_snapshots_to_keep);
  if (ref.max_snapshot_age_ms) writer.field("max-snapshot-age-ms", *ref.max_snapshot_age_ms);
  if (ref.max_ref_age_ms) writer.field("max-ref-age-ms", *ref.max_ref_age_ms);
  writer.end_object();
}

void write_properties(JsonWriter& writer, const Properties& properties) {
  writer.begin_object();
  for (const auto& [name, value] : properties) writer.field(name, value);
  writer.end_object();
}

Result<TableMetadata> parse_table_metadata(std::string_view text) {
  const json::value root = TRY(parse_json(text));
  const json::object& object = *TRY(json_object(root, "table metadata"));
  TableMetadata metadata;
  metadata.format_version = TRY(json_int32(object, "format-version"));
  if (metadata.format_version < 1 || metadata.format_version > kFormatVersionMax) {
    return invalid("unsupported table format version " + std::to_string(metadata.format_version));
  }
  if (const auto uuid = TRY(optional_string(object, "table-uuid"))) {
    metadata.table_uuid = TRY(Uuid::parse(*uuid));
  } else if (metadata.format_version >= 2) {
    return invalid("Cannot parse missing field: table-uuid");
  }
  metadata.location = TRY(json_string(object, "location"));
  if (metadata.format_version >= 2) {
    metadata.last_sequence_number = TRY(json_int64(object, "last-sequence-number"));
  }
  metadata.last_updated_ms = TRY(json_int64(object, "last-updated-ms"));
  metadata.last_column_id = TRY(json_int32(object, "last-column-id"));
  TRY(read_schemas(object, metadata));
  TRY(read_specs(object, metadata));
  TRY(read_sort_orders(object, metadata));
  metadata.properties = TRY(json_properties(object, "properties"));
  TRY(read_snapshots(object, metadata));
  TRY(read_logs(object, metadata));
  TRY(read_statistics(object, "statistics", metadata.statistics));
  TRY(read_statistics(object, "partition-statistics", metadata.partition_statistics));
  if (metadata.format_version >= 3) {
    metadata.next_row_id = TRY(json_int64(object, "next-row-id"));
    TRY(read_encryption_keys(object, metadata));
  }
  return metadata;
}

std::string table_metadata_to_json(const TableMetadata& metadata) {
  return metadata_text(metadata, SnapshotsWanted::kAll);
}

std::string table_metadata_to_json_refs_only(const TableMetadata& metadata) {
  return metadata_text(metadata, SnapshotsWanted::kReferenced);
}

}  // namespace firn::iceberg
