#include "federation/engine_access.h"

#include <algorithm>

#include "auth/auth.h"
#include "catalog/catalog.h"
#include "federation/federation.h"
#include "federation/fingerprint.h"
#include "federation/portable_filter.h"
#include "federation/remote_tables.h"
#include "http/message.h"
#include "query/query_log.h"

namespace firn::federation {
namespace {

using auth::Principal;
using query::ForeignTable;

FilterType filter_type(const iceberg::Type& type) {
  switch (type.id) {
    case iceberg::TypeId::kBoolean: return FilterType::kBoolean;
    case iceberg::TypeId::kInt:
    case iceberg::TypeId::kLong:
    case iceberg::TypeId::kDecimal: return FilterType::kNumber;
    case iceberg::TypeId::kString: return FilterType::kText;
    case iceberg::TypeId::kDate: return FilterType::kDate;
    default: return FilterType::kOther;
  }
}

// Of DuckDB's name of a type. A UUID, an enumeration and what else DuckDB has as text is none here.
FilterType filter_type(const std::string& type) {
  static const std::map<std::string, FilterType> kTypes = {
      {"BOOLEAN", FilterType::kBoolean},  {"TINYINT", FilterType::kNumber},
      {"SMALLINT", FilterType::kNumber},  {"INTEGER", FilterType::kNumber},
      {"BIGINT", FilterType::kNumber},    {"UTINYINT", FilterType::kNumber},
      {"USMALLINT", FilterType::kNumber}, {"UINTEGER", FilterType::kNumber},
      {"UBIGINT", FilterType::kNumber},   {"VARCHAR", FilterType::kText},
      {"DATE", FilterType::kDate}};
  if (type.starts_with("DECIMAL(")) return FilterType::kNumber;
  const auto known = kTypes.find(type);
  return known == kTypes.end() ? FilterType::kOther : known->second;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

catalog::Namespace levels_of(const std::string& schema) {
  catalog::Namespace levels;
  for (size_t from = 0; from <= schema.size();) {
    const size_t end = std::min(schema.find('.', from), schema.size());
    levels.push_back(schema.substr(from, end - from));
    from = end + 1;
  }
  return levels;
}

std::string hash_of(const std::string& connector, const query::TextPairs& properties) {
  std::vector<std::string> texts{connector};
  for (const auto& [name, value] : properties) {
    texts.push_back(name);
    texts.push_back(value);
  }
  return fingerprint(texts);
}

// A host as URLs have it.
std::string url_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string postgres_url(const ConnectionSpec& spec) {
  const std::string timeout = std::to_string(spec.statement_timeout_ms);
  std::string url = "jdbc:postgresql://" + url_host(spec.host) + ":" + std::to_string(spec.port) +
                    "/" + http::percent_encode(spec.database) + "?ApplicationName=firn&options=" +
                    http::percent_encode(
                        "-c default_transaction_read_only=on -c "
                        "statement_timeout=" +
                        timeout);
  switch (spec.tls) {
    case Tls::kDisable: return url + "&sslmode=disable";
    case Tls::kPrefer: return url + "&sslmode=prefer";
    case Tls::kRequire: return url + "&sslmode=require";
    case Tls::kVerify: break;
  }
  return url + "&sslmode=verify-full&sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory";
}

std::string mysql_url(const ConnectionSpec& spec) {
  std::string url = "jdbc:mysql://" + url_host(spec.host) + ":" + std::to_string(spec.port);
  switch (spec.tls) {
    case Tls::kDisable: return url + "?sslMode=DISABLED";
    case Tls::kPrefer: return url + "?sslMode=PREFERRED";
    case Tls::kRequire: return url + "?sslMode=REQUIRED";
    case Tls::kVerify: break;
  }
  return url + "?sslMode=VERIFY_IDENTITY";
}

// Rules of field ids as rules of every name that a field has, or had.
std::map<std::string, auth::ColumnRule> names_under(const auth::TableRules& rules,
                                                    const iceberg::TableMetadata& metadata) {
  std::map<std::string, auth::ColumnRule> named;
  for (const auto& schema : metadata.schemas) {
    for (const auto& column : schema.fields) {
      const auto rule = rules.columns.find(column.id);
      if (rule == rules.columns.end()) continue;
      const auto [slot, is_new] = named.emplace(auth::lower_case(column.name), rule->second);
      if (!is_new) slot->second = std::min(slot->second, rule->second);
    }
  }
  return named;
}

// What Trino's Iceberg connector is told of somebody else's catalog.
query::TextPairs catalog_properties(const ConnectionSpec& spec, const std::string& secret,
                                    const std::string& storage_secret) {
  const std::string rest = "iceberg.rest-catalog.";
  query::TextPairs properties = {{"iceberg.catalog.type", "rest"},
                                 {rest + "uri", catalog_url(spec)},
                                 {rest + "nested-namespace-enabled", "true"},
                                 {"iceberg.security", "read_only"},
                                 {"fs.native-s3.enabled", "true"},
                                 {"s3.path-style-access", "true"}};
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) properties.emplace_back(name, value);
  };
  add(rest + "warehouse", spec.database);
  if (!secret.empty()) {
    properties.emplace_back(rest + "security", "OAUTH2");
    const bool client = !spec.user.empty();
    add(rest + (client ? "oauth2.credential" : "oauth2.token"),
        client ? spec.user + ":" + secret : secret);
    add(rest + "oauth2.server-uri", spec.token_url);
    add(rest + "oauth2.scope", client && spec.scope.empty() ? "catalog" : spec.scope);
  }
  add("s3.endpoint", spec.storage_endpoint);
  const bool needs_region = spec.storage_region.empty() && !spec.storage_endpoint.empty();
  add("s3.region", needs_region ? "us-east-1" : spec.storage_region);
  if (spec.storage_user.empty()) {
    properties.emplace_back(rest + "vended-credentials-enabled", "true");
  } else {
    add("s3.aws-access-key", spec.storage_user);
    add("s3.aws-secret-key", storage_secret);
  }
  return properties;
}

}  // namespace

Result<EngineAccess::Account> EngineAccess::account(const Principal& engine,
                                                    const std::string& account) {
  const auto who = TRY(authenticator_.account(engine, account));
  Account seen;
  seen.name = who.name;
  seen.is_admin = auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)).ok();
  const auto access = query::access_of(who, authenticator_);
  for (auto& catalog : TRY(access->catalogs())) {
    seen.catalogs.push_back({std::move(catalog.name), {}});
  }
  for (auto& connection : TRY(federation_.connections(who))) {
    VisibleCatalog visible{connection.spec.name, {}};
    // MySQL's user may see more databases than the connection's.
    if (connection.spec.kind == ForeignKind::kMySql) visible.schemas = {connection.spec.database};
    seen.catalogs.push_back(std::move(visible));
  }
  return seen;
}

Result<EngineAccess::Sight> EngineAccess::table(const Principal& engine, const std::string& account,
                                                const TableName& name) {
  const auto who = TRY(authenticator_.account(engine, account));
  for (const auto& connection : TRY(federation_.connections(who))) {
    if (connection.spec.name == name.catalog) return connected_table(who, connection, name);
  }
  return lake_table(who, name);
}

Result<EngineAccess::Sight> EngineAccess::lake_table(const Principal& who, const TableName& name) {
  const auto access = query::access_of(who, authenticator_);
  const auto view = lake_.open_view({}, access, nullptr);
  const auto resolved = TRY(view->resolve(name.catalog, name.schema, name.table, {}));
  Sight sight;
  sight.restricted = resolved.rules.any();
  if (!sight.restricted) return sight;
  std::vector<FilterColumn> columns;
  for (const auto& column : resolved.columns) {
    columns.push_back({column.name, filter_type(*column.type), false});
  }
  for (const auto& filter : resolved.rules.row_filters) {
    sight.filters.push_back(TRY(portable_filter(filter, columns, resolved.caller)));
  }
  // An older snapshot has columns under the names that they had then.
  std::string catalog_id;
  for (const auto& catalog : TRY(access->catalogs())) {
    if (catalog.name == name.catalog) catalog_id = catalog.id;
  }
  const auto table = TRY(catalog_.load_table({catalog_id, levels_of(name.schema), resolved.name}));
  sight.columns = names_under(resolved.rules, *table->metadata);
  return sight;
}

Result<EngineAccess::Sight> EngineAccess::connected_table(const Principal& who,
                                                          const Connection& connection,
                                                          const TableName& name) {
  // Engines fold other letters in ways of their own, and a policy would miss its table.
  if (!is_ascii(name.schema) || !is_ascii(name.table)) {
    return Error(ErrorCode::kUnsupported,
                 "Trino reads no table whose name has other letters than "
                 "ASCII's");
  }
  const auto access = TRY(federation_.access_to(who, connection, name.schema, name.table));
  const auto& rules = access.rules;
  const ForeignTable* known = nullptr;
  const auto tables = TRY(federation_.tables_of(connection));
  for (const auto& table : tables) {
    if (auth::lower_case(table.schema) != auth::lower_case(name.schema) ||
        auth::lower_case(table.name) != auth::lower_case(name.table)) {
      continue;
    }
    known = &table;
  }
  const bool beyond = connection.spec.kind == ForeignKind::kMySql &&
                      auth::lower_case(name.schema) != auth::lower_case(connection.spec.database);
  if (known == nullptr && beyond) {
    return Error(ErrorCode::kNotFound, "the connection has no such table");
  }
  Sight sight;
  sight.restricted = rules.any();
  if (!sight.restricted) return sight;
  if (known != nullptr && connection.spec.kind == ForeignKind::kIceberg) {
    return remote_table(who, connection, *known);
  }
  if (known == nullptr) {
    return Error(ErrorCode::kPermissionDenied, "a policy holds for a table that is not there");
  }
  std::vector<FilterColumn> columns;
  sight.columns = rules.named_columns;
  size_t ruled = 0;
  for (const auto& column : known->columns) {
    columns.push_back({column.name, filter_type(column.type), true});
    columns.back().needs_cast = columns.back().type == FilterType::kText;
    ruled += rules.named_columns.count(auth::lower_case(column.name));
  }
  if (ruled < rules.named_columns.size()) {
    return Error(ErrorCode::kPermissionDenied,
                 "a policy names a column that is not there any more: an admin has to look");
  }
  for (const auto& filter : rules.row_filters) {
    sight.filters.push_back(TRY(portable_filter(filter, columns, access.caller)));
  }
  return sight;
}

// Its snapshots may have columns under the names that they had then.
Result<EngineAccess::Sight> EngineAccess::remote_table(const Principal& who,
                                                       const Connection& connection,
                                                       const ForeignTable& known) {
  const auto seen = TRY(federation_.remote_sight(who, connection, known.schema, known.name));
  Sight sight;
  sight.restricted = true;
  std::vector<FilterColumn> columns;
  for (const auto& column : seen.table->metadata->schema().fields) {
    columns.push_back({column.name, filter_type(*column.type), false});
  }
  for (const auto& filter : seen.access.rules.row_filters) {
    sight.filters.push_back(TRY(portable_filter(filter, columns, seen.access.caller)));
  }
  sight.columns = names_under(seen.access.rules, *seen.table->metadata);
  return sight;
}

Result<std::vector<EngineAccess::EngineCatalog>> EngineAccess::catalogs(const Principal& engine) {
  TRY(auth::authorize_engine(engine));
  std::vector<EngineCatalog> all;
  for (const auto& entry : TRY(authenticator_.directory().catalogs(engine))) {
    all.push_back({entry.name, "iceberg", {}, {{"iceberg.rest-catalog.warehouse", entry.name}}});
  }
  for (const auto& connection : TRY(federation_.connections_for(engine))) {
    const auto& spec = connection.spec;
    EngineCatalog made;
    made.name = spec.name;
    if (spec.kind == ForeignKind::kIceberg) {
      made.connector = "iceberg";
      made.properties = catalog_properties(spec, TRY(federation_.password_for(engine, connection)),
                                           TRY(federation_.storage_secret_for(engine, connection)));
      all.push_back(std::move(made));
      continue;
    }
    if (spec.kind == ForeignKind::kPostgres) {
      made.connector = "postgresql";
      made.properties = {{"connection-url", postgres_url(spec)}};
    } else if (spec.kind == ForeignKind::kMySql) {
      made.connector = "mysql";  // speaks to MariaDB, too
      made.properties = {{"connection-url", mysql_url(spec)}};
    } else {
      continue;  // Trino reads no SQLite
    }
    made.properties.emplace_back("connection-user", spec.user);
    const std::string password = TRY(federation_.password_for(engine, connection));
    if (!password.empty()) made.properties.emplace_back("connection-password", password);
    all.push_back(std::move(made));
  }
  for (auto& made : all) made.version = hash_of(made.connector, made.properties);
  return all;
}

// What the engine does not know of a table: its uuid, and the schema of the snapshot. What cannot
// be found stays without; then nobody can replay the query.
void EngineAccess::complete(const Principal& who, query::TableEvidence& table) {
  const auto access = query::access_of(who, authenticator_);
  const auto catalogs = access->catalogs();
  if (!catalogs.ok()) return;
  const auto catalog = std::find_if(catalogs->begin(), catalogs->end(),
                                    [&](const auto& known) { return known.name == table.catalog; });
  table.foreign = catalog == catalogs->end();
  if (table.foreign) return;
  const auto found = catalog_.load_table({catalog->id, levels_of(table.schema), table.name});
  const auto* snapshot = found.ok() && table.snapshot_id
                             ? (*found)->metadata->snapshot_by_id(*table.snapshot_id)
                             : nullptr;
  if (found.ok()) {
    table.uuid = (*found)->metadata->table_uuid;
    table.schema_id = (*found)->metadata->current_schema_id;
  }
  if (snapshot == nullptr) {
    table.snapshot_id.reset();
  } else if (snapshot->schema_id) {
    table.schema_id = *snapshot->schema_id;
  }
}

Status EngineAccess::report(const Principal& engine, query::QueryInfo info) {
  const auto who = TRY(authenticator_.account(engine, info.account));
  info.organization = engine.organization;
  info.requested_by = who.name;
  info.query_id = "trino:" + info.query_id;
  info.engine = "trino";
  info.engine_reason = "Trino was asked directly";
  const auto known = log_.find(engine.organization, info.query_id);
  if (known.ok()) return {};
  if (known.error().code() != ErrorCode::kNotFound) return known.error();
  for (auto& table : info.tables) complete(who, table);
  log_.record(std::move(info));
  return {};
}

}  // namespace firn::federation
