#include "federation/connections.h"

#include <algorithm>

#include "auth/directory.h"
#include "federation/tables_json.h"
#include "outbound/http_call.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "store/database.h"

namespace firn::federation {
namespace {

constexpr size_t kConnectionsMax = 1000;  // of an organization
constexpr size_t kTextMax = 255;
constexpr size_t kPasswordMax = 16384;  // tokens are long
// What a secret is sealed to, so that one column's is none in the other.
constexpr const char* kStorageSuffix = ":storage";

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"federation", 1, R"sql(
CREATE TABLE connections (id TEXT PRIMARY KEY, organization TEXT NOT NULL,
  environment TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, kind INTEGER NOT NULL,
  host TEXT NOT NULL, port INTEGER NOT NULL, database_name TEXT NOT NULL, user_name TEXT NOT NULL,
  tls INTEGER NOT NULL, path TEXT NOT NULL, reader TEXT NOT NULL, rows_max INTEGER NOT NULL,
  statement_timeout_ms INTEGER NOT NULL, secret BLOB, ok INTEGER NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '', version TEXT NOT NULL DEFAULT '',
  checked_us INTEGER NOT NULL DEFAULT 0, refreshed_us INTEGER, created_us INTEGER NOT NULL,
  created_by TEXT NOT NULL, tables TEXT NOT NULL DEFAULT '', UNIQUE (organization, name)) STRICT;
)sql"},
      {"federation", 2, R"sql(
ALTER TABLE connections ADD COLUMN token_url TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN storage_endpoint TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN storage_region TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN storage_user TEXT NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN storage_secret BLOB;
)sql"},
  };
  return steps;
}

constexpr const char* kSelect =
    "SELECT id, organization, environment, name, description, kind, host, port, database_name, "
    "user_name, tls, path, reader, rows_max, statement_timeout_ms, secret IS NOT NULL, ok, "
    "message, version, checked_us, refreshed_us, created_us, created_by, token_url, scope, "
    "storage_endpoint, storage_region, storage_user, storage_secret IS NOT NULL FROM connections "
    "ORDER BY name";

Connection read_row(const store::Statement& row) {
  Connection connection;
  connection.id = row.column_text(0);
  connection.organization = row.column_text(1);
  connection.environment = row.column_text(2);
  auto& spec = connection.spec;
  spec.name = row.column_text(3);
  spec.description = row.column_text(4);
  spec.kind = static_cast<ForeignKind>(row.column_int(5));
  spec.host = row.column_text(6);
  spec.port = static_cast<uint16_t>(row.column_int(7));
  spec.database = row.column_text(8);
  spec.user = row.column_text(9);
  spec.tls = static_cast<Tls>(row.column_int(10));
  spec.path = row.column_text(11);
  // A role that nobody knows is the strongest.
  spec.reader = auth::parse_role(row.column_text(12)).value_or(auth::Role::kOwner);
  spec.rows_max = row.column_int(13);
  spec.statement_timeout_ms = row.column_int(14);
  connection.has_password = row.column_int(15) != 0;
  connection.status = {row.column_int(16) != 0, row.column_text(17), row.column_text(18),
                       row.column_int(19)};
  if (!row.column_is_null(20)) connection.refreshed_us = row.column_int(20);
  connection.created_us = row.column_int(21);
  connection.created_by = row.column_text(22);
  spec.token_url = row.column_text(23);
  spec.scope = row.column_text(24);
  spec.storage_endpoint = row.column_text(25);
  spec.storage_region = row.column_text(26);
  spec.storage_user = row.column_text(27);
  connection.has_storage_secret = row.column_int(28) != 0;
  return connection;
}

// The columns that a spec fills, in the order of bind_spec().
constexpr const char* kSpecColumns =
    "name, description, kind, host, port, database_name, user_name, tls, path, reader, rows_max, "
    "statement_timeout_ms, token_url, scope, storage_endpoint, storage_region, storage_user";
constexpr const char* kSpecPlaces = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";
constexpr int kSpecCount = 17;

void bind_spec(store::Statement& row, int first, const ConnectionSpec& spec) {
  row.bind(first, spec.name)
      .bind(first + 1, spec.description)
      .bind(first + 2, static_cast<int64_t>(spec.kind))
      .bind(first + 3, spec.host)
      .bind(first + 4, static_cast<int64_t>(spec.port))
      .bind(first + 5, spec.database)
      .bind(first + 6, spec.user)
      .bind(first + 7, static_cast<int64_t>(spec.tls))
      .bind(first + 8, spec.path)
      .bind(first + 9, auth::role_name(spec.reader))
      .bind(first + 10, spec.rows_max)
      .bind(first + 11, spec.statement_timeout_ms)
      .bind(first + 12, spec.token_url)
      .bind(first + 13, spec.scope)
      .bind(first + 14, spec.storage_endpoint)
      .bind(first + 15, spec.storage_region)
      .bind(first + 16, spec.storage_user);
}

Error wrong(const std::string& what) { return Error(ErrorCode::kInvalidArgument, what); }

bool is_plain(const std::string& text) {
  return text.size() <= kTextMax && std::none_of(text.begin(), text.end(), [](unsigned char c) {
           return c < ' ' || c == 0x7f;
         });
}

Status check_name(const std::string& name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  const bool fits = !name.empty() && name.size() <= 63 && name[0] >= 'a' && name[0] <= 'z' &&
                    std::all_of(name.begin(), name.end(), is_part);
  if (!fits) {
    return wrong("a connection's name has 1 to 63 of a-z, 0-9, _ and -, and begins with a letter");
  }
  for (const char* reserved : {"system", "temp", "memory", "main", "information_schema"}) {
    if (name == reserved) return wrong("the name '" + name + "' is taken by the query engine");
  }
  return {};
}

Result<ConnectionSpec> checked_bucket(ConnectionSpec spec) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  if (spec.database.empty() || !std::all_of(spec.database.begin(), spec.database.end(), is_part)) {
    return wrong("a connection of objects needs the bucket's name as its database");
  }
  if (spec.user.empty())
    return wrong("a connection of objects needs an access key's id as its user");
  if (spec.port == 0) spec.port = spec.tls == Tls::kDisable ? 80 : 443;
  while (spec.path.starts_with('/')) spec.path.erase(0, 1);
  if (!spec.path.empty() && !spec.path.ends_with('/')) spec.path += '/';
  return spec;
}

Status check_url(const std::string& url, const char* what) {
  if (url.empty()) return {};
  const auto parts = outbound::parse_url(url);
  if (parts && url.find_first_of("?#") == std::string::npos) return {};
  return wrong(std::string(what) + " is no http or https address");
}

Result<ConnectionSpec> checked_catalog(ConnectionSpec spec) {
  if (spec.port == 0) spec.port = spec.tls == Tls::kDisable ? 80 : 443;
  while (spec.path.ends_with('/')) spec.path.pop_back();
  if (!spec.path.empty() && !spec.path.starts_with('/')) spec.path = "/" + spec.path;
  const bool is_path = std::none_of(spec.path.begin(), spec.path.end(), [](char c) {
    return c == '?' || c == '#' || c == ' ' || c == '%' || c == '\\';
  });
  if (!is_path || spec.path.find("/..") != std::string::npos) {
    return wrong("the path is what the catalog's addresses begin with, such as /api/catalog");
  }
  // Some give it with its version.
  if (spec.path.ends_with("/v1")) spec.path.resize(spec.path.size() - 3);
  TRY(check_url(spec.token_url, "the token endpoint"));
  TRY(check_url(spec.storage_endpoint, "the object store's endpoint"));
  if (spec.token_url.starts_with("http://") && spec.tls != Tls::kDisable) {
    return wrong("the token endpoint is not encrypted; tls DISABLE allows that");
  }
  if (spec.user.empty() && !spec.token_url.empty()) {
    return wrong("a token endpoint takes client credentials: the client's id is the user");
  }
  return spec;
}

}  // namespace

bool needs_password(const ConnectionSpec& before, const ConnectionSpec& after) {
  if (after.host != before.host || after.port != before.port || after.kind != before.kind ||
      after.user != before.user || after.token_url != before.token_url) {
    return true;
  }
  // One host may have catalogs of several people.
  return after.kind == ForeignKind::kIceberg &&
         (after.path != before.path || after.tls != before.tls);
}

Result<ConnectionSpec> checked(ConnectionSpec spec) {
  TRY(check_name(spec.name));
  for (const auto* text :
       {&spec.description, &spec.host, &spec.database, &spec.user, &spec.path, &spec.token_url,
        &spec.scope, &spec.storage_endpoint, &spec.storage_region, &spec.storage_user}) {
    if (!is_plain(*text)) return wrong("a text is too long, or has control characters");
  }
  if (spec.reader == auth::Role::kIngest) return wrong("the role ingest reads nothing");
  if (spec.reader == auth::Role::kEngine) return wrong("an engine reads for others");
  if (spec.rows_max < 1) return wrong("rowsMax is at least 1");
  if (spec.statement_timeout_ms < 100 || spec.statement_timeout_ms > 3'600'000) {
    return wrong("statementTimeoutMs is from 100 to 3600000");
  }
  if (spec.kind == ForeignKind::kSqlite) {
    if (spec.path.empty()) return wrong("a SQLite connection needs a path");
    return spec;
  }
  if (spec.kind == ForeignKind::kFiles) {
    if (spec.path.empty()) return wrong("a connection of files needs a path; '.' is all of them");
    return spec;
  }
  const auto is_host = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  };
  if (spec.host.empty() || !std::all_of(spec.host.begin(), spec.host.end(), is_host)) {
    return wrong("the host is a name or an address");
  }
  if (spec.kind == ForeignKind::kObjects) return checked_bucket(std::move(spec));
  if (spec.kind == ForeignKind::kIceberg) return checked_catalog(std::move(spec));
  if (spec.database.empty() || spec.user.empty()) {
    return wrong("a connection needs the database's and the user's name");
  }
  if (spec.port == 0) spec.port = spec.kind == ForeignKind::kPostgres ? 5432 : 3306;
  return spec;
}

Result<std::unique_ptr<Connections>> Connections::create(store::Database& database, SecretBox box,
                                                         platform::Clock& clock,
                                                         platform::Random& random) {
  TRY(database.migrate(migrations()));
  return std::unique_ptr<Connections>(new Connections(database, std::move(box), clock, random));
}

Result<std::shared_ptr<const Connections::All>> Connections::all() {
  std::lock_guard lock(mutex_);
  if (all_) return all_;
  auto read = std::make_shared<All>();
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(kSelect));
    while (TRY(row.step())) read->push_back(read_row(row));
    return {};
  }));
  all_ = std::move(read);
  return all_;
}

Status Connections::write(const std::string& sql,
                          const std::function<void(store::Statement&)>& bind) {
  std::lock_guard lock(mutex_);
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(sql));
    bind(row);
    return row.run();
  }));
  all_.reset();
  return {};
}

Result<std::vector<Connection>> Connections::list(const auth::Principal& principal) {
  std::vector<Connection> seen;
  for (const auto& connection : *TRY(all())) {
    if (connection.authorize_reading(principal).ok()) seen.push_back(connection);
  }
  return seen;
}

Result<std::vector<Connection>> Connections::list_for_engine(const auth::Principal& engine) {
  TRY(auth::authorize_engine(engine));
  std::vector<Connection> seen;
  for (const auto& connection : *TRY(all())) {
    if (connection.organization == engine.organization) seen.push_back(connection);
  }
  return seen;
}

Result<Connection> Connections::find(const auth::Principal& principal, const std::string& id) {
  for (const auto& connection : *TRY(all())) {
    if (connection.id == id && connection.authorize_reading(principal).ok()) return connection;
  }
  return Error(ErrorCode::kNotFound, "there is no such connection");
}

Result<bool> Connections::name_is_taken(const std::string& organization, const std::string& name) {
  const auto known = TRY(all());
  return std::any_of(known->begin(), known->end(), [&](const Connection& connection) {
    return connection.organization == organization && connection.spec.name == name;
  });
}

Status Connections::store_secrets(const std::string& id, const Secrets& secrets) {
  const auto store = [&](const std::optional<std::string>& secret, const std::string& bound_to,
                         const char* sql) -> Status {
    if (!secret) return {};
    if (secret->size() > kPasswordMax) return wrong("the password is too long");
    const std::string sealed = box_.seal(*secret, bound_to);
    return write(sql,
                 [&](store::Statement& row) { row.bind_blob(1, as_bytes(sealed)).bind(2, id); });
  };
  TRY(store(secrets.password, id, "UPDATE connections SET secret = ? WHERE id = ?"));
  return store(secrets.storage, id + kStorageSuffix,
               "UPDATE connections SET storage_secret = ? WHERE id = ?");
}

Result<Connection> Connections::insert(const auth::Principal& principal,
                                       const std::string& environment, ConnectionSpec spec,
                                       const Secrets& secrets) {
  const auth::Object object{principal.organization, environment, {}};
  TRY(auth::authorize(principal, auth::Role::kAdmin, object));
  TRY(auth::authorize(principal, spec.reader, object));
  spec = TRY(checked(std::move(spec)));
  if (TRY(name_is_taken(principal.organization, spec.name))) {
    return Error(ErrorCode::kAlreadyExists, "there is a connection '" + spec.name + "' already");
  }
  const auto known = TRY(all());
  if (known->size() >= kConnectionsMax) {
    return Error(ErrorCode::kResourceExhausted, "there are too many connections");
  }
  const std::string id = random_.uuid().to_string();
  TRY(write(std::string("INSERT INTO connections (") + kSpecColumns +
                ", id, organization, environment, created_us, created_by) VALUES (" + kSpecPlaces +
                ", ?, ?, ?, ?, ?)",
            [&](store::Statement& row) {
              bind_spec(row, 1, spec);
              row.bind(kSpecCount + 1, id)
                  .bind(kSpecCount + 2, principal.organization)
                  .bind(kSpecCount + 3, environment)
                  .bind(kSpecCount + 4, clock_.now_us())
                  .bind(kSpecCount + 5, principal.name);
            }));
  const auto unless_empty = [](const std::optional<std::string>& secret) {
    return secret && !secret->empty() ? secret : std::nullopt;
  };
  TRY(store_secrets(id, {unless_empty(secrets.password), unless_empty(secrets.storage)}));
  return find(principal, id);
}

Result<Connection> Connections::update(const auth::Principal& principal, const std::string& id,
                                       ConnectionSpec spec, const Secrets& secrets) {
  const auto before = TRY(find(principal, id));
  TRY(auth::authorize(principal, auth::Role::kAdmin, before.object()));
  TRY(auth::authorize(principal, spec.reader, before.object()));
  spec = TRY(checked(std::move(spec)));
  if (spec.name != before.spec.name && TRY(name_is_taken(principal.organization, spec.name))) {
    return Error(ErrorCode::kAlreadyExists, "there is a connection '" + spec.name + "' already");
  }
  // A password goes to nobody but the database that it was given for.
  if (needs_password(before.spec, spec) && before.has_password && !secrets.password) {
    return wrong("another host, port, kind or user needs the password again");
  }
  const bool other_store = spec.storage_endpoint != before.spec.storage_endpoint ||
                           spec.storage_user != before.spec.storage_user;
  if (other_store && before.has_storage_secret && !secrets.storage) {
    return wrong("another object store or key for the files needs its secret again");
  }
  TRY(write(std::string("UPDATE connections SET (") + kSpecColumns + ") = (" + kSpecPlaces +
                ") WHERE id = ?",
            [&](store::Statement& row) {
              bind_spec(row, 1, spec);
              row.bind(kSpecCount + 1, id);
            }));
  TRY(store_secrets(id, secrets));
  return find(principal, id);
}

Status Connections::remove(const auth::Principal& principal, const std::string& id) {
  const auto connection = TRY(find(principal, id));
  TRY(auth::authorize(principal, auth::Role::kAdmin, connection.object()));
  return write("DELETE FROM connections WHERE id = ?",
               [&](store::Statement& row) { row.bind(1, id); });
}

Status Connections::record_status(const std::string& id, const ConnectionStatus& status) {
  return write(
      "UPDATE connections SET ok = ?, message = ?, version = CASE ?3 WHEN '' THEN version ELSE ?3 "
      "END, checked_us = ?4 WHERE id = ?5",
      [&](store::Statement& row) {
        row.bind(1, static_cast<int64_t>(status.ok))
            .bind(2, status.message)
            .bind(3, status.version)
            .bind(4, status.checked_us)
            .bind(5, id);
      });
}

Status Connections::record_tables(const std::string& id, const std::vector<ForeignTable>& tables) {
  return write("UPDATE connections SET tables = ?, refreshed_us = ? WHERE id = ?",
               [&](store::Statement& row) {
                 row.bind(1, tables_json(tables)).bind(2, clock_.now_us()).bind(3, id);
               });
}

Result<std::vector<ForeignTable>> Connections::tables(const Connection& connection) {
  std::string text;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("SELECT tables FROM connections WHERE id = ?"));
    row.bind(1, connection.id);
    if (TRY(row.step())) text = row.column_text(0);
    return {};
  }));
  if (text.empty()) return std::vector<ForeignTable>();
  return TRY(parse_browsed(text)).tables;
}

Result<std::string> Connections::password(const Connection& connection) {
  return secret(connection, "secret", connection.id);
}

Result<std::string> Connections::storage_secret(const Connection& connection) {
  return secret(connection, "storage_secret", connection.id + kStorageSuffix);
}

Result<std::string> Connections::secret(const Connection& connection, const char* column,
                                        const std::string& bound_to) {
  std::string sealed;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(
        transaction.prepare("SELECT " + std::string(column) + " FROM connections WHERE id = ?"));
    row.bind(1, connection.id);
    if (TRY(row.step()) && !row.column_is_null(0)) sealed = row.column_text(0);
    return {};
  }));
  if (sealed.empty()) return std::string();
  return box_.open(sealed, bound_to);
}

}  // namespace firn::federation
