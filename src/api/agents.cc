#include "api/agents.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/authorizer.h"
#include "api/context.h"
#include "api/convert.h"
#include "api/ids.h"
#include "api/proposals.h"
#include "api/roots.h"
#include "api/tasks.h"
#include "llm/model.h"

// Agents, their runs and the steps of those.
namespace firn::api {
namespace {

constexpr int32_t kRunsMax = 1'000;

// 0 of one that has not ended.
double elapsed_ms(const agents::Step& step) {
  return static_cast<double>(std::max<int64_t>(0, step.ended_us - step.started_us)) / 1000.0;
}

schema::AgentMemory memory_of(const agents::Memory& memory) {
  return {.id = global_id("memory", memory.id),
          .kind = static_cast<schema::AgentMemoryKind>(memory.kind),
          .text = memory.text,
          .leave_alone = memory.leave_alone,
          .created_by = memory.created_by,
          .created_at = graphql::DateTime{memory.created_us},
          .updated_at = graphql::DateTime{memory.updated_us}};
}

// Whether an agent may ever make such a mutation without being asked: one that an editor may, that
// destroys nothing and gives nobody a right. Deny by default.
Status check_policy(const graphql::Schema& schema, const std::vector<std::string>& actions) {
  static constexpr std::string_view kFit[] = {
      "addColumn",        "archiveInsight",  "createBranch", "createChart",     "createDashboard",
      "createInsight",    "createTag",       "pinEvidence",  "profileTable",    "saveQuery",
      "setColumnComment", "setTableComment", "updateChart",  "updateDashboard", "updateSavedQuery"};
  const auto* mutations = schema.root(graphql::OperationKind::kMutation);
  for (const auto& action : actions) {
    const auto* field = mutations->field(action);
    const auto needed = field != nullptr ? needed_role(*field) : std::nullopt;
    const bool fit = std::find(std::begin(kFit), std::end(kFit), action) != std::end(kFit);
    if (!fit || !needed || !auth::role_covers(auth::Role::kEditor, *needed)) {
      return Error(ErrorCode::kInvalidArgument,
                   "'" + action + "' is nothing that an agent may do without being asked; " +
                       "such are " + fmt::format("{}", fmt::join(kFit, ", ")));
    }
  }
  return {};
}

class AgentRunObject final : public schema::AgentRun {
 public:
  AgentRunObject(Services& services, std::string agent, agents::Run run)
      : services_(services), agent_(std::move(agent)), run_(std::move(run)) {}

  Field<std::string> id(Call&) const override { return global_id("task", run_.task.id); }
  Field<schema::Task> task(Call&) const override { return to_schema(run_.task); }
  Field<std::optional<std::string>> prompt(Call&) const override {
    return unless_empty(run_.prompt);
  }
  Field<std::optional<std::string>> model(Call&) const override { return unless_empty(run_.model); }
  Field<std::optional<std::string>> answer(Call&) const override {
    return unless_empty(run_.answer);
  }
  Field<std::vector<schema::UnverifiedClaim>> unverified_claims(Call&) const override {
    return to_schema(run_.claims);
  }
  Field<int64_t> input_tokens(Call&) const override { return run_.input_tokens; }
  Field<int64_t> output_tokens(Call&) const override { return run_.output_tokens; }
  Field<std::vector<schema::AgentStep>> steps(Call& call) const override {
    using Steps = std::vector<schema::AgentStep>;
    return asking(call,
                  [&services = services_, agent = agent_,
                   run = run_.task.id](const auth::Principal& who) -> Result<Steps> {
                    Steps steps;
                    for (auto& step : TRY(services.agents->steps(who, agent, run))) {
                      steps.push_back({.number = step.number,
                                       .kind = static_cast<schema::AgentStepKind>(step.kind),
                                       .tool = step.tool,
                                       .arguments = graphql::RawJson{step.arguments},
                                       .failed = step.failed,
                                       .text = step.text,
                                       .started_at = graphql::DateTime{step.started_us},
                                       .elapsed_ms = elapsed_ms(step),
                                       .input_tokens = step.input_tokens,
                                       .output_tokens = step.output_tokens});
                    }
                    return steps;
                  });
  }

 private:
  Services& services_;
  const std::string agent_;
  const agents::Run run_;
};

class AgentObject final : public schema::Agent {
 public:
  AgentObject(Services& services, agents::Agent agent)
      : services_(services), agent_(std::move(agent)) {}

  Field<std::string> id(Call&) const override { return global_id("agent", agent_.id); }
  Field<std::string> name(Call&) const override { return agent_.name; }
  Field<schema::AgentKind> kind(Call&) const override {
    return static_cast<schema::AgentKind>(agent_.kind);
  }
  Field<std::string> instructions(Call&) const override { return agent_.instructions; }
  Field<std::string> service_account_id(Call&) const override {
    return global_id("account", agent_.account);
  }
  Field<std::vector<std::string>> tables(Call&) const override { return agent_.tables; }
  Field<std::vector<std::string>> measures(Call&) const override { return agent_.measures; }
  Field<int32_t> findings(Call&) const override { return agent_.findings; }
  Field<int32_t> budget_calls(Call&) const override { return agent_.budget.calls; }
  Field<int32_t> budget_seconds(Call&) const override { return agent_.budget.seconds; }
  Field<int64_t> budget_tokens(Call&) const override { return agent_.budget.tokens; }
  Field<int64_t> budget_bytes(Call&) const override { return agent_.budget.bytes; }
  Field<std::vector<std::string>> may_do(Call&) const override { return agent_.may_do; }
  Field<std::vector<schema::AgentMemory>> memories(Call& call) const override {
    using Memories = std::vector<schema::AgentMemory>;
    return asking(
        call,
        [&services = services_, id = agent_.id](const auth::Principal& who) -> Result<Memories> {
          Memories all;
          for (const auto& memory : TRY(services.agents->memories().list(who, id))) {
            all.push_back(memory_of(memory));
          }
          return all;
        });
  }
  Field<std::string> cron(Call&) const override { return agent_.cron; }
  Field<std::string> zone(Call&) const override { return agent_.zone; }
  Field<bool> paused(Call&) const override { return agent_.paused; }
  Field<std::string> created_by(Call&) const override { return agent_.created_by; }
  Field<graphql::DateTime> created_at(Call&) const override {
    return graphql::DateTime{agent_.created_us};
  }
  Field<std::vector<std::shared_ptr<const schema::AgentRun>>> runs(
      Call& call, const schema::AgentRunsArgs& args) const override {
    using Runs = std::vector<std::shared_ptr<const schema::AgentRun>>;
    return asking(
        call,
        [&services = services_, id = agent_.id,
         first = args.first](const auth::Principal& who) -> Result<Runs> {
          Runs runs;
          for (auto& run :
               TRY(services.agents->runs(who, id, std::clamp<int32_t>(first, 0, kRunsMax)))) {
            runs.push_back(std::make_shared<const AgentRunObject>(services, id, std::move(run)));
          }
          return runs;
        });
  }

 private:
  Services& services_;
  const agents::Agent agent_;
};

using AgentPtr = std::shared_ptr<const schema::Agent>;

}  // namespace

std::shared_ptr<const schema::AgentRun> make_agent_run(Services& services, const std::string& agent,
                                                       agents::Run run) {
  return std::make_shared<const AgentRunObject>(services, agent, std::move(run));
}

AgentPtr make_agent(Services& services, agents::Agent agent) {
  return std::make_shared<const AgentObject>(services, std::move(agent));
}

Field<std::vector<AgentPtr>> QueryRoot::agents(Call& call) const {
  return asking(
      call, [&services = services_](const auth::Principal& who) -> Result<std::vector<AgentPtr>> {
        std::vector<AgentPtr> all;
        for (auto& agent : TRY(services.agents->list(who))) {
          all.push_back(make_agent(services, std::move(agent)));
        }
        return all;
      });
}

Field<AgentPtr> QueryRoot::agent(Call& call, const schema::QueryAgentArgs& args) const {
  return asking(call,
                [&services = services_, args](const auth::Principal& who) -> Result<AgentPtr> {
                  auto agent = services.agents->find(who, TRY(local_id("agent", args.id)));
                  if (!agent.ok() && agent.error().code() == ErrorCode::kNotFound) {
                    return AgentPtr();
                  }
                  return make_agent(services, TRY(std::move(agent)));
                });
}

Field<std::optional<schema::LanguageModel>> QueryRoot::language_model(Call&) const {
  using Model = std::optional<schema::LanguageModel>;
  if (services_.model == nullptr) return Model();
  return Model(schema::LanguageModel{.name = services_.model->name()});
}

Field<AgentPtr> MutationRoot::create_agent(Call& call,
                                           const schema::MutationCreateAgentArgs& args) const {
  return changing(
      call, {args.input.name},
      [&services = services_, input = args.input](const auth::Principal& who) -> Result<AgentPtr> {
        agents::Agent wanted;
        wanted.name = input.name;
        wanted.tables = input.tables;
        wanted.measures = input.measures;
        wanted.findings = input.findings;
        wanted.kind = static_cast<agents::AgentKind>(input.kind);
        wanted.instructions = input.instructions;
        wanted.budget = {input.budget_calls, input.budget_seconds, input.budget_tokens,
                         input.budget_bytes};
        TRY(check_policy(*services.schema, input.may_do));
        wanted.may_do = input.may_do;
        wanted.cron = input.cron;
        wanted.zone = input.zone;
        const auto role = from_schema(input.role);
        return make_agent(services, TRY(services.agents->create_agent(who, wanted, role)));
      });
}

Field<AgentPtr> MutationRoot::update_agent(Call& call,
                                           const schema::MutationUpdateAgentArgs& args) const {
  return changing(
      call, {args.input.id},
      [&services = services_, input = args.input](const auth::Principal& who) -> Result<AgentPtr> {
        if (input.may_do) TRY(check_policy(*services.schema, *input.may_do));
        const auto change = [&](agents::Agent& agent) {
          if (input.may_do) agent.may_do = *input.may_do;
          if (input.name) agent.name = *input.name;
          if (input.instructions) agent.instructions = *input.instructions;
          if (input.tables) agent.tables = *input.tables;
          if (input.measures) agent.measures = *input.measures;
          if (input.findings) agent.findings = *input.findings;
          if (input.budget_calls) agent.budget.calls = *input.budget_calls;
          if (input.budget_seconds) agent.budget.seconds = *input.budget_seconds;
          if (input.budget_tokens) agent.budget.tokens = *input.budget_tokens;
          if (input.budget_bytes) agent.budget.bytes = *input.budget_bytes;
          if (input.cron) agent.cron = *input.cron;
          if (input.zone) agent.zone = *input.zone;
          if (input.paused) agent.paused = *input.paused;
        };
        return make_agent(
            services, TRY(services.agents->update(who, TRY(local_id("agent", input.id)), change)));
      });
}

Field<std::string> MutationRoot::delete_agent(Call& call,
                                              const schema::MutationDeleteAgentArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.agents->remove(who, TRY(local_id("agent", args.id))));
                    return args.id;
                  });
}

Field<schema::Task> MutationRoot::run_agent(Call& call,
                                            const schema::MutationRunAgentArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Task> {
        return to_schema(TRY(services.agents->run(who, TRY(local_id("agent", args.id)))));
      });
}

Field<schema::AgentMemory> MutationRoot::add_agent_memory(
    Call& call, const schema::MutationAddAgentMemoryArgs& args) const {
  return changing(
      call, {args.input.agent_id},
      [&services = services_,
       input = args.input](const auth::Principal& who) -> Result<schema::AgentMemory> {
        return memory_of(TRY(services.agents->note(who, TRY(local_id("agent", input.agent_id)),
                                                   input.text, input.leave_alone)));
      });
}

Field<schema::AgentMemory> MutationRoot::update_agent_memory(
    Call& call, const schema::MutationUpdateAgentMemoryArgs& args) const {
  return changing(call, {args.input.id},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::AgentMemory> {
                    return memory_of(TRY(services.agents->memories().update(
                        who, TRY(local_id("memory", input.id)), input.text, input.leave_alone)));
                  });
}

Field<std::string> MutationRoot::delete_agent_memory(
    Call& call, const schema::MutationDeleteAgentMemoryArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.agents->memories().remove(who, TRY(local_id("memory", args.id))));
                    return args.id;
                  });
}

}  // namespace firn::api
