#include "federation/source_view.h"

#include <algorithm>
#include <charconv>

#include "federation/connected_files.h"
#include "federation/connected_objects.h"
#include "federation/sqlite_copy.h"

namespace firn::federation {
namespace {

using query::ForeignSource;

const char* postgres_tls(Tls tls) {
  switch (tls) {
    case Tls::kDisable: return "disable";
    case Tls::kPrefer: return "prefer";
    case Tls::kRequire: return "require";
    case Tls::kVerify: return "verify-full sslrootcert=system";
  }
  return "verify-full";
}

const char* mysql_tls(Tls tls) {
  switch (tls) {
    case Tls::kDisable: return "disabled";
    case Tls::kPrefer: return "preferred";
    case Tls::kRequire: return "required";
    case Tls::kVerify: return "verify_identity";
  }
  return "verify_identity";
}

// PostgreSQL looks for a client that went away while a statement runs from version 14 on.
constexpr int kChecksClientFrom = 140'000;

void describe_postgres(const Connection& connection, ForeignSource& source) {
  const auto& spec = connection.spec;
  int version = 0;
  const auto& text = connection.status.version;
  std::from_chars(text.data(), text.data() + text.size(), version);
  const std::string timeout = std::to_string(spec.statement_timeout_ms);
  source.default_schema = "public";
  source.attach =
      "application_name=firn connect_timeout=10 sslmode=" + std::string(postgres_tls(spec.tls)) +
      " options='-c default_transaction_read_only=on -c statement_timeout=" + timeout +
      " -c idle_in_transaction_session_timeout=" + timeout +
      (version >= kChecksClientFrom ? " -c client_connection_check_interval=500" : "") + "'";
  source.settings = {{"pg_pool_enable_reaper_thread", "false"}, {"pg_pool_max_connections", "4"}};
}

void describe_mysql(const Connection& connection, ForeignSource& source) {
  const auto& spec = connection.spec;
  source.default_schema = spec.database;
  source.secret.emplace_back("ssl_mode", mysql_tls(spec.tls));
  source.settings = {{"mysql_pool_enable_reaper_thread", "false"},
                     {"mysql_incomplete_dates_as_nulls", "true"},
                     {"mysql_session_time_zone", "+00:00"},
                     {"mysql_query_timeout_max_ms", std::to_string(spec.statement_timeout_ms)},
                     // MySQL orders, groups and compares text in its own way.
                     {"mysql_order_pushdown_enabled", "false"},
                     {"mysql_aggregate_pushdown_enabled", "false"}};
}

}  // namespace

std::vector<std::string> SourceView::names() const {
  std::vector<std::string> names;
  for (const auto& connection : usable_) {
    if (connection.spec.kind != ForeignKind::kIceberg) names.push_back(connection.spec.name);
  }
  return names;
}

Result<Connection> SourceView::usable(const std::string& name) const {
  for (const auto& connection : usable_) {
    if (connection.spec.name == name) return connection;
  }
  return Error(ErrorCode::kNotFound, "there is no connection '" + name + "'");
}

Result<ForeignSource> SourceView::source(const std::string& name) {
  const Connection connection = TRY(usable(name));
  const auto& spec = connection.spec;
  if (spec.kind == ForeignKind::kIceberg) {
    return Error(ErrorCode::kInternal, "a catalog is no database", name);
  }
  ForeignSource source;
  source.kind = spec.kind;
  source.name = spec.name;
  source.rows_max = static_cast<uint64_t>(spec.rows_max);
  if (spec.kind == ForeignKind::kSqlite) {
    auto copy = copy_sqlite(spec.path, options_.files_directory, options_.copies_directory,
                            options_.file_bytes_max);
    if (!copy.ok()) return copy.error().with_context("the connection " + name);
    source.default_schema = "main";
    source.file = std::move(copy->file);
    source.file_bytes = copy->bytes;
    return source;
  }
  if (spec.kind == ForeignKind::kFiles) {
    auto files = open_connected_files(spec.path, options_.files_directory);
    if (!files.ok()) return files.error().with_context("the connection " + name);
    source.default_schema = "main";
    source.files = *std::move(files);
    return source;
  }
  auto address = hosts_.resolve(spec.host);
  if (!address.ok()) return address.error().with_context("the connection " + name);
  if (spec.kind == ForeignKind::kObjects) {
    auto opened = objects(connection, std::move(source), std::move(*address));
    return opened.ok() ? std::move(opened) : opened.error().with_context("the connection " + name);
  }
  source.host = spec.host;
  source.address = std::move(*address);
  source.port = spec.port;
  const std::string password = password_ ? *password_ : TRY(connections_.password(connection));
  source.secret = {{"host", spec.host},
                   {"port", std::to_string(spec.port)},
                   {"user", spec.user},
                   {"database", spec.database},
                   {"password", password}};
  if (spec.kind == ForeignKind::kPostgres) {
    describe_postgres(connection, source);
  } else {
    describe_mysql(connection, source);
  }
  opened_.insert_or_assign(name, Opened{connection, source.address, {}});
  return source;
}

// A worker gets the objects as files: it needs no way to the store.
Result<ForeignSource> SourceView::objects(const Connection& connection, ForeignSource source,
                                          std::string address) {
  const auto& spec = connection.spec;
  Bucket bucket;
  bucket.host = spec.host;
  bucket.address = std::move(address);
  bucket.port = spec.port;
  bucket.tls = spec.tls != Tls::kDisable;
  bucket.any_certificate = spec.tls == Tls::kRequire;
  bucket.name = spec.database;
  bucket.access_key = spec.user;
  bucket.secret_key = password_ ? *password_ : TRY(connections_.password(connection));
  bucket.at_most = std::chrono::milliseconds(spec.statement_timeout_ms);
  source.kind = ForeignKind::kFiles;
  source.default_schema = "main";
  source.files = TRY(open_connected_objects(bucket, spec.path, objects_));
  return source;
}

Result<std::vector<ForeignTable>> SourceView::tables(const std::string& name) {
  const Connection connection = TRY(usable(name));
  auto tables = TRY(connections_.tables(connection));
  for (auto& table : tables) {
    const auto access = TRY(rules_(connection, table.schema, table.name));
    hide(access.rules, table);
  }
  return tables;
}

void hide(const auth::TableRules& rules, ForeignTable& table) {
  if (!rules.any()) return;
  table.row_estimate = -1;
  std::erase_if(table.columns, [&](const query::ForeignColumn& column) {
    const auto rule = rules.named_columns.find(auth::lower_case(column.name));
    return rule != rules.named_columns.end() && rule->second == auth::ColumnRule::kHidden;
  });
}

Result<query::ForeignAccess> SourceView::read(const std::string& name, const std::string& schema,
                                              const std::string& table) {
  const Connection connection = TRY(usable(name));
  auto access = TRY(rules_(connection, schema, table));
  if (access.rules.any() && restricted_.ok()) {
    restricted_ = Error(ErrorCode::kPermissionDenied, "a policy hides rows or columns of " + name +
                                                          "." + schema + "." + table + " from you");
  }
  const bool known = std::any_of(evidence_.begin(), evidence_.end(), [&](const auto& entry) {
    return entry.catalog == name && entry.schema == schema && entry.name == table;
  });
  if (known) return access;
  query::TableEvidence entry;
  entry.catalog = name;
  entry.foreign = true;
  entry.schema = schema;
  entry.name = table;
  evidence_.push_back(std::move(entry));
  return access;
}

Status SourceView::free_of_policies() const { return restricted_; }

Result<std::unique_ptr<query::OwnedDescriptor>> SourceView::socket(const std::string& address,
                                                                   uint16_t port) {
  for (auto& [name, opened] : opened_) {
    if (opened.address != address || opened.connection.spec.port != port) continue;
    if (++sockets_ > kSocketsMax) {
      return Error(ErrorCode::kResourceExhausted, "the query opened too many sockets");
    }
    auto socket = TRY(connect_socket(address, port, options_.connect_at_most));
    opened.local_ports.push_back(socket.local_port);
    return std::move(socket.descriptor);
  }
  return Error(ErrorCode::kPermissionDenied, "no connection of the query leads there",
               address + " " + std::to_string(port));
}

int64_t SourceView::rows_estimate() const {
  int64_t rows = 0;
  for (const auto& read : evidence_) {
    const auto connection = usable(read.catalog);
    const auto tables = connection.ok() ? connections_.tables(*connection)
                                        : Result<std::vector<ForeignTable>>(connection.error());
    if (!tables.ok()) continue;
    for (const auto& table : *tables) {
      const bool same = table.schema == read.schema && table.name == read.name;
      if (same) rows += std::max<int64_t>(table.row_estimate, 0);
    }
  }
  return rows;
}

std::vector<std::pair<Connection, std::vector<uint16_t>>> SourceView::conversations() const {
  std::vector<std::pair<Connection, std::vector<uint16_t>>> all;
  for (const auto& [name, opened] : opened_) {
    if (!opened.local_ports.empty()) all.emplace_back(opened.connection, opened.local_ports);
  }
  return all;
}

}  // namespace firn::federation
