#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/listeners.h"
#include "catalog/catalog.h"
#include "catalog/lru_cache.h"
#include "catalog/pointers.h"
#include "catalog/snapshot_reading.h"
#include "platform/file.h"

namespace firn::catalog {

// A table's metadata as a commit wants it, on the way to its file and pointer.
struct PendingCommit {
  TableIdent ident;
  TablePtr base;  // null: the table is new
  iceberg::TableMetadata metadata;
};

struct Catalog::Impl {
  Impl(const CatalogOptions& options, store::Database& database, platform::FileSystem& files,
       platform::Clock& clock, platform::Random& random);

  // --- current metadata ---
  Result<TablePtr> load(const TableIdent& ident);
  TablePtr cached(const TableIdent& ident);
  void remember(const TablePtr& table);
  void forget(const TableIdent& ident);
  // Commits to one table wait for each other, so that a swap is lost only to somebody outside.
  std::vector<std::unique_lock<std::mutex>> lock_tables(std::vector<TableIdent> idents);

  // --- writing ---
  std::string new_location(const TableIdent& ident);
  // file:///WAREHOUSE/CATALOG
  std::string root_of(const std::string& catalog) const;
  // Errors: InvalidArgument for a location outside the catalog's folder.
  Status check_location(const std::string& catalog, const std::string& location);
  // Errors: InvalidData where a table names a file outside the folder of its catalog, which another
  // organization's tables could lie in.
  Status check_file(const iceberg::TableMetadata& metadata, const std::string& path) const;
  // Makes LOCATION/metadata and LOCATION/data, durable.
  Status make_table_directories(const std::string& location);
  // A new file; neither it nor its directory is synced.
  Result<std::unique_ptr<platform::File>> write_new(const std::string& path,
                                                    std::string_view bytes);
  // Makes files and directories durable, all at once: a journalling file system then commits once
  // for all of them, where one after the other it would once for each.
  Status sync_all(const std::vector<std::unique_ptr<platform::File>>& new_files,
                  const std::set<std::string>& directories);
  // Writes the metadata files, syncs them and `unsynced` (which lie in the same directories and
  // are dropped once they are durable), and swaps the pointers, all or none. On CommitConflict and
  // every other definite failure none of the metadata files is left behind.
  Result<std::vector<TablePtr>> publish(
      std::vector<PendingCommit> commits,
      std::vector<std::unique_ptr<platform::File>>* unsynced = nullptr);
  void remove_files(const std::vector<std::string>& paths);
  void remove_old_metadata(const iceberg::TableMetadata& before,
                           const iceberg::TableMetadata& after);

  // --- snapshots ---
  Result<ManifestsPtr> manifests_of(const iceberg::TableMetadata& metadata,
                                    const iceberg::Snapshot& snapshot);
  // Live entries only.
  Result<EntriesPtr> entries_of(const iceberg::TableMetadata& metadata,
                                const iceberg::ManifestFile& manifest);
  void remember_entries(const std::string& path, EntriesPtr entries);
  void remember_manifests(const std::string& path, ManifestsPtr manifests);

  const CatalogOptions options;
  platform::FileSystem& files;
  platform::Clock& clock;
  platform::Random& random;
  PointerStore pointers;

  Listeners<TablePtr, Uuid> listeners;  // by table

  std::mutex tables_mutex;
  std::map<TableIdent, TablePtr> tables;
  std::array<std::mutex, 64> commit_mutexes;

  LruCache<std::vector<iceberg::ManifestEntry>> entries_cache;
  LruCache<std::vector<iceberg::ManifestFile>> manifests_cache;
  LruCache<SnapshotFiles> snapshot_cache;
};

// How often a commit starts over when the pointer moved under it.
inline constexpr int kCommitAttemptsMax = 20;

// `text` as part of a path: ASCII letters in lower case, digits and '_', at most 48 bytes.
std::string slug_of(std::string_view text);

// An integer property, or `fallback` where it is missing or no number.
int64_t integer_property(const iceberg::Properties& properties, const std::string& name,
                         int64_t fallback);

}  // namespace firn::catalog
