#include "api/staging.h"

#include <algorithm>

#include "api/analysis.h"
#include "api/context.h"
#include "api/convert.h"
#include "api/ids.h"
#include "api/roots.h"
#include "api/tables.h"
#include "graphql/json.h"

// Changes of tables on branches: stageChange and what becomes of them.
namespace firn::api {
namespace {

constexpr int32_t kChangesMax = 500;

std::optional<graphql::RawJson> rows_if_shown(const staging::Difference& difference) {
  if (difference.sample.empty()) return std::nullopt;
  return graphql::RawJson{difference.sample};
}

}  // namespace

Result<schema::StagedChange> to_schema(const staging::StagedChange& change) {
  std::vector<std::string> columns;
  for (const auto& name : TRY(graphql::parse_json(change.columns)).items) {
    columns.push_back(name.text);
  }
  std::optional<std::string> published;
  if (change.published_snapshot) published = std::to_string(*change.published_snapshot);
  std::optional<graphql::DateTime> decided;
  if (change.decided_us != 0) decided = graphql::DateTime{change.decided_us};
  return schema::StagedChange{
      .id = global_id("change", change.id),
      .table_id = global_id("table", change.table_uuid.to_string()),
      .full_name = change.catalog + '.' + change.name_space + '.' + change.table,
      .branch = change.branch,
      .mode = static_cast<schema::ChangeMode>(change.mode),
      .statement = change.statement,
      .evidence_id = global_id("evidence", change.query_id),
      .base_snapshot_id = std::to_string(change.base_snapshot),
      .snapshot_id = std::to_string(change.snapshot),
      .rows_before = change.rows_before,
      .rows_after = change.rows_after,
      .rows_added = change.added.rows,
      .rows_removed = change.removed.rows,
      .columns = std::move(columns),
      .added_rows = rows_if_shown(change.added),
      .removed_rows = rows_if_shown(change.removed),
      // The schema does not have the state that nobody sees.
      .state = static_cast<schema::ChangeState>(static_cast<int>(change.state) - 1),
      .created_by = change.created_by,
      .created_at = graphql::DateTime{change.created_us},
      .expires_at = graphql::DateTime{change.expires_us},
      .decided_by = unless_empty(change.decided_by),
      .decided_at = decided,
      .published_snapshot_id = std::move(published)};
}

Field<std::optional<schema::StagedChange>> QueryRoot::staged_change(
    Call& call, const schema::QueryStagedChangeArgs& args) const {
  using Found = std::optional<schema::StagedChange>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto id = local_id("change", args.id);
    if (!id.ok()) return Found();
    const auto change = services.staging->find(who, *id);
    if (!change.ok() && change.error().code() == ErrorCode::kNotFound) return Found();
    return Found(TRY(to_schema(TRY(change))));
  });
}

Field<std::vector<schema::StagedChange>> QueryRoot::staged_changes(
    Call& call, const schema::QueryStagedChangesArgs& args) const {
  using Found = std::vector<schema::StagedChange>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    std::optional<Uuid> table;
    if (args.table_id) {
      table = TRY(find_table(services, who, *args.table_id)).table->metadata->table_uuid;
    }
    Found found;
    for (const auto& change :
         TRY(services.staging->list(who, table, std::clamp(args.first, 0, kChangesMax)))) {
      found.push_back(TRY(to_schema(change)));
    }
    return found;
  });
}

Field<schema::StagedChange> MutationRoot::stage_change(
    Call& call, const schema::MutationStageChangeArgs& args) const {
  return changing(call, {args.input.table},
                  [&services = services_, input = args.input, client = context_of(call).client](
                      const auth::Principal& who) -> Result<schema::StagedChange> {
                    const auto found = TRY(find_table_by_full_name(services, who, input.table));
                    staging::NewChange wanted;
                    wanted.catalog = found.entry.name;
                    wanted.name_space = found.table->ident.levels;
                    wanted.table = found.table->ident.name;
                    wanted.mode = static_cast<staging::ChangeMode>(input.mode);
                    wanted.statement = input.statement;
                    wanted.client = client;
                    return to_schema(TRY(services.staging->stage(who, wanted)));
                  });
}

Field<schema::StagedChange> MutationRoot::publish_change(
    Call& call, const schema::MutationPublishChangeArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::StagedChange> {
        return to_schema(TRY(services.staging->publish(who, TRY(local_id("change", args.id)))));
      });
}

Field<schema::StagedChange> MutationRoot::discard_change(
    Call& call, const schema::MutationDiscardChangeArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::StagedChange> {
        return to_schema(TRY(services.staging->discard(who, TRY(local_id("change", args.id)))));
      });
}

}  // namespace firn::api
