#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/principal.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "federation/connections.h"
#include "federation/source_view.h"
#include "query/tables.h"

namespace firn::auth {
class Authenticator;
}
namespace firn::query {
class Engine;
}

namespace firn::federation {

struct FederationOptions {
  std::string hosts_allowed;  // as AllowedHosts::create takes them
  SourceOptions sources;
};

// Customers' databases: what is stored of them, looking at them in query workers, and their tables
// beside those of the lake. Thread-safe; calls that look at a database block for as long.
class Federation {
 public:
  // `lake` has every other table. Each outlives it.
  static Result<std::unique_ptr<Federation>> create(const FederationOptions& options,
                                                    query::TableProvider& lake,
                                                    std::unique_ptr<Connections> connections,
                                                    auth::Authenticator& authenticator);
  ~Federation();

  // The lake's tables and those of connections, for the engine. Before use_engine().
  query::TableProvider& tables();
  // Before any of what follows; the engine is one over tables(), and outlives the calls.
  void use_engine(query::Engine& engine);

  // Tries the database before anything is stored; what it says is the error's message.
  Result<Connection> create_connection(const auth::Principal& principal,
                                       const std::string& environment, ConnectionSpec spec,
                                       const Secrets& secrets);
  Result<Connection> update_connection(const auth::Principal& principal, const std::string& id,
                                       ConnectionSpec spec, const Secrets& secrets);
  Status delete_connection(const auth::Principal& principal, const std::string& id);
  // Looks at the database; whether that worked is the status. Takes an admin.
  Result<Connection> test_connection(const auth::Principal& principal, const std::string& id);
  // Lists its tables anew. Takes an editor. Errors: why it failed.
  Result<Connection> refresh_connection(const auth::Principal& principal, const std::string& id);

  Result<std::vector<Connection>> connections(const auth::Principal& principal);
  Result<Connection> connection(const auth::Principal& principal, const std::string& id);
  // As the principal sees them: without columns that a policy hides.
  Result<std::vector<ForeignTable>> connection_tables(const auth::Principal& principal,
                                                      const std::string& id);
  // What holds for the principal on a table, whether there is one or not. PermissionDenied where it
  // may not read the connection.
  Result<query::ForeignAccess> access_to(const auth::Principal& principal,
                                         const Connection& connection, const std::string& schema,
                                         const std::string& table);
  // A table of a catalog (kIceberg) as it is there now, and what holds for the principal on it: by
  // field ids. Blocks.
  struct RemoteSight {
    catalog::TablePtr table;
    query::ForeignAccess access;
  };
  Result<RemoteSight> remote_sight(const auth::Principal& principal, const Connection& connection,
                                   const std::string& schema, const std::string& table);
  // All of the organization, and their passwords, for an engine that reads them itself: it takes
  // auth::authorize_engine.
  Result<std::vector<Connection>> connections_for(const auth::Principal& engine);
  Result<std::string> password_for(const auth::Principal& engine, const Connection& connection);
  Result<std::string> storage_secret_for(const auth::Principal& engine,
                                         const Connection& connection);
  // The one, of those that the principal may read, that the table is of (auth::connected_table), if
  // it is still listed.
  Result<std::optional<Connection>> connection_of(const auth::Principal& principal,
                                                  const Uuid& table);
  // As they were listed, whatever policies say.
  Result<std::vector<ForeignTable>> tables_of(const Connection& connection);
  Result<bool> name_is_taken(const std::string& organization, const std::string& name);

 private:
  struct Impl;
  explicit Federation(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firn::federation
