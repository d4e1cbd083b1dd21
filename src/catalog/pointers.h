#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"

namespace firn::store {
class Database;
}

namespace firn::catalog {

// The rows behind the catalog: catalogs, namespaces, and for each table where its current metadata
// is. Every write is one SQLite transaction. Thread-safe.
class PointerStore {
 public:
  explicit PointerStore(store::Database& database) : database_(database) {}
  Status migrate();

  Result<std::vector<std::string>> catalogs();
  Status ensure_catalog(const std::string& name);

  Result<std::vector<Namespace>> namespaces(const std::string& catalog, const Namespace& parent);
  Result<iceberg::Properties> properties(const std::string& catalog, const Namespace& ns);
  Status create_namespace(const std::string& catalog, const Namespace& ns,
                          const iceberg::Properties& properties);
  Status drop_namespace(const std::string& catalog, const Namespace& ns);
  Status update_namespace(const std::string& catalog, const Namespace& ns,
                          const std::vector<std::string>& removals,
                          const iceberg::Properties& updates);

  Result<std::vector<std::string>> tables(const std::string& catalog, const Namespace& ns);
  // The metadata location; NotFound "Table does not exist: ns.t".
  Result<std::string> find(const TableIdent& ident);
  // None where no table has this UUID.
  Result<std::optional<TableIdent>> find_by_uuid(const Uuid& table_uuid);
  // The first whose UUID satisfies `matches`.
  Result<std::optional<TableIdent>> find_by_uuid(const std::function<bool(const Uuid&)>& matches);
  Status rename(const TableIdent& from, const TableIdent& to);
  Status drop(const TableIdent& ident);

  struct Swap {
    TableIdent ident;
    std::optional<std::string> expected;  // none: the table must not exist
    std::string next;
    Uuid table_uuid;
  };
  // All or none. Errors: CommitConflict where a pointer is not the expected one, AlreadyExists and
  // NotFound (its namespace), CommitUnknown where the database failed after all was written.
  Status swap(const std::vector<Swap>& swaps);

 private:
  store::Database& database_;
};

}  // namespace firn::catalog
