#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/partition.h"
#include "iceberg/types.h"

namespace firn::iceberg {

enum class FileContent : int32_t { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };
enum class ManifestContent : int32_t { kData = 0, kDeletes = 1 };
enum class EntryStatus : int32_t { kExisting = 0, kAdded = 1, kDeleted = 2 };

// Spec, "Data File Fields". Maps are by field id.
struct DataFile {
  FileContent content = FileContent::kData;
  std::string file_path;  // as written: a URI or a path
  std::string file_format = "PARQUET";
  int32_t spec_id = 0;           // of the manifest that lists it
  std::vector<Value> partition;  // one per field of the spec
  int64_t record_count = 0;
  int64_t file_size_in_bytes = 0;
  std::map<int32_t, int64_t> column_sizes;
  std::map<int32_t, int64_t> value_counts;
  std::map<int32_t, int64_t> null_value_counts;
  std::map<int32_t, int64_t> nan_value_counts;
  std::map<int32_t, std::string> lower_bounds;  // serialize_value's bytes
  std::map<int32_t, std::string> upper_bounds;
  std::optional<std::string> key_metadata;
  std::vector<int64_t> split_offsets;  // empty is written as null
  std::vector<int32_t> equality_ids;
  std::optional<int32_t> sort_order_id;
  std::optional<int64_t> first_row_id;              // v3
  std::optional<std::string> referenced_data_file;  // position deletes
  std::optional<int64_t> content_offset;            // v3 deletion vectors
  std::optional<int64_t> content_size_in_bytes;
};

struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  // Null only where inheritance (spec, "Sequence Number Inheritance") applies and was not yet done.
  std::optional<int64_t> snapshot_id;
  std::optional<int64_t> sequence_number;
  std::optional<int64_t> file_sequence_number;
  DataFile data_file;
};

struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower_bound;
  std::optional<std::string> upper_bound;
};

// An entry of a manifest list.
struct ManifestFile {
  std::string manifest_path;
  int64_t manifest_length = 0;
  int32_t partition_spec_id = 0;
  ManifestContent content = ManifestContent::kData;
  int64_t sequence_number = 0;
  int64_t min_sequence_number = 0;
  int64_t added_snapshot_id = 0;
  int32_t added_files_count = 0;
  int32_t existing_files_count = 0;
  int32_t deleted_files_count = 0;
  int64_t added_rows_count = 0;
  int64_t existing_rows_count = 0;
  int64_t deleted_rows_count = 0;
  std::vector<FieldSummary> partitions;
  std::optional<std::string> key_metadata;
  std::optional<int64_t> first_row_id;
};

// Avro bytes in and out; hostile bytes give InvalidData. Writers follow format_version 1, 2 or 3's
// layout (1 is only read). Reading applies inheritance from `from`.
struct ManifestWriteOptions {
  int32_t format_version = 2;
  ManifestContent content = ManifestContent::kData;
  std::string codec = "deflate";  // null, deflate, zstandard
};
Result<std::string> write_manifest(const std::vector<ManifestEntry>& entries, const Schema& schema,
                                   const PartitionSpec& spec, const ManifestWriteOptions& options);
Result<std::vector<ManifestEntry>> read_manifest(std::string_view bytes, const ManifestFile& from,
                                                 const PartitionSpec& spec, const Schema& schema);

struct ManifestListHeader {
  int64_t snapshot_id = 0;
  std::optional<int64_t> parent_snapshot_id;
  int64_t sequence_number = 0;
  int32_t format_version = 2;
  std::optional<int64_t> first_row_id;  // v3
};
Result<std::string> write_manifest_list(const std::vector<ManifestFile>& manifests,
                                        const ManifestListHeader& header);
Result<std::vector<ManifestFile>> read_manifest_list(std::string_view bytes);

// Counts, rows and partition bounds of `entries`, for the manifest that holds them; the caller adds
// path, length and sequence numbers.
ManifestFile summarize_manifest(const std::vector<ManifestEntry>& entries,
                                const PartitionSpec& spec, const Schema& schema);

}  // namespace firn::iceberg
