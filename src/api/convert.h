#pragma once

#include <optional>
#include <string>

#include "api/ids.h"
#include "api/schema/types.h"
#include "auth/auth.h"
#include "query/engine.h"
#include "query/query_log.h"
#include "workspace/workspace.h"

// The services' records as the schema has them.
namespace firn::api {

// The enumerations have the same members in the same order.
static_assert(static_cast<int>(schema::Role::kEngine) == static_cast<int>(auth::Role::kEngine));
static_assert(static_cast<int>(schema::ColumnRule::kHashed) ==
              static_cast<int>(auth::ColumnRule::kHashed));
static_assert(static_cast<int>(schema::ChartKind::kTable) ==
              static_cast<int>(workspace::ChartKind::kTable));
static_assert(static_cast<int>(schema::TileKind::kText) ==
              static_cast<int>(workspace::TileKind::kText));
static_assert(static_cast<int>(schema::FilterComparison::kWithin) ==
              static_cast<int>(workspace::Comparison::kWithin));
inline schema::Role to_schema(auth::Role role) { return static_cast<schema::Role>(role); }
inline auth::Role from_schema(schema::Role role) { return static_cast<auth::Role>(role); }

// What is not there is an empty text in the records.
inline std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}
inline graphql::DateTime time_of(int64_t micros) { return {micros}; }
inline std::optional<graphql::DateTime> time_of(const std::optional<int64_t>& micros) {
  return micros ? std::optional(graphql::DateTime{*micros}) : std::nullopt;
}

std::optional<schema::Role> to_schema(const std::optional<auth::Role>& role);
schema::Environment to_schema(const auth::Environment& environment);
schema::Person to_schema(const auth::Person& person);
schema::Invitation to_schema(const auth::Invitation& invitation);
schema::NewInvitation to_schema(const auth::NewInvitation& invitation);
schema::Key to_schema(const auth::Key& key);
schema::NewKey to_schema(const auth::NewKey& key);
schema::ServiceAccount to_schema(const auth::ServiceAccount& account);
// `principal_name` of whoever has it.
schema::Grant to_schema(const auth::Grant& grant, std::string principal_name);
schema::AuditEntry to_schema(const auth::AuditEntry& entry);

// Where an error's place is counted in UTF-16 units, as editors do.
schema::QueryError to_schema(const Error& error, std::string_view statement);
schema::EvidenceTable to_schema(const query::TableEvidence& table);
schema::Evidence to_schema(const query::LoggedQuery& logged);

schema::ChartSpec to_schema(const workspace::ChartSpec& spec);
schema::SavedQuery to_schema(const workspace::SavedQuery& query);
schema::Chart to_schema(const workspace::Chart& chart);
schema::Insight to_schema(const workspace::Insight& insight);
workspace::ChartSpec from_schema(const schema::ChartSpecInput& input);
schema::DashboardScope to_schema(const workspace::Scope& scope);
workspace::Scope from_schema(const schema::DashboardScopeInput& input);

}  // namespace firn::api
