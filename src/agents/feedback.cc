#include <algorithm>

#include "agents/analyst/narrative.h"
#include "agents/model_run_internal.h"
#include "graphql/json.h"

// What people let an agent do without asking, what they tell it, and who hears of its runs.
namespace firn::agents {

Status Agents::act_by_policy(tasks::TaskContext& context, const Agent& agent) {
  if (agent.may_do.empty()) return {};
  // Whatever its account may do besides: nobody is made, and no right given, without a person.
  auth::Principal narrow = context.principal;
  if (!narrow.ceiling || auth::role_covers(*narrow.ceiling, auth::Role::kEditor)) {
    narrow.ceiling = auth::Role::kEditor;
  }
  const std::string& run = context.task.id;
  const auto tools = make_tools_({narrow, client_of(agent, run) + " by policy", run,
                                  Answers::kWhole, [&context] { return context.cancelled(); }});
  for (const auto& proposal : TRY(proposals_.of_run(context.principal, run))) {
    const bool may =
        std::find(agent.may_do.begin(), agent.may_do.end(), proposal.action) != agent.may_do.end();
    if (!may || proposal.state != ProposalState::kPending) continue;
    const auto claimed = proposals_.claim_by_policy(context.principal, proposal.id);
    if (!claimed.ok() && claimed.error().code() == ErrorCode::kConflict) continue;  // decided
    TRY(claimed);
    const auto act = [&]() -> Result<std::string> {
      const auto answer =
          TRY(tools->call(proposal.action, TRY(graphql::parse_json(proposal.arguments))));
      if (answer.failed) return Error(ErrorCode::kInvalidArgument, answer.text);
      return answer.content.to_json();
    };
    TRY(proposals_.settle(context.principal, proposal.id, act()));
  }
  return {};
}

Result<Memory> Agents::note(const auth::Principal& who, const std::string& id,
                            const std::string& text, const std::vector<std::string>& leave_alone) {
  TRY(find(who, id));
  Memory memory;
  memory.agent = id;
  memory.text = text;
  memory.leave_alone = leave_alone;
  return memories_.add(who, memory);
}

Status Agents::learn(const auth::Principal& who, const Proposal& proposal) {
  std::string agent;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT id FROM agents WHERE organization = ? AND account = ?"));
    row.bind(1, who.organization).bind(2, proposal.proposer);
    if (TRY(row.step())) agent = row.column_text(0);
    return {};
  }));
  if (agent.empty()) return {};  // a person's or a program's
  constexpr size_t kReasonMax = 2'000;
  Memory memory;
  memory.agent = agent;
  const bool rejected = proposal.state == ProposalState::kRejected;
  memory.kind = rejected ? MemoryKind::kRejected : MemoryKind::kApproved;
  memory.text = "\"" + shortened(proposal.title, 300) + "\" was " +
                (rejected ? "rejected: " + shortened(proposal.reason, kReasonMax) : "approved");
  TRY(memories_.add(who, memory));
  return {};
}

Agents::Subscription Agents::on_change(const std::string& organization, const std::string& id,
                                       const std::function<void(const std::string&)>& changed) {
  const auto of_task = [id, changed](const tasks::Task& task) {
    if (task.subject == id) changed(task.id);
  };
  return std::make_shared<std::pair<Subscription, Subscription>>(
      listeners_.add(id, changed), tasks_.on_change(organization, of_task));
}

}  // namespace firn::agents
