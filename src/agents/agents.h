#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/claims.h"
#include "agents/journal.h"
#include "agents/memories.h"
#include "agents/proposals.h"
#include "agents/tools.h"
#include "auth/auth.h"
#include "base/listeners.h"
#include "base/result.h"
#include "llm/model.h"
#include "llm/prompts.h"
#include "tasks/tasks.h"

namespace firn::agents {

enum class AgentKind : uint8_t {
  kAnalyst,  // looks at its tables by statistics
  kModel,    // a language model with instructions, and tools
};

// Who looks at tables, on its own account, whenever it is told or by a schedule.
struct Agent {
  std::string id;
  std::string name;
  AgentKind kind = AgentKind::kAnalyst;
  std::string instructions;           // of a model, by whoever made it
  std::string account;                // service account that it works as
  std::vector<std::string> tables;    // catalog.namespace.table
  std::vector<std::string> measures;  // columns that it is about; empty: all
  int32_t findings = 10;              // an analyst's, proposed of a table in a run, at most
  Budget budget;
  // Mutations that it makes at once when it proposes them, as itself, with what its account may and
  // at most an editor's rights. Whether they are fit for that, whoever sets them looks.
  std::vector<std::string> may_do;
  std::string cron;  // empty: only when told
  std::string zone;  // IANA; empty: UTC
  bool paused = false;
  std::string created_by;
  int64_t created_us = 0;
};

// A run with what came of it.
struct Run {
  tasks::Task task;
  // Of a model; empty and 0 of an analyst.
  std::string prompt;  // with its version: "agent.v1"
  std::string model;
  std::string answer;  // what it said at the end, Markdown
  std::vector<UnverifiedClaim> claims;
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
};

// How tools answer: whole, or cut to what a model can hold.
enum class Answers : uint8_t { kWhole, kCut };

struct ToolsFor {
  const auth::Principal& who;
  std::string client;  // for history and audit log
  std::string run;     // what is proposed is this run's
  Answers answers = Answers::kWhole;
  std::function<bool()> cancelled;
};

// Agents of organizations, their runs and the steps of those. A run is a task as the agent's own
// account: what it reads it may read, and what it wants changed it proposes. Each step is durable
// before the next: after a crash a run goes on where it was. Viewers see, editors run, admins make
// and change. Thread-safe. Errors: InvalidArgument, NotFound, PermissionDenied, and the store's.
class Agents {
 public:
  using MakeTools = std::function<std::unique_ptr<Tools>(const ToolsFor& wanted)>;
  // Adds the kind of task that a run is: before the tasks' handlers are taken.
  static Result<std::unique_ptr<Agents>> create(store::Database& database, tasks::Tasks& tasks,
                                                auth::Authenticator& auth, Proposals& proposals,
                                                platform::Clock& clock, platform::Random& random);
  // Before the first run.
  void set_tools(MakeTools make_tools) { make_tools_ = std::move(make_tools); }
  // The same; without it there are no agents with a model. Both outlive this.
  void set_model(llm::Model* model, const llm::Prompts* prompts) {
    model_ = model;
    prompts_ = prompts;
  }

  Result<std::vector<Agent>> list(const auth::Principal& who);  // by name
  Result<Agent> find(const auth::Principal& who, const std::string& id);
  // With a service account of its own, a viewer or an editor. Unsupported: a model, where the
  // server has none.
  Result<Agent> create_agent(const auth::Principal& who, const Agent& wanted, auth::Role role);
  Result<Agent> update(const auth::Principal& who, const std::string& id,
                       const std::function<void(Agent&)>& change);
  // With its account, and with its runs' steps.
  Status remove(const auth::Principal& who, const std::string& id);

  Result<tasks::Task> run(const auth::Principal& who, const std::string& id);
  // Newest first.
  Result<std::vector<Run>> runs(const auth::Principal& who, const std::string& id, int64_t max);
  // NotFound where the agent has no such run.
  Result<Run> find_run(const auth::Principal& who, const std::string& id, const std::string& run);
  // Of a run of this agent, in order.
  Result<std::vector<Step>> steps(const auth::Principal& who, const std::string& id,
                                  const std::string& run);

  Memories& memories() { return memories_; }
  // An editor's note to the agent.
  Result<Memory> note(const auth::Principal& who, const std::string& id, const std::string& text,
                      const std::vector<std::string>& leave_alone);
  // What became of a proposal, for the agent that made it; of anybody else's there is nothing to
  // remember.
  Status learn(const auth::Principal& who, const Proposal& proposal);

  // Calls back with a run of the organization's agent at each step of it that is kept, and when its
  // task changes, on the thread that runs it, until the subscription is dropped.
  using Subscription = Listeners<std::string>::Subscription;
  Subscription on_change(const std::string& organization, const std::string& id,
                         const std::function<void(const std::string& run)>& changed);

 private:
  Agents(store::Database& database, tasks::Tasks& tasks, auth::Authenticator& auth,
         Proposals& proposals, Memories memories, platform::Clock& clock, platform::Random& random)
      : database_(database),
        tasks_(tasks),
        auth_(auth),
        proposals_(proposals),
        memories_(std::move(memories)),
        clock_(clock),
        random_(random) {}
  Result<Agent> read(store::Transaction& transaction, const std::string& organization,
                     const std::string& id);
  Result<Agent> read_now(const std::string& organization, const std::string& id);
  Status write_plan(store::Transaction& transaction, const auth::Principal& worker,
                    const Agent& agent);
  Result<Run> read_run(store::Transaction& transaction, tasks::Task task);
  Result<std::string> perform(tasks::TaskContext& context);
  Result<std::string> analyze(tasks::TaskContext& context, const Agent& agent);
  // In model_run.cc.
  Result<std::string> investigate(tasks::TaskContext& context, const Agent& agent);
  Result<Run> begin_run(const std::string& run);
  Status end_run(const Run& run);
  // Makes what was proposed in the run and needs no decision.
  Status act_by_policy(tasks::TaskContext& context, const Agent& agent);
  Status check_proposals(const auth::Principal& worker, const std::string& run,
                         const EvidenceBook& evidence);
  Result<bool> may_see_what_it_read(const auth::Principal& who, const Agent& agent);
  Status propose(const tasks::TaskContext& context, const Agent& agent, Tools& tools,
                 const std::string& table, int& found, int& proposed);

  store::Database& database_;
  tasks::Tasks& tasks_;
  auth::Authenticator& auth_;
  Proposals& proposals_;
  Memories memories_;
  platform::Clock& clock_;
  platform::Random& random_;
  MakeTools make_tools_;
  llm::Model* model_ = nullptr;
  const llm::Prompts* prompts_ = nullptr;
  Listeners<std::string> listeners_;  // to runs, by agent
};

}  // namespace firn::agents
