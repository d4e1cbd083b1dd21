#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "iceberg/manifest.h"
#include "iceberg/metadata.h"

namespace firn::store {
class Database;
}
namespace firn::platform {
class FileSystem;
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::catalog {

using Namespace = std::vector<std::string>;

// Levels with '.' between them, and back.
std::string namespace_text(const Namespace& levels);
Namespace parse_namespace(std::string_view text);

struct TableIdent {
  std::string catalog;  // "lake"
  Namespace levels;     // {"main"}
  std::string name;

  std::string to_string() const;  // "main.flights", as the REST messages have it
  auto operator<=>(const TableIdent&) const = default;
};

// Rows that a table could not take are kept in a table of its name and this suffix.
inline constexpr std::string_view kRejectedSuffix = "__rejected";
// The name without the suffix; none where it is missing.
std::optional<std::string_view> base_of_rejected(std::string_view name);

// How the names of branches begin that hold a change until somebody publishes it.
inline constexpr std::string_view kStagedPrefix = "staged-";

// A table as it was at one moment. Immutable, freely shared.
struct Table {
  TableIdent ident;
  std::string metadata_location;
  std::shared_ptr<const iceberg::TableMetadata> metadata;
};
using TablePtr = std::shared_ptr<const Table>;

// Requirements and updates of a commit, REST catalog OpenAPI; defined in catalog/commit.h.
struct TableRequirement;
struct TableUpdate;

// What to add in one append commit.
struct AppendRequest {
  std::vector<iceberg::DataFile> files;  // written by iceberg::DataWriter for this table
  iceberg::Properties summary;           // extra entries of the snapshot's summary
  iceberg::Properties set_properties;    // table properties set in the same commit
  bool overwrite = false;                // replaces all rows: every live file is deleted
  // Locations of live data files that are deleted; Conflict where one is not live any more.
  std::set<std::string> removed_files;
  std::string branch = "main";  // NotFound where there is none of this name
  std::string dropped_ref;      // goes in the same commit; empty: none
};

struct CatalogOptions {
  std::string warehouse_directory;  // absolute; tables lie below it, in a folder a catalog
  int64_t manifest_cache_bytes_max = 256LL << 20;
};

// Tables as named things. The pointer to a table's current metadata file is a row in SQLite,
// swapped by compare-and-set inside one transaction. Thread-safe. Current metadata and manifests
// are kept in memory, bounded.
//
// Errors of every call: NotFound and AlreadyExists with the REST catalog's message texts,
// CommitConflict when a commit surely did not happen, CommitUnknown when that cannot be known,
// StorageUnavailable.
class Catalog {
 public:
  // All of these must outlive the catalog. Makes the warehouse directory.
  static Result<std::unique_ptr<Catalog>> create(const CatalogOptions& options,
                                                 store::Database& database,
                                                 platform::FileSystem& files,
                                                 platform::Clock& clock, platform::Random& random);
  ~Catalog();

  Result<std::vector<std::string>> list_catalogs();
  // Nothing happens where it exists.
  Status ensure_catalog(const std::string& name);

  Result<std::vector<Namespace>> list_namespaces(const std::string& catalog,
                                                 const Namespace& parent);
  Result<iceberg::Properties> namespace_properties(const std::string& catalog, const Namespace& ns);
  Status create_namespace(const std::string& catalog, const Namespace& ns,
                          const iceberg::Properties& properties);
  Status drop_namespace(const std::string& catalog, const Namespace& ns);
  Status update_namespace(const std::string& catalog, const Namespace& ns,
                          const std::vector<std::string>& removals,
                          const iceberg::Properties& updates);

  // Where a client may put tables of this namespace that it chooses locations for; nothing need be
  // there.
  std::string default_namespace_location(const std::string& catalog, const Namespace& ns) const;

  Result<std::vector<TableIdent>> list_tables(const std::string& catalog, const Namespace& ns);
  Result<TablePtr> load_table(const TableIdent& ident);
  // The table of this UUID, wherever it was renamed to.
  Result<TablePtr> find_table(const Uuid& table_uuid);
  // Whether there is such a table, even one whose metadata cannot be read now: what find_table()
  // calls NotFound may be a file that is missing.
  Result<bool> has_table(const Uuid& table_uuid);
  // The first table whose UUID satisfies `matches`; null where none does.
  Result<TablePtr> find_table_if(const std::function<bool(const Uuid&)>& matches);
  // NotFound "Failed to open input stream for file: PATH" where the table's current metadata file
  // is gone from under it, which memory alone would hide.
  Status check_metadata_file(const Table& table);
  // Field ids of `schema` (and of spec and order, by source id) are given anew.
  // `location`: none lets the catalog choose one; a given one has to lie in the catalog's folder.
  Result<TablePtr> create_table(const TableIdent& ident, const iceberg::Schema& schema,
                                const iceberg::PartitionSpec& spec, const iceberg::SortOrder& order,
                                const iceberg::Properties& properties,
                                const std::optional<std::string>& location = std::nullopt);
  // What create_table would make, stored nowhere. Makes LOCATION/metadata, for DuckDB.
  Result<Table> stage_create_table(const TableIdent& ident, const iceberg::Schema& schema,
                                   const iceberg::PartitionSpec& spec,
                                   const iceberg::SortOrder& order,
                                   const iceberg::Properties& properties,
                                   const std::optional<std::string>& location);
  Result<TablePtr> register_table(const TableIdent& ident, const std::string& metadata_location,
                                  bool overwrite);
  Status rename_table(const TableIdent& from, const TableIdent& to);
  Status drop_table(const TableIdent& ident, bool purge);

  // One or several tables, all or none. Lost swaps are retried inside while requirements hold.
  struct TableChange {
    TableIdent ident;
    std::vector<TableRequirement> requirements;
    std::vector<TableUpdate> updates;
  };
  Result<std::vector<TablePtr>> commit(const std::vector<TableChange>& changes);

  // Adds data files in one snapshot on a branch, whatever was committed in between, as long as the
  // table's UUID is `expected_uuid`. Merges manifests when there are more than
  // commit.manifest.min-count-to-merge (default 100). Gives the table after the commit.
  Result<TablePtr> append(const TableIdent& ident, const Uuid& expected_uuid,
                          const AppendRequest& request);

  // Makes of main what the one snapshot on `branch` made of the snapshot that it stands on, and
  // drops the branch, in one commit: main moves to it where nothing else was committed meanwhile;
  // else its files are added to, and those that it replaced removed from, what main is now. Gives
  // the table after the commit. Errors: Conflict where files that it replaced were rewritten or
  // rows in them deleted since, NotFound where there is no such branch.
  Result<TablePtr> publish_branch(const TableIdent& ident, const Uuid& expected_uuid,
                                  const std::string& branch);
  // Drops a branch with the one snapshot on it and the files that only this snapshot has. They stay
  // where another branch or a tag has the snapshot, too. Nothing happens where there is no such
  // branch.
  Status discard_branch(const TableIdent& ident, const Uuid& expected_uuid,
                        const std::string& branch);

  // Changes the current schema: `evolve` gets the table as it is now and returns the wanted schema
  // (new fields with id 0) or nullopt when nothing is to be done. Retried while the swap is lost.
  Result<TablePtr> evolve_schema(
      const TableIdent& ident,
      const std::function<Result<std::optional<iceberg::Schema>>(const Table&)>& evolve);

  // Calls back after each commit to the table, until the subscription is dropped: on the thread
  // that commits, which waits meanwhile.
  using Subscription = std::shared_ptr<void>;
  Subscription on_commit(const Uuid& table, std::function<void(const TablePtr&)> committed);

  // Live entries of a snapshot, from the manifest cache: data files, then delete files.
  struct SnapshotFiles {
    std::vector<std::shared_ptr<const std::vector<iceberg::ManifestEntry>>> data_manifests;
    std::vector<std::shared_ptr<const std::vector<iceberg::ManifestEntry>>> delete_manifests;
    std::vector<iceberg::ManifestFile> data_manifest_files;  // beside data_manifests, same order
  };
  Result<std::shared_ptr<const SnapshotFiles>> snapshot_files(const Table& table,
                                                              int64_t snapshot_id);

  struct Impl;  // catalog_internal.h

 private:
  explicit Catalog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firn::catalog
