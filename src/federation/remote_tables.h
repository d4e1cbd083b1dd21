#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "catalog/lru_cache.h"
#include "catalog/snapshot_reading.h"
#include "federation/connections.h"
#include "federation/rest_catalog.h"
#include "federation/table_files.h"
#include "federation/tables_json.h"
#include "query/snapshot_view.h"

namespace firn::federation {

// What the catalog's /v1/config is below.
std::string catalog_url(const ConnectionSpec& spec);

// A catalog of somebody else as a connection reaches it.
struct RemoteCatalog {
  std::shared_ptr<RestCatalog> rest;
  OwnStorage storage;
  // Of everything that decides what may be read of it: what was fetched by it is its own.
  std::string identity;
};

// What is kept of other catalogs between queries: their tokens and configuration, and manifests,
// which never change. Bounded; thread-safe.
class RemoteCatalogs {
 public:
  RemoteCatalogs(const AllowedHosts& hosts, ObjectCache& objects, std::string files_directory)
      : hosts_(hosts), files_(hosts, objects, std::move(files_directory)) {}

  RemoteCatalog open(const Connection& connection, const std::string& password,
                     const std::string& storage_secret);
  TableFiles& files() { return files_; }

  catalog::LruCache<std::vector<iceberg::ManifestFile>> manifests{32LL << 20};
  catalog::LruCache<std::vector<iceberg::ManifestEntry>> entries{128LL << 20};

 private:
  static constexpr int64_t kOpenMax = 256;

  const AllowedHosts& hosts_;
  TableFiles files_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<RestCatalog>> open_;  // by address and credentials
};

// The tables of the Iceberg catalogs that one query may read; each is asked for when the query
// names it, and its files are fetched when a worker opens them. Which schemas there are is as
// somebody listed them last. Not thread-safe; blocks.
class RemoteTables final : public query::SnapshotSource {
 public:
  static constexpr size_t kTablesMax = 100;  // of one query

  // What holds for the reader on a table of a connection.
  using Rules = std::function<Result<query::ForeignAccess>(
      const Connection& connection, const std::string& schema, const std::string& table)>;

  // All of `connections` are of kIceberg. The others outlive the object.
  RemoteTables(std::vector<Connection> connections, Connections& stored, RemoteCatalogs& catalogs,
               Rules rules)
      : connections_(std::move(connections)),
        stored_(stored),
        catalogs_(catalogs),
        rules_(std::move(rules)) {}

  Result<std::vector<query::Access::CatalogName>> catalogs() override;
  Result<std::vector<std::string>> list_schemas(const std::string& catalog_id) override;
  Result<std::vector<std::string>> list_tables(const std::string& catalog_id,
                                               const std::string& schema) override;
  Result<catalog::TablePtr> load_table(const catalog::TableIdent& ident) override;
  Result<std::shared_ptr<const catalog::Catalog::SnapshotFiles>> snapshot_files(
      const catalog::Table& table, int64_t snapshot_id) override;
  Result<query::ForeignAccess> access_to(const catalog::Table& table) override;
  Result<std::string> worker_path(const catalog::Table& table,
                                  const iceberg::DataFile& file) override;
  bool fetches() const override { return true; }
  // Errors: ResourceExhausted beyond the connection's rows, TooLarge beyond the bytes that are kept
  // of objects, and those of TableFiles::open.
  Result<std::shared_ptr<query::OwnedDescriptor>> planned_file(const std::string& path) override;

 private:
  struct Opened {
    Connection connection;
    RemoteCatalog catalog;
    int64_t rows = 0;  // in files that were opened
  };
  struct Loaded {
    Opened* opened = nullptr;
    catalog::TableIdent ident;
    LoadedTable table;
  };
  struct Planned {
    Loaded* loaded = nullptr;
    std::string location;
    uint64_t bytes = 0;
    int64_t rows = 0;
    bool counted = false;
  };
  Result<const Connection*> connection_of(const std::string& id) const;
  Result<Opened*> open(const std::string& id);
  Result<Loaded*> loaded(const catalog::Table& table);
  // Asks for other keys once, where those that the catalog lent are over.
  Result<std::shared_ptr<query::OwnedDescriptor>> fetch(Loaded& loaded, TableFiles::Wanted wanted);
  catalog::ReadFile reader_of(Loaded& loaded);

  const std::vector<Connection> connections_;
  Connections& stored_;
  RemoteCatalogs& catalogs_;
  const Rules rules_;
  std::map<std::string, std::unique_ptr<Opened>> opened_;  // by connection
  std::map<catalog::TableIdent, std::unique_ptr<Loaded>> loaded_;
  std::map<std::string, Planned> planned_;  // by the worker's path
  uint64_t bytes_ = 0;                      // of what was opened
};

// The catalog's tables, with columns and rows. Blocks until `until` at
// most. Errors: DeadlineExceeded, and those of RestCatalog.
Result<BrowsedDatabase> browse_catalog(RestCatalog& catalog,
                                       std::chrono::steady_clock::time_point until);

}  // namespace firn::federation
