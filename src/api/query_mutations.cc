#include "api/context.h"
#include "api/convert.h"
#include "api/pins.h"
#include "api/roots.h"
#include "api/rows.h"
#include "api/runs_object.h"
#include "api/tables.h"

namespace firn::api {
namespace {

constexpr int32_t kWaitMsMax = 20'000;

Result<query::QueryRequest> run_request(Services& services, const auth::Principal& who,
                                        const schema::RunQueryInput& input,
                                        const std::string& client) {
  auto request = request_of(services, who, client);
  request.statement = input.statement;
  request.catalog = input.catalog.value_or("");
  request.schema = input.namespace_.value_or("");
  if (input.parameters) request.parameters = input.parameters->text;
  if (request.parameters == "null") request.parameters.clear();
  request.as_of = input.as_of.value_or("");
  request.engine = static_cast<query::EngineChoice>(input.engine);
  request.timezone = input.timezone.value_or("");
  if (input.min_snapshot) request.min_snapshot = TRY(parse_snapshot_id(*input.min_snapshot));
  if (input.limit) {
    if (*input.limit < 0) return Error(ErrorCode::kInvalidArgument, "'limit' is not negative");
    request.limit = static_cast<uint64_t>(*input.limit);
  }
  return request;
}

}  // namespace

Field<RunObject> MutationRoot::run_query(Call& call,
                                         const schema::MutationRunQueryArgs& args) const {
  // Reads: the history holds it, so the audit log need not.
  return asking(
      call,
      [&services = services_, input = args.input,
       client = context_of(call).client](const auth::Principal& who) -> Result<RunObject> {
        const std::string id =
            TRY(services.runs.start(TRY(run_request(services, who, input, client))));
        const std::chrono::milliseconds wait(std::clamp(input.wait_ms, 0, kWaitMsMax));
        return make_run(services, TRY(visible_run(services, who, global_id("query", id), wait)));
      });
}

Field<RunObject> MutationRoot::cancel_query(Call& call,
                                            const schema::MutationCancelQueryArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<RunObject> {
                    TRY(visible_run(services, who, args.id));
                    TRY(services.runs.cancel(who.organization, TRY(local_id("query", args.id))));
                    constexpr std::chrono::milliseconds kEndsWithin{2'000};
                    return make_run(services,
                                    TRY(visible_run(services, who, args.id, kEndsWithin)));
                  });
}

Field<schema::SavedQuery> MutationRoot::save_query(
    Call& call, const schema::MutationSaveQueryArgs& args) const {
  return changing(call, {args.input.name},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::SavedQuery> {
                    workspace::SavedQuery query;
                    query.about.name = input.name;
                    query.statement = input.statement;
                    query.description = input.description;
                    return to_schema(TRY(services.workspace.create_saved_query(who, query)));
                  });
}

Field<schema::SavedQuery> MutationRoot::update_saved_query(
    Call& call, const schema::MutationUpdateSavedQueryArgs& args) const {
  return changing(call, {args.input.id},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::SavedQuery> {
                    return to_schema(TRY(services.workspace.update_saved_query(
                        who, TRY(local_id("savedQuery", input.id)), input.version,
                        [&](workspace::SavedQuery& query) {
                          if (input.name) query.about.name = *input.name;
                          if (input.statement) query.statement = *input.statement;
                          if (input.description.given()) query.description = input.description;
                        })));
                  });
}

Field<std::string> MutationRoot::delete_saved_query(
    Call& call, const schema::MutationDeleteSavedQueryArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        TRY(services.workspace.remove_saved_query(who, TRY(local_id("savedQuery", args.id))));
        return args.id;
      });
}

namespace {

std::vector<schema::ReplayedTable> to_schema(const std::vector<query::ReplayedTable>& tables) {
  const auto id_of = [](const std::optional<int64_t>& snapshot) {
    return snapshot ? std::optional(std::to_string(*snapshot)) : std::nullopt;
  };
  std::vector<schema::ReplayedTable> all;
  for (const auto& [before, now] : tables) {
    all.push_back({.full_name = now.catalog + "." + now.schema + "." + now.name,
                   .snapshot_before = id_of(before.snapshot_id),
                   .snapshot_now = id_of(now.snapshot_id),
                   .rows_before = before.rows + before.hot_rows,
                   .rows_now = now.rows + now.hot_rows,
                   .schema_changed = now.schema_id != before.schema_id});
  }
  return all;
}

}  // namespace

Field<schema::Replay> MutationRoot::replay(Call& call,
                                           const schema::MutationReplayArgs& args) const {
  return changing(
      call, {args.evidence_id},
      [&services = services_, args,
       client = context_of(call).client](const auth::Principal& who) -> Result<schema::Replay> {
        const auto logged = TRY(visible_evidence(services, who, args.evidence_id));
        auto outcome = TRY(services.runs.replay(logged, request_of(services, who, client),
                                                static_cast<query::ReplayAgainst>(args.against)));
        std::optional<std::string> after;
        if (!outcome.after.empty()) after = outcome.after;
        const auto rows = [](const std::optional<std::string>& text) {
          return text ? std::optional(graphql::RawJson{*text}) : std::nullopt;
        };
        return schema::Replay{.verdict = static_cast<schema::ReplayVerdict>(outcome.verdict),
                              .reason = outcome.reason,
                              .before = outcome.before,
                              .after = std::move(after),
                              .removed_rows = rows(outcome.removed),
                              .added_rows = rows(outcome.added),
                              .tables = to_schema(outcome.tables)};
      });
}

Field<schema::Evidence> MutationRoot::pin_evidence(
    Call& call, const schema::MutationPinEvidenceArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Evidence> {
        TRY(visible_evidence(services, who, args.id));
        TRY(api::pin_evidence(services, who, TRY(local_id("evidence", args.id))));
        return to_schema(TRY(visible_evidence(services, who, args.id)));
      });
}

Field<schema::Evidence> MutationRoot::unpin_evidence(
    Call& call, const schema::MutationUnpinEvidenceArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Evidence> {
        TRY(visible_evidence(services, who, args.id));
        TRY(api::unpin_evidence(services, who, TRY(local_id("evidence", args.id))));
        return to_schema(TRY(visible_evidence(services, who, args.id)));
      });
}

}  // namespace firn::api
