#include "api/convert.h"

#include <algorithm>

namespace firn::api {

std::optional<schema::Role> to_schema(const std::optional<auth::Role>& role) {
  return role ? std::optional(to_schema(*role)) : std::nullopt;
}

schema::Environment to_schema(const auth::Environment& environment) {
  return {.id = global_id("environment", environment.id),
          .name = environment.name,
          .created_at = time_of(environment.created_us)};
}

schema::Person to_schema(const auth::Person& person) {
  return {.id = global_id("person", person.id),
          .email = person.email,
          .name = person.name,
          .role = to_schema(person.role),
          .created_at = time_of(person.created_us),
          .last_seen_at = time_of(person.last_seen_us)};
}

schema::Invitation to_schema(const auth::Invitation& invitation) {
  return {.id = global_id("invitation", invitation.id),
          .email = invitation.email,
          .role = to_schema(invitation.role),
          .created_at = time_of(invitation.created_us),
          .expires_at = time_of(invitation.expires_us),
          .invited_by = invitation.invited_by};
}

schema::NewInvitation to_schema(const auth::NewInvitation& invitation) {
  return {.invitation = to_schema(invitation.invitation), .link = "/invite#" + invitation.token};
}

schema::Key to_schema(const auth::Key& key) {
  return {.id = global_id("key", key.id),
          .prefix = "firn_" + key.id,
          .name = key.name,
          .created_at = time_of(key.created_us),
          .expires_at = time_of(key.expires_us),
          .revoked_at = time_of(key.revoked_us),
          .last_used_at = time_of(key.last_used_us)};
}

schema::NewKey to_schema(const auth::NewKey& key) {
  return {.key = to_schema(key.key), .secret = key.secret};
}

schema::ServiceAccount to_schema(const auth::ServiceAccount& account) {
  std::vector<schema::Key> keys;
  for (const auto& key : account.keys) keys.push_back(to_schema(key));
  return {.id = global_id("account", account.id),
          .name = account.name,
          .role = to_schema(account.role),
          .created_at = time_of(account.created_us),
          .keys = std::move(keys)};
}

schema::Grant to_schema(const auth::Grant& grant, std::string principal_name) {
  std::optional<std::string> environment;
  std::optional<std::string> catalog;
  if (!grant.environment.empty()) environment = global_id("environment", grant.environment);
  if (!grant.catalog.empty()) catalog = global_id("catalog", grant.catalog);
  return {.id = global_id("grant", grant.id),
          .principal_id = grant.principal,
          .principal_name = std::move(principal_name),
          .role = to_schema(grant.role),
          .environment_id = std::move(environment),
          .catalog_id = std::move(catalog)};
}

schema::AuditEntry to_schema(const auth::AuditEntry& entry) {
  std::optional<std::string> principal;
  if (!entry.principal.empty()) principal = entry.principal;
  std::optional<std::string> error;
  if (!entry.error.empty()) error = entry.error;
  return {.id = global_id("audit", std::to_string(entry.id)),
          .at = time_of(entry.at_us),
          .principal_id = std::move(principal),
          .principal_name = entry.principal_name,
          .action = entry.action,
          .objects = entry.objects,
          .error = std::move(error),
          .from = entry.address,
          .client = entry.client};
}

schema::QueryError to_schema(const Error& error, std::string_view statement) {
  std::optional<int32_t> position;
  if (error.position()) {
    int32_t units = 0;
    for (const char c : statement.substr(0, *error.position())) {
      const auto byte = static_cast<uint8_t>(c);
      if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
    }
    position = units;
  }
  return {.code = std::string(info_of(error.code()).graphql_code),
          .message = error.message(),
          .position = position};
}

schema::EvidenceTable to_schema(const query::TableEvidence& table) {
  std::optional<std::string> snapshot;
  if (table.snapshot_id) snapshot = std::to_string(*table.snapshot_id);
  std::optional<std::string> connection;
  std::optional<std::string> uuid;
  if (table.foreign) {
    connection = table.catalog;
  } else {
    uuid = table.uuid.to_string();
  }
  return {.full_name = table.catalog + "." + table.schema + "." + table.name,
          .connection = std::move(connection),
          .table_uuid = std::move(uuid),
          .snapshot_id = std::move(snapshot),
          .schema_id = table.schema_id,
          .files = table.files,
          .files_total = table.files_total,
          .bytes = table.bytes,
          .rows = table.rows,
          .hot_rows = table.hot_rows};
}

namespace {

std::string engine_reason(const query::QueryInfo& info) {
  if (!info.engine_reason.empty()) return info.engine_reason;
  const bool foreign = std::any_of(info.tables.begin(), info.tables.end(),
                                   [](const auto& table) { return table.foreign; });
  return foreign ? "DuckDB reaches every connection that the query reads"
                 : "every table is in the lake";
}

}  // namespace

schema::Evidence to_schema(const query::LoggedQuery& logged) {
  const auto& info = logged.info;
  std::vector<schema::EvidenceTable> tables;
  for (const auto& table : info.tables) tables.push_back(to_schema(table));
  const std::string& parameters = info.question.parameters;
  return {.id = global_id("evidence", info.query_id),
          .query_id = global_id("query", info.query_id),
          .statement = info.statement,
          .parameters = graphql::RawJson{parameters.empty() ? "{}" : parameters},
          .engine = info.engine,
          .engine_reason = engine_reason(info),
          .tables = std::move(tables),
          .result_hash = info.result_hash,
          .row_count = static_cast<int64_t>(info.rows),
          .created_at = time_of(info.end_us),
          .pinned = logged.pinned};
}

schema::ChartSpec to_schema(const workspace::ChartSpec& spec) {
  return {.kind = static_cast<schema::ChartKind>(spec.kind),
          .x = spec.x,
          .y = spec.y,
          .series = spec.series,
          .stacked = spec.stacked};
}

workspace::ChartSpec from_schema(const schema::ChartSpecInput& input) {
  return {static_cast<workspace::ChartKind>(input.kind), input.x, input.y, input.series,
          input.stacked};
}

schema::DashboardScope to_schema(const workspace::Scope& scope) {
  std::vector<schema::DashboardFilter> filters;
  for (const auto& filter : scope.filters) {
    filters.push_back({.column = filter.column,
                       .comparison = static_cast<schema::FilterComparison>(filter.comparison),
                       .value = filter.value});
  }
  return {.range = scope.range, .time_column = scope.time_column, .filters = std::move(filters)};
}

workspace::Scope from_schema(const schema::DashboardScopeInput& input) {
  workspace::Scope scope{input.range, input.time_column, {}};
  for (const auto& filter : input.filters) {
    scope.filters.push_back(
        {filter.column, static_cast<workspace::Comparison>(filter.comparison), filter.value});
  }
  return scope;
}

schema::SavedQuery to_schema(const workspace::SavedQuery& query) {
  return {.id = global_id("savedQuery", query.about.id),
          .name = query.about.name,
          .description = query.description,
          .statement = query.statement,
          .created_by = query.about.created_by,
          .created_at = time_of(query.about.created_us),
          .updated_at = time_of(query.about.updated_us),
          .version = query.about.version};
}

schema::Chart to_schema(const workspace::Chart& chart) {
  return {.id = global_id("chart", chart.about.id),
          .name = chart.about.name,
          .statement = chart.statement,
          .spec = to_schema(chart.spec),
          .created_by = chart.about.created_by,
          .created_at = time_of(chart.about.created_us),
          .updated_at = time_of(chart.about.updated_us)};
}

schema::Insight to_schema(const workspace::Insight& insight) {
  std::optional<std::string> evidence;
  if (insight.evidence_id) evidence = global_id("evidence", *insight.evidence_id);
  std::optional<schema::ChartSpec> spec;
  if (insight.spec) spec = to_schema(*insight.spec);
  return {.id = global_id("insight", insight.about.id),
          .title = insight.about.name,
          .narrative = insight.narrative,
          .evidence_id = std::move(evidence),
          .spec = std::move(spec),
          .created_by = insight.about.created_by,
          .created_at = time_of(insight.about.created_us),
          .archived = insight.archived};
}

}  // namespace firn::api
