#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/principal.h"
#include "base/result.h"
#include "federation/connections.h"
#include "query/access.h"
#include "query/tables.h"

namespace firn::auth {
class Authenticator;
}
namespace firn::catalog {
class Catalog;
}
namespace firn::query {
class QueryLog;
struct QueryInfo;
}  // namespace firn::query

namespace firn::federation {

class Federation;

// What an engine that applies policies itself (Trino with Firn's plugin) is told, and tells. Each
// call takes the engine's own principal (auth::authorize_engine), and sees its organization only.
// Thread-safe.
class EngineAccess {
 public:
  // Each outlives it.
  EngineAccess(auth::Authenticator& authenticator, catalog::Catalog& catalog,
               query::TableProvider& lake, Federation& federation, query::QueryLog& log)
      : authenticator_(authenticator),
        catalog_(catalog),
        lake_(lake),
        federation_(federation),
        log_(log) {}

  struct VisibleCatalog {
    std::string name;                                 // of the lake, or a connection's
    std::optional<std::vector<std::string>> schemas;  // the only ones that count; none: all
  };
  struct Account {
    std::string name;
    bool is_admin = false;  // of the organization
    std::vector<VisibleCatalog> catalogs;
  };
  Result<Account> account(const auth::Principal& engine, const std::string& account);

  struct TableName {
    std::string catalog;
    std::string schema;
    std::string table;
  };
  // What the account sees of a table. Engines know names in lower case.
  struct Sight {
    bool restricted = false;
    std::vector<std::string> filters;                 // in Trino's dialect; rows pass every one
    std::map<std::string, auth::ColumnRule> columns;  // by name, of any schema it had, lower case
  };
  // NotFound where there is no such table for the account; PermissionDenied, and Unsupported where
  // a policy holds that the engine cannot apply.
  Result<Sight> table(const auth::Principal& engine, const std::string& account,
                      const TableName& name);

  // A catalog as the engine has to have it.
  struct EngineCatalog {
    std::string name;
    std::string connector;        // iceberg, postgresql, mysql
    std::string version;          // changes with any of its properties
    query::TextPairs properties;  // with secrets
  };
  // Those of the lake, with a warehouse as their only property, and connections that Trino has a
  // connector for.
  Result<std::vector<EngineCatalog>> catalogs(const auth::Principal& engine);

  // A query that somebody asked the engine directly, and that ended. `info` says what the engine
  // knows: id, account, statement, times, rows, tables by name and snapshot. It is kept under the
  // id with a prefix; a second report of it changes nothing. NotFound where the organization has no
  // such account.
  Status report(const auth::Principal& engine, query::QueryInfo info);

 private:
  Result<Sight> lake_table(const auth::Principal& who, const TableName& name);
  Result<Sight> connected_table(const auth::Principal& who, const Connection& connection,
                                const TableName& name);
  Result<Sight> remote_table(const auth::Principal& who, const Connection& connection,
                             const query::ForeignTable& known);
  void complete(const auth::Principal& who, query::TableEvidence& table);

  auth::Authenticator& authenticator_;
  catalog::Catalog& catalog_;
  query::TableProvider& lake_;
  Federation& federation_;
  query::QueryLog& log_;
};

}  // namespace firn::federation
