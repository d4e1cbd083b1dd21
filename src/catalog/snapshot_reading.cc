#include "catalog/snapshot_reading.h"

#include <map>

namespace firn::catalog {
namespace {

template <typename K, typename V>
int64_t weight_of_map(const std::map<K, V>& map) {
  constexpr int64_t kNodeBytes = 64;
  return static_cast<int64_t>(map.size()) * kNodeBytes;
}

}  // namespace

const iceberg::Schema& schema_of(const iceberg::TableMetadata& metadata,
                                 const iceberg::PartitionSpec& spec) {
  const iceberg::Schema* schema = &metadata.schema();
  for (const iceberg::PartitionField& field : spec.fields) {
    if (schema->find(field.source_id) != nullptr) continue;
    for (const iceberg::Schema& older : metadata.schemas) {
      if (older.find(field.source_id) != nullptr) schema = &older;
    }
  }
  return *schema;
}

Result<std::vector<iceberg::ManifestFile>> read_manifests(const iceberg::TableMetadata& metadata,
                                                          const iceberg::Snapshot& snapshot,
                                                          const ReadFile& read) {
  if (!snapshot.manifest_list.empty()) {
    return iceberg::read_manifest_list(TRY(read(snapshot.manifest_list, 0)));
  }
  std::vector<iceberg::ManifestFile> manifests;
  for (const std::string& path : snapshot.manifests) {
    iceberg::ManifestFile manifest;
    manifest.manifest_path = path;
    manifest.partition_spec_id = metadata.default_spec_id;
    manifest.added_snapshot_id = snapshot.snapshot_id;
    manifest.added_files_count = 1;
    manifests.push_back(std::move(manifest));
  }
  return manifests;
}

Result<std::vector<iceberg::ManifestEntry>> read_entries(const iceberg::TableMetadata& metadata,
                                                         const iceberg::ManifestFile& manifest,
                                                         const ReadFile& read) {
  const iceberg::PartitionSpec* spec = metadata.spec_by_id(manifest.partition_spec_id);
  if (spec == nullptr) {
    return Error(ErrorCode::kInvalidData, "a manifest names an unknown partition spec");
  }
  const std::string bytes = TRY(read(manifest.manifest_path, manifest.manifest_length));
  auto entries = TRY(iceberg::read_manifest(bytes, manifest, *spec, schema_of(metadata, *spec)));
  std::erase_if(entries, [](const iceberg::ManifestEntry& entry) {
    return entry.status == iceberg::EntryStatus::kDeleted;
  });
  return entries;
}

Result<std::shared_ptr<const Catalog::SnapshotFiles>> gather_files(
    const std::vector<iceberg::ManifestFile>& manifests,
    const std::function<Result<EntriesPtr>(const iceberg::ManifestFile&)>& entries_of) {
  auto found = std::make_shared<Catalog::SnapshotFiles>();
  for (const iceberg::ManifestFile& manifest : manifests) {
    if (manifest.added_files_count == 0 && manifest.existing_files_count == 0) continue;
    EntriesPtr entries = TRY(entries_of(manifest));
    if (manifest.content == iceberg::ManifestContent::kDeletes) {
      found->delete_manifests.push_back(std::move(entries));
    } else {
      found->data_manifests.push_back(std::move(entries));
      found->data_manifest_files.push_back(manifest);
    }
  }
  return std::shared_ptr<const Catalog::SnapshotFiles>(std::move(found));
}

int64_t weight_of(const std::vector<iceberg::ManifestEntry>& entries) {
  int64_t weight = 0;
  for (const auto& entry : entries) {
    const iceberg::DataFile& file = entry.data_file;
    weight += static_cast<int64_t>(sizeof entry + file.file_path.size() +
                                   file.partition.size() * sizeof(iceberg::Value)) +
              weight_of_map(file.column_sizes) + weight_of_map(file.value_counts) +
              weight_of_map(file.null_value_counts) + weight_of_map(file.nan_value_counts) +
              2 * weight_of_map(file.lower_bounds) + 2 * weight_of_map(file.upper_bounds);
  }
  return weight;
}

int64_t weight_of(const std::vector<iceberg::ManifestFile>& manifests) {
  constexpr size_t kManifestBytes = sizeof(iceberg::ManifestFile) + 200;
  return static_cast<int64_t>(manifests.size() * kManifestBytes);
}

}  // namespace firn::catalog
