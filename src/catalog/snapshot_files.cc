#include "catalog/catalog_internal.h"
#include "iceberg/data_writer.h"
#include "platform/file.h"

namespace firn::catalog {
namespace {

ReadFile reader_of(platform::FileSystem& files) {
  return [&files](const std::string& location, int64_t) -> Result<std::string> {
    auto bytes = files.read_file(TRY(iceberg::local_path_of(location)));
    if (bytes.ok() || bytes.error().code() != ErrorCode::kNotFound) return bytes;
    return Error(ErrorCode::kNotFound, "Failed to open input stream for file: " + location);
  };
}

}  // namespace

void Catalog::Impl::remember_entries(const std::string& path, EntriesPtr entries) {
  const int64_t weight = weight_of(*entries);
  entries_cache.put(path, std::move(entries), weight);
}

void Catalog::Impl::remember_manifests(const std::string& path, ManifestsPtr manifests) {
  const int64_t weight = weight_of(*manifests);
  manifests_cache.put(path, std::move(manifests), weight);
}

Result<ManifestsPtr> Catalog::Impl::manifests_of(const iceberg::TableMetadata& metadata,
                                                 const iceberg::Snapshot& snapshot) {
  const bool listed = !snapshot.manifest_list.empty();
  if (listed) {
    TRY(check_file(metadata, snapshot.manifest_list));
    if (ManifestsPtr known = manifests_cache.get(snapshot.manifest_list)) return known;
  }
  auto manifests = std::make_shared<const std::vector<iceberg::ManifestFile>>(
      TRY(read_manifests(metadata, snapshot, reader_of(files))));
  if (listed) remember_manifests(snapshot.manifest_list, manifests);
  return ManifestsPtr(std::move(manifests));
}

Result<EntriesPtr> Catalog::Impl::entries_of(const iceberg::TableMetadata& metadata,
                                             const iceberg::ManifestFile& manifest) {
  TRY(check_file(metadata, manifest.manifest_path));
  if (EntriesPtr known = entries_cache.get(manifest.manifest_path)) return known;
  auto entries = TRY(read_entries(metadata, manifest, reader_of(files)));
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
  const auto manifests = TRY(impl_->manifests_of(metadata, *snapshot));
  auto found = TRY(gather_files(*manifests, [&](const iceberg::ManifestFile& manifest) {
    return impl_->entries_of(metadata, manifest);
  }));
  impl_->snapshot_cache.put(key, found, 1);
  return found;
}

}  // namespace firn::catalog
