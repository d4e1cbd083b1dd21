#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "auth/principal.h"
#include "base/result.h"
#include "federation/secret_box.h"
#include "query/foreign.h"

namespace firn::auth {
class Directory;
}
namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform
namespace firn::store {
class Database;
class Statement;
}  // namespace firn::store

namespace firn::federation {

using query::ForeignKind;
using query::ForeignTable;

enum class Tls : uint8_t { kDisable, kPrefer, kRequire, kVerify };

// What people say of a database. Bounds and characters are checked when it is stored.
struct ConnectionSpec {
  std::string name;  // the first part of connection.schema.table
  std::string description;
  ForeignKind kind = ForeignKind::kPostgres;
  std::string host;  // of what is reached over the network, as all up to tls
  uint16_t port = 0;
  std::string database;  // kObjects: the bucket. kIceberg: the warehouse; may be empty
  // kObjects: the access key's id; its secret is the password. kIceberg: the client's id, whose
  // secret the password is; empty: the password is a token.
  std::string user;
  Tls tls = Tls::kPrefer;  // kObjects, kIceberg: HTTPS unless kDisable, checked unless kRequire
  // kSqlite, kFiles: below the folder that the server allows. kObjects: what keys begin with.
  // kIceberg: what the catalog's own paths begin with.
  std::string path;
  // Of kIceberg only; each may be empty.
  std::string token_url;         // where client credentials get a token; else the catalog's own
  std::string scope;             // of that token
  std::string storage_endpoint;  // of its files: a URL; else what the catalog says
  std::string storage_region;
  std::string storage_user;  // the id of a key for its files; else the catalog lends one
  auth::Role reader = auth::Role::kViewer;  // the weakest that may read it
  int64_t rows_max = 10'000'000;            // read of it by one query
  int64_t statement_timeout_ms = 60'000;    // at the source
};

// What is kept encrypted of a connection, as somebody gives it. What is not given stays.
struct Secrets {
  std::optional<std::string> password;
  std::optional<std::string> storage = {};  // of the key for the files of kIceberg
};

// How the last look at a connection went.
struct ConnectionStatus {
  bool ok = false;
  std::string message;  // why not
  std::string version;  // of the database system; PostgreSQL's as a number, 150018
  int64_t checked_us = 0;
};

struct Connection {
  std::string id;
  std::string organization;
  std::string environment;  // id
  ConnectionSpec spec;
  bool has_password = false;
  bool has_storage_secret = false;
  ConnectionStatus status;
  std::optional<int64_t> refreshed_us;  // when its tables were listed
  int64_t created_us = 0;
  std::string created_by;  // name

  auth::Object object() const { return {organization, environment, {}}; }
  // Whether its tables may be read. Its own list of them, and itself, are seen by the same.
  Status authorize_reading(const auth::Principal& principal) const {
    return auth::authorize(principal, spec.reader, object());
  }
};

// Connections as they are stored, passwords encrypted. Every call of a member takes the principal
// and checks; what belongs to another organization, or may not be read, is NotFound. Thread-safe;
// the list is in memory.
class Connections {
 public:
  static Result<std::unique_ptr<Connections>> create(store::Database& database, SecretBox box,
                                                     platform::Clock& clock,
                                                     platform::Random& random);

  // Those that the principal may read, by name.
  Result<std::vector<Connection>> list(const auth::Principal& principal);
  // All of the organization, by name; takes an engine of it.
  Result<std::vector<Connection>> list_for_engine(const auth::Principal& engine);
  Result<Connection> find(const auth::Principal& principal, const std::string& id);
  // As they are, for whoever has authorized before.
  Result<bool> name_is_taken(const std::string& organization, const std::string& name);

  // Takes an admin of the environment. InvalidArgument, AlreadyExists.
  Result<Connection> insert(const auth::Principal& principal, const std::string& environment,
                            ConnectionSpec spec, const Secrets& secrets);
  // InvalidArgument where a stored secret would go elsewhere (needs_password()).
  Result<Connection> update(const auth::Principal& principal, const std::string& id,
                            ConnectionSpec spec, const Secrets& secrets);
  Status remove(const auth::Principal& principal, const std::string& id);

  Status record_status(const std::string& id, const ConnectionStatus& status);
  Status record_tables(const std::string& id, const std::vector<ForeignTable>& tables);
  // As of the last look.
  Result<std::vector<ForeignTable>> tables(const Connection& connection);
  // Empty where there is none.
  Result<std::string> password(const Connection& connection);
  Result<std::string> storage_secret(const Connection& connection);

 private:
  using All = std::vector<Connection>;
  Connections(store::Database& database, SecretBox box, platform::Clock& clock,
              platform::Random& random)
      : database_(database), box_(std::move(box)), clock_(clock), random_(random) {}
  Result<std::shared_ptr<const All>> all();
  Status write(const std::string& sql, const std::function<void(store::Statement&)>& bind);
  Status store_secrets(const std::string& id, const Secrets& secrets);
  Result<std::string> secret(const Connection& connection, const char* column,
                             const std::string& bound_to);

  store::Database& database_;
  const SecretBox box_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::mutex mutex_;
  std::shared_ptr<const All> all_;  // null: to be read
};

// Whether the password would go to somebody else than it was given for.
bool needs_password(const ConnectionSpec& before, const ConnectionSpec& after);

// A spec that can be stored; InvalidArgument says what is wrong. Fills the port where it is 0.
Result<ConnectionSpec> checked(ConnectionSpec spec);

}  // namespace firn::federation
