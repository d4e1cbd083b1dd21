#include "query/scan_planning.h"

#include <algorithm>
#include <map>

#include "query/pruning.h"

namespace firn::query {
namespace {

using iceberg::ManifestEntry;

// Reserved field id of "file_path" in position delete files.
constexpr int32_t kDeletePathId = 2147483546;

struct Delete {
  const ManifestEntry* entry = nullptr;
  int64_t sequence_number = 0;
  bool everywhere = false;  // applies to every partition
  int planned = -1;         // position in the plan, once it is used
};

bool is_parquet(const std::string& format) {
  return format.size() == 7 && std::equal(format.begin(), format.end(), "parquet",
                                          [](char a, char b) { return (a | 0x20) == b; });
}

Status check_readable(const iceberg::DataFile& file) {
  if (!is_parquet(file.file_format)) {
    return Error(ErrorCode::kUnsupported, "the table has files in the format " + file.file_format +
                                              ", which cannot be queried yet");
  }
  if (file.key_metadata && !file.key_metadata->empty()) {
    return Error(ErrorCode::kUnsupported, "the table's files are encrypted");
  }
  return {};
}

bool is_position_delete_elsewhere(const iceberg::DataFile& deletes, const std::string& data_path) {
  if (deletes.referenced_data_file) return *deletes.referenced_data_file != data_path;
  const auto lower = deletes.lower_bounds.find(kDeletePathId);
  const auto upper = deletes.upper_bounds.find(kDeletePathId);
  // The lower bound may be cut short, the upper one too, but then it is raised.
  if (lower != deletes.lower_bounds.end() && data_path < lower->second) return true;
  return upper != deletes.upper_bounds.end() && data_path > upper->second;
}

bool applies(const Delete& deletes, const ManifestEntry& data, int64_t data_sequence) {
  const auto& file = deletes.entry->data_file;
  const bool by_position = file.content == iceberg::FileContent::kPositionDeletes;
  // An equality delete leaves rows alone that were written with it.
  if (by_position ? data_sequence > deletes.sequence_number
                  : data_sequence >= deletes.sequence_number) {
    return false;
  }
  if (!deletes.everywhere &&
      (file.spec_id != data.data_file.spec_id || file.partition != data.data_file.partition)) {
    return false;
  }
  return !(by_position && is_position_delete_elsewhere(file, data.data_file.file_path));
}

Result<std::vector<Delete>> collect_deletes(const catalog::Catalog::SnapshotFiles& files,
                                            const iceberg::TableMetadata& metadata) {
  std::vector<Delete> deletes;
  for (const auto& manifest : files.delete_manifests) {
    for (const auto& entry : *manifest) {
      if (entry.status == iceberg::EntryStatus::kDeleted) continue;
      TRY(check_readable(entry.data_file));
      Delete found;
      found.entry = &entry;
      found.sequence_number = entry.sequence_number.value_or(0);
      const auto* spec = metadata.spec_by_id(entry.data_file.spec_id);
      found.everywhere = entry.data_file.content == iceberg::FileContent::kEqualityDeletes &&
                         (spec == nullptr || spec->is_unpartitioned());
      deletes.push_back(found);
    }
  }
  return deletes;
}

Status add_deletes(const ManifestEntry& data, std::vector<Delete>& deletes, PlannedFile& file,
                   ScanPlan& plan, const WorkerPath& path_of) {
  for (auto& candidate : deletes) {
    if (!applies(candidate, data, data.sequence_number.value_or(0))) continue;
    if (candidate.planned < 0) {
      const auto& found = candidate.entry->data_file;
      PlannedDelete planned;
      planned.content = found.content;
      planned.path = TRY(path_of(found));
      planned.size_bytes = found.file_size_in_bytes;
      planned.equality_ids = found.equality_ids;
      candidate.planned = static_cast<int>(plan.deletes.size());
      plan.deletes.push_back(std::move(planned));
    }
    file.deletes.push_back(static_cast<uint32_t>(candidate.planned));
  }
  return {};
}

}  // namespace

Result<ScanPlan> plan_files(const catalog::Catalog::SnapshotFiles& files,
                            const iceberg::TableMetadata& metadata, const iceberg::Schema& schema,
                            const std::vector<Conjunct>& conjuncts, const WorkerPath& path_of) {
  ScanPlan plan;
  if (const auto mapping = metadata.properties.find("schema.name-mapping.default");
      mapping != metadata.properties.end()) {
    plan.name_mapping = mapping->second;
  }
  auto deletes = TRY(collect_deletes(files, metadata));
  static const iceberg::PartitionSpec kNoSpec;
  for (const auto& manifest : files.data_manifests) {
    for (const auto& entry : *manifest) {
      if (entry.status == iceberg::EntryStatus::kDeleted) continue;
      ++plan.files_total;
      const auto& data = entry.data_file;
      const auto* spec = metadata.spec_by_id(data.spec_id);
      if (!may_match(data, spec == nullptr ? kNoSpec : *spec, schema, conjuncts)) continue;
      TRY(check_readable(data));
      PlannedFile file;
      file.path = TRY(path_of(data));
      file.location = data.file_path;
      file.size_bytes = data.file_size_in_bytes;
      file.record_count = data.record_count;
      TRY(add_deletes(entry, deletes, file, plan, path_of));
      plan.files.push_back(std::move(file));
    }
  }
  return plan;
}

}  // namespace firn::query
