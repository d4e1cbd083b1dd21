#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agents/proposals.h"
#include "agents/tools.h"
#include "auth/auth.h"
#include "base/result.h"
#include "tasks/tasks.h"

namespace firn::agents {

// What a run may spend; then it ends as ResourceExhausted.
struct Budget {
  int32_t calls = 500;  // of tools
  int32_t seconds = 600;
};

// An analyst that looks at tables, on its own account, whenever it is told or by a schedule.
struct Agent {
  std::string id;
  std::string name;
  std::string account;                // service account that it works as
  std::vector<std::string> tables;    // catalog.namespace.table
  std::vector<std::string> measures;  // columns that it is about; empty: all
  int32_t findings = 10;              // proposed of a table in a run, at most
  Budget budget;
  std::string cron;  // empty: only when told
  std::string zone;  // IANA; empty: UTC
  bool paused = false;
  std::string created_by;
  int64_t created_us = 0;
};

// One call of a tool in a run.
struct Step {
  int32_t number = 0;  // from 1
  std::string tool;
  std::string arguments;  // JSON
  bool failed = false;
  std::string text;     // the answer as a model reads it, its first 64 KiB
  std::string content;  // the whole structured answer, JSON; empty where it failed
  int64_t started_us = 0;
  int64_t ended_us = 0;
};

// Agents of organizations, their runs and the steps of those. A run is a task as the agent's own
// account: what it reads it may read, and what it wants changed it proposes. Each step is durable
// before the next: after a crash a run goes on where it was. Viewers see, editors run, admins make
// and change. Thread-safe. Errors: InvalidArgument, NotFound, PermissionDenied, and the store's.
class Agents {
 public:
  // The tools of a principal; `client` is for history and audit log.
  using MakeTools = std::function<std::unique_ptr<Tools>(
      const auth::Principal& who, const std::string& client, std::function<bool()> cancelled)>;
  // Adds the kind of task that a run is: before the tasks' handlers are taken.
  static Result<std::unique_ptr<Agents>> create(store::Database& database, tasks::Tasks& tasks,
                                                auth::Authenticator& auth, Proposals& proposals,
                                                platform::Clock& clock, platform::Random& random);
  // Before the first run.
  void set_tools(MakeTools make_tools) { make_tools_ = std::move(make_tools); }

  Result<std::vector<Agent>> list(const auth::Principal& who);  // by name
  Result<Agent> find(const auth::Principal& who, const std::string& id);
  // With a service account of its own, a viewer.
  Result<Agent> create_agent(const auth::Principal& who, const Agent& wanted);
  Result<Agent> update(const auth::Principal& who, const std::string& id,
                       const std::function<void(Agent&)>& change);
  // With its account, and with its runs' steps.
  Status remove(const auth::Principal& who, const std::string& id);

  Result<tasks::Task> run(const auth::Principal& who, const std::string& id);
  // Newest first.
  Result<std::vector<tasks::Task>> runs(const auth::Principal& who, const std::string& id,
                                        int64_t max);
  // Of a run of this agent, in order.
  Result<std::vector<Step>> steps(const auth::Principal& who, const std::string& id,
                                  const std::string& run);

 private:
  Agents(store::Database& database, tasks::Tasks& tasks, auth::Authenticator& auth,
         Proposals& proposals, platform::Clock& clock, platform::Random& random)
      : database_(database),
        tasks_(tasks),
        auth_(auth),
        proposals_(proposals),
        clock_(clock),
        random_(random) {}
  Result<Agent> read(store::Transaction& transaction, const std::string& organization,
                     const std::string& id);
  Result<Agent> read_now(const std::string& organization, const std::string& id);
  Status write_plan(store::Transaction& transaction, const auth::Principal& worker,
                    const Agent& agent);
  Result<std::string> perform(tasks::TaskContext& context);
  Status propose(const auth::Principal& worker, const std::string& run, const Agent& agent,
                 Tools& tools, const std::string& table, int& found, int& proposed);

  store::Database& database_;
  tasks::Tasks& tasks_;
  auth::Authenticator& auth_;
  Proposals& proposals_;
  platform::Clock& clock_;
  platform::Random& random_;
  MakeTools make_tools_;
};

}  // namespace firn::agents
