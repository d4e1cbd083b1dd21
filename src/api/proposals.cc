#include "api/proposals.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agents/agents.h"
#include "agents/analyst/analyst.h"
#include "api/context.h"
#include "api/convert.h"
#include "api/ids.h"
#include "api/paging.h"
#include "api/roots.h"
#include "graphql/input_check.h"
#include "graphql/json.h"
#include "graphql/suggestions.h"
#include "staging/staging.h"

// analyzeTable, and proposals with what becomes of them.
namespace firn::api {
namespace {

using graphql::Value;
using workspace::kChartKindNames;

constexpr int32_t kFindingsMax = 100;
// Deciding is nothing that can be proposed: it would be decided by whoever approves, unread.
constexpr std::string_view kNeverProposed[] = {"approveProposal", "rejectProposal", "propose"};

// Whether the action is a mutation that takes these arguments.
Status check_action(const graphql::Schema& schema, const std::string& action,
                    const Value& arguments) {
  const auto wrong = [](std::string message) {
    return Error(ErrorCode::kInvalidArgument, std::move(message));
  };
  const auto* mutations = schema.root(graphql::OperationKind::kMutation);
  const auto* field = mutations != nullptr ? mutations->field(action) : nullptr;
  if (field == nullptr) {
    std::vector<std::string_view> names;
    if (mutations != nullptr) {
      for (const auto& one : mutations->fields) names.push_back(one.name);
    }
    return wrong("there is no mutation '" + action + "'." +
                 graphql::did_you_mean(graphql::suggest(action, names)));
  }
  if (std::find(std::begin(kNeverProposed), std::end(kNeverProposed), action) !=
      std::end(kNeverProposed)) {
    return wrong("'" + action + "' cannot be proposed");
  }
  if (arguments.kind != Value::Kind::kObject) {
    return wrong("'arguments' is an object, the mutation's arguments by name");
  }
  for (const auto& [name, value] : arguments.fields) {
    if (field->argument(name) == nullptr) {
      return wrong("'" + action + "' takes no argument '" + name + "'");
    }
  }
  std::string problem;
  for (const auto& argument : field->arguments) {
    const Value* value = arguments.field(argument.name);
    if (value == nullptr) {
      if (argument.type->is_non_null() && !argument.default_value) {
        return wrong("'" + action + "' needs the argument '" + argument.name + "'");
      }
      continue;
    }
    graphql::coerce_input(*value, *argument.type,
                          [&](const std::string& path, const std::string& message) {
                            if (problem.empty()) problem = argument.name + path + ": " + message;
                          });
  }
  return problem.empty() ? Status() : wrong(problem);
}

// Makes the proposed change as `who`; gives what it gave, as JSON.
Result<std::string> act(Services& services, const PrincipalPtr& who,
                        const agents::Proposal& proposal) {
  const Value arguments = TRY(graphql::parse_json(proposal.arguments));
  const auto tools = services.tools(who, "proposal " + proposal.id);
  auto answer = TRY(tools->call(proposal.action, arguments));
  if (answer.failed) return Error(ErrorCode::kInvalidArgument, answer.text);
  return answer.content.to_json();
}

// The decision stands, whether or not it can be remembered.
void remember(Services& services, const auth::Principal& who, const agents::Proposal& decided) {
  const Status learned = services.agents->learn(who, decided);
  if (!learned.ok()) spdlog::warn("a decision is not remembered: {}", learned.error().to_log());
}

// A change that nobody wants leaves nothing behind.
void discard_rejected(Services& services, const auth::Principal& who,
                      const agents::Proposal& rejected) {
  if (rejected.action != "publishChange") return;
  const auto discard = [&]() -> Status {
    const Value arguments = TRY(graphql::parse_json(rejected.arguments));
    const Value* id = arguments.field("id");
    if (id == nullptr) return {};
    TRY(services.staging->discard(who, TRY(local_id("change", id->text))));
    return {};
  };
  const Status discarded = discard();
  if (discarded.ok() || discarded.error().code() == ErrorCode::kConflict) return;
  spdlog::warn("a rejected change stays staged: {}", discarded.error().to_log());
}

}  // namespace

schema::ChartSpec spec_of(const agents::FindingChart& chart) {
  workspace::ChartSpec spec;
  for (size_t i = 0; i < std::size(kChartKindNames); ++i) {
    if (kChartKindNames[i] == chart.kind) spec.kind = static_cast<workspace::ChartKind>(i);
  }
  spec.x = unless_empty(chart.x);
  spec.y = chart.y;
  return to_schema(spec);
}

schema::Finding to_schema(const agents::Finding& finding) {
  return {.kind = static_cast<schema::FindingKind>(finding.kind),
          .table = finding.table,
          .measure = finding.measure,
          .dimension = unless_empty(finding.dimension),
          .value = unless_empty(finding.value),
          .at = unless_empty(finding.at),
          .title = finding.title,
          .narrative = finding.narrative,
          .spec = spec_of(finding.chart),
          .statement = finding.statement,
          .evidence_id = finding.evidence_id,
          .effect = finding.effect,
          .support = finding.support,
          .p = finding.p,
          .q = finding.q,
          .score = finding.score};
}

std::vector<schema::UnverifiedClaim> to_schema(const std::vector<agents::UnverifiedClaim>& claims) {
  std::vector<schema::UnverifiedClaim> all;
  for (const auto& claim : claims) {
    all.push_back({.figure = claim.figure, .sentence = claim.sentence});
  }
  return all;
}

Result<schema::Proposal> to_schema(const agents::Proposal& proposal) {
  std::optional<std::vector<schema::UnverifiedClaim>> claims;
  if (!proposal.claims.empty()) claims = to_schema(TRY(agents::read_claims(proposal.claims)));
  std::optional<graphql::RawJson> result;
  if (!proposal.result.empty()) result = graphql::RawJson{proposal.result};
  std::optional<graphql::DateTime> decided;
  if (proposal.decided_us != 0) decided = graphql::DateTime{proposal.decided_us};
  return schema::Proposal{.id = global_id("proposal", proposal.id),
                          .title = proposal.title,
                          .narrative = proposal.narrative,
                          .action = proposal.action,
                          .arguments = graphql::RawJson{proposal.arguments},
                          .evidence_id = unless_empty(proposal.evidence_id),
                          .proposed_by = proposal.proposed_by,
                          .state = static_cast<schema::ProposalState>(proposal.state),
                          .created_at = graphql::DateTime{proposal.created_us},
                          .expires_at = graphql::DateTime{proposal.expires_us},
                          .decided_by = unless_empty(proposal.decided_by),
                          .decided_at = decided,
                          .reason = unless_empty(proposal.reason),
                          .result = std::move(result),
                          .run_id = proposal.run.empty()
                                        ? std::nullopt
                                        : std::optional(global_id("task", proposal.run)),
                          .unverified_claims = std::move(claims)};
}

Field<std::vector<schema::Finding>> QueryRoot::analyze_table(
    Call& call, const schema::QueryAnalyzeTableArgs& args) const {
  using Found = std::vector<schema::Finding>;
  return asking_slowly(
      call,
      [&services = services_, args, client = context_of(call).client,
       run = context_of(call).run](const PrincipalPtr& who) -> Result<Found> {
        // Both would hold a thread of the same few, and wait for each other.
        if (run == "ask") {
          return Error(ErrorCode::kUnsupported, "a question is answered without analyzeTable");
        }
        const auto tools = services.tools(who, client.empty() ? "analyzeTable" : client);
        agents::AnalystOptions options;
        options.findings_max = static_cast<size_t>(std::clamp(args.first, 0, kFindingsMax));
        options.measures = args.measures;
        options.now_us = services.clock.now_us();
        Found found;
        for (const auto& finding : TRY(agents::Analyst(*tools, options).analyze(args.table))) {
          found.push_back(to_schema(finding));
        }
        return found;
      });
}

Field<schema::ProposalConnection> QueryRoot::proposals(
    Call& call, const schema::QueryProposalsArgs& args) const {
  return asking(call,
                [&services = services_,
                 args](const auth::Principal& who) -> Result<schema::ProposalConnection> {
                  std::optional<agents::ProposalState> state;
                  if (args.state) state = static_cast<agents::ProposalState>(*args.state);
                  return paged<schema::ProposalConnection, schema::ProposalEdge>(
                      TRY(services.proposals->list(who, state)), args.first, args.after,
                      [](const agents::Proposal& proposal) { return proposal.id; },
                      [](const agents::Proposal& proposal) { return to_schema(proposal); });
                });
}

Field<std::optional<schema::Proposal>> QueryRoot::proposal(
    Call& call, const schema::QueryProposalArgs& args) const {
  using Found = std::optional<schema::Proposal>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    auto proposal = services.proposals->find(who, TRY(local_id("proposal", args.id)));
    if (!proposal.ok() && proposal.error().code() == ErrorCode::kNotFound) return Found();
    return Found(TRY(to_schema(TRY(std::move(proposal)))));
  });
}

Field<schema::Proposal> MutationRoot::propose(Call& call,
                                              const schema::MutationProposeArgs& args) const {
  return changing(call, {args.input.action},
                  [&services = services_, input = args.input, run = context_of(call).run](
                      const auth::Principal& who) -> Result<schema::Proposal> {
                    const Value arguments = TRY(graphql::parse_json(input.arguments.text));
                    TRY(check_action(*services.schema, input.action, arguments));
                    if (input.evidence_id) TRY(local_id("evidence", *input.evidence_id));
                    agents::NewProposal wanted;
                    wanted.title = input.title;
                    wanted.narrative = input.narrative;
                    wanted.action = input.action;
                    wanted.arguments = arguments.to_json();
                    wanted.evidence_id = input.evidence_id.value_or("");
                    wanted.run = run;
                    return to_schema(TRY(services.proposals->propose(who, wanted)));
                  });
}

Field<schema::Proposal> MutationRoot::approve_proposal(
    Call& call, const schema::MutationApproveProposalArgs& args) const {
  auto& context = context_of(call);
  return asking_slowly(
      call,
      [&services = services_, args, address = context.address,
       client = context.client](const PrincipalPtr& who) -> Result<schema::Proposal> {
        const auto decide = [&]() -> Result<agents::Proposal> {
          const auto proposal =
              TRY(services.proposals->claim(*who, TRY(local_id("proposal", args.id))));
          return services.proposals->settle(*who, proposal.id, act(services, who, proposal));
        };
        auto outcome = decide();
        record_change(services, *who, "approveProposal", {args.id},
                      outcome.ok() ? nullptr : &outcome.error(), address, client);
        if (outcome.ok()) remember(services, *who, *outcome);
        return to_schema(TRY(std::move(outcome)));
      });
}

Field<schema::Proposal> MutationRoot::reject_proposal(
    Call& call, const schema::MutationRejectProposalArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Proposal> {
        const auto rejected =
            TRY(services.proposals->reject(who, TRY(local_id("proposal", args.id)), args.reason));
        remember(services, who, rejected);
        discard_rejected(services, who, rejected);
        return to_schema(rejected);
      });
}

}  // namespace firn::api
