#include <map>

#include "catalog/catalog_internal.h"
#include "iceberg/data_writer.h"
#include "platform/file.h"

namespace firn::catalog {
namespace {

template <typename K, typename V>
int64_t weight_of(const std::map<K, V>& map) {
  constexpr int64_t kNodeBytes = 64;
  return static_cast<int64_t>(map.size()) * kNodeBytes;
}

// Roughly what an entry takes in memory.
int64_t weight_of(const iceberg::ManifestEntry& entry) {
  const iceberg::DataFile& file = entry.data_file;
  return static_cast<int64_t>(sizeof entry + file.file_path.size() +
                              file.partition.size() * sizeof(iceberg::Value)) +
         weight_of(file.column_sizes) + weight_of(file.value_counts) +
         weight_of(file.null_value_counts) + weight_of(file.nan_value_counts) +
         2 * weight_of(file.lower_bounds) + 2 * weight_of(file.upper_bounds);
}

Error manifest_gone(const std::string& path) {
  return Error(ErrorCode::kNotFound, "Failed to open input stream for file: " + path);
}

}  // namespace

void Catalog::Impl::remember_entries(const std::string& path, EntriesPtr entries) {
  int64_t weight = 0;
  for (const auto& entry : *entries) weight += weight_of(entry);
  entries_cache.put(path, std::move(entries), weight);
}

void Catalog::Impl::remember_manifests(const std::string& path, ManifestsPtr manifests) {
  constexpr size_t kManifestBytes = sizeof(iceberg::ManifestFile) + 200;
  const auto weight = static_cast<int64_t>(manifests->size() * kManifestBytes);
  manifests_cache.put(path, std::move(manifests), weight);
}

Result<ManifestsPtr> Catalog::Impl::manifests_of(const iceberg::TableMetadata& metadata,
                                                 const iceberg::Snapshot& snapshot) {
  if (snapshot.manifest_list.empty()) {
    // Version 1 without a list: nothing is known of the manifests but their paths.
    auto manifests = std::make_shared<std::vector<iceberg::ManifestFile>>();
    for (const std::string& path : snapshot.manifests) {
      iceberg::ManifestFile manifest;
      manifest.manifest_path = path;
      manifest.partition_spec_id = metadata.default_spec_id;
      manifest.added_snapshot_id = snapshot.snapshot_id;
      manifest.added_files_count = 1;
      manifests->push_back(std::move(manifest));
    }
    return ManifestsPtr(std::move(manifests));
  }
  TRY(check_file(metadata, snapshot.manifest_list));
  if (ManifestsPtr known = manifests_cache.get(snapshot.manifest_list)) return known;
  const std::string path = TRY(iceberg::local_path_of(snapshot.manifest_list));
  const auto bytes = files.read_file(path);
  if (!bytes.ok() && bytes.error().code() == ErrorCode::kNotFound) {
    return manifest_gone(snapshot.manifest_list);
  }
  auto manifests = std::make_shared<const std::vector<iceberg::ManifestFile>>(
      TRY(iceberg::read_manifest_list(TRY(bytes))));
  remember_manifests(snapshot.manifest_list, manifests);
  return ManifestsPtr(std::move(manifests));
}

Result<EntriesPtr> Catalog::Impl::entries_of(const iceberg::TableMetadata& metadata,
                                             const iceberg::ManifestFile& manifest) {
  TRY(check_file(metadata, manifest.manifest_path));
  if (EntriesPtr known = entries_cache.get(manifest.manifest_path)) return known;
  const iceberg::PartitionSpec* spec = metadata.spec_by_id(manifest.partition_spec_id);
  if (spec == nullptr) {
    return Error(ErrorCode::kInvalidData, "a manifest names an unknown partition spec");
  }
  const std::string path = TRY(iceberg::local_path_of(manifest.manifest_path));
  const auto bytes = files.read_file(path);
  if (!bytes.ok() && bytes.error().code() == ErrorCode::kNotFound) {
    return manifest_gone(manifest.manifest_path);
  }
  // A partition's source may be gone from the current schema but not from an older one.
  const iceberg::Schema* schema = &metadata.schema();
  for (const iceberg::PartitionField& field : spec->fields) {
    if (schema->find(field.source_id) != nullptr) continue;
    for (const iceberg::Schema& older : metadata.schemas) {
      if (older.find(field.source_id) != nullptr) schema = &older;
    }
  }
  auto entries = TRY(iceberg::read_manifest(TRY(bytes), manifest, *spec, *schema));
  std::erase_if(entries, [](const iceberg::ManifestEntry& entry) {
    return entry.status == iceberg::EntryStatus::kDeleted;
  });
  for (const auto& entry : entries) TRY(check_file(metadata, entry.data_file.file_path));
  auto shared = std::make_shared<const std::vector<iceberg::ManifestEntry>>(std::move(entries));
  remember_entries(manifest.manifest_path, shared);
  return EntriesPtr(std::move(shared));
}

Result<std::shared_ptr<const Catalog::SnapshotFiles>> Catalog::snapshot_files(const Table& table,
                                                                              int64_t snapshot_id) {
  const iceberg::TableMetadata& metadata = *table.metadata;
  const std::string key = metadata.table_uuid.to_string() + std::to_string(snapshot_id);
  if (auto known = impl_->snapshot_cache.get(key)) return known;
  const iceberg::Snapshot* snapshot = metadata.snapshot_by_id(snapshot_id);
  if (snapshot == nullptr) {
    return Error(ErrorCode::kNotFound, "table " + table.ident.to_string() + " has no snapshot " +
                                           std::to_string(snapshot_id));
  }
  auto found = std::make_shared<SnapshotFiles>();
  for (const iceberg::ManifestFile& manifest : *TRY(impl_->manifests_of(metadata, *snapshot))) {
    if (manifest.added_files_count == 0 && manifest.existing_files_count == 0) continue;
    EntriesPtr entries = TRY(impl_->entries_of(metadata, manifest));
    if (manifest.content == iceberg::ManifestContent::kDeletes) {
      found->delete_manifests.push_back(std::move(entries));
    } else {
      found->data_manifests.push_back(std::move(entries));
      found->data_manifest_files.push_back(manifest);
    }
  }
  impl_->snapshot_cache.put(key, found, 1);
  return std::shared_ptr<const SnapshotFiles>(std::move(found));
}

}  // namespace firn::catalog
