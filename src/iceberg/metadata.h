#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "iceberg/partition.h"
#include "iceberg/types.h"

namespace firn::iceberg {

using Properties = std::map<std::string, std::string>;

struct Snapshot {
  int64_t snapshot_id = 0;
  std::optional<int64_t> parent_snapshot_id;
  int64_t sequence_number = 0;
  int64_t timestamp_ms = 0;
  std::string manifest_list;           // location
  std::vector<std::string> manifests;  // v1 tables without a manifest list
  Properties summary;                  // with "operation"
  std::optional<int32_t> schema_id;
  std::optional<int64_t> first_row_id;  // v3
  std::optional<int64_t> added_rows;
};

struct SnapshotRef {
  int64_t snapshot_id = 0;
  bool is_branch = true;  // else a tag
  std::optional<int32_t> min_snapshots_to_keep;
  std::optional<int64_t> max_snapshot_age_ms;
  std::optional<int64_t> max_ref_age_ms;
};

struct SnapshotLogEntry {
  int64_t timestamp_ms = 0;
  int64_t snapshot_id = 0;
};
struct MetadataLogEntry {
  int64_t timestamp_ms = 0;
  std::string metadata_file;
};

// Spec, "Table Metadata". Immutable when shared.
struct TableMetadata {
  int32_t format_version = 2;
  Uuid table_uuid;
  std::string location;
  int64_t last_sequence_number = 0;
  int64_t last_updated_ms = 0;
  int32_t last_column_id = 0;
  std::vector<Schema> schemas;
  int32_t current_schema_id = 0;
  std::vector<PartitionSpec> partition_specs;
  int32_t default_spec_id = 0;
  int32_t last_partition_id = 999;
  std::vector<SortOrder> sort_orders;
  int32_t default_sort_order_id = 0;
  Properties properties;
  std::optional<int64_t> current_snapshot_id;  // none: the table is empty
  std::vector<Snapshot> snapshots;
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::map<std::string, SnapshotRef> refs;
  // Statistics files as JSON texts by snapshot id: carried, not looked into.
  std::map<int64_t, std::string> statistics;
  std::map<int64_t, std::string> partition_statistics;
  std::map<std::string, std::string> encryption_keys;  // v3, JSON texts by key id: carried
  std::optional<int64_t> next_row_id;                  // v3

  const Schema& schema() const;       // the current one
  const PartitionSpec& spec() const;  // the default one
  const Schema* schema_by_id(int32_t id) const;
  const PartitionSpec* spec_by_id(int32_t id) const;
  const Snapshot* snapshot_by_id(int64_t id) const;
  const Snapshot* current_snapshot() const;
  // The snapshot that was current at this time, by the snapshot log; null before the first.
  const Snapshot* snapshot_as_of(int64_t timestamp_ms) const;
  // The current snapshot, its parent, and so on, newest first; ends where one has expired.
  std::vector<const Snapshot*> ancestry() const;
  // The snapshot of a branch or tag; null where there is none.
  const Snapshot* snapshot_of_ref(std::string_view name) const;
};

// Errors: InvalidData for anything that is not table metadata, however malformed.
Result<TableMetadata> parse_table_metadata(std::string_view json);
std::string table_metadata_to_json(const TableMetadata& metadata);
// The schema object of the spec's appendix C.
std::string schema_to_json(const Schema& schema);
Result<Schema> parse_schema(std::string_view json);

}  // namespace firn::iceberg
