#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "automation/answer.h"
#include "store/database.h"
#include "workspace/workspace.h"

namespace firn::automation {

// A tile as it was at the last refresh.
struct RefreshedTile {
  std::string tile;
  std::string statement;  // as it was then
  int64_t asked_us = 0;
  std::optional<Error> error;    // instead of an answer
  std::optional<Answer> answer;  // none where the reader may not see what it was made from
};

struct Refresh {
  tasks::Plan plan;
  std::vector<RefreshedTile> tiles;  // those that the dashboard still has, in its order
};

// Dashboards whose tiles are asked by the clock, with the variables' default values, as whoever
// saved that last: so that a heavy dashboard is there at once. Editors change it; viewers see of
// the kept answers those that they may. Goes with its dashboard. Thread-safe.
class Refreshes {
 public:
  static Result<std::unique_ptr<Refreshes>> create(store::Database& database, tasks::Tasks& tasks,
                                                   workspace::Workspace& workspace,
                                                   query::Engine& engine, auth::Authenticator& auth,
                                                   platform::Clock& clock);

  // Makes or changes it. Errors: NotFound (the dashboard), InvalidArgument (cron, zone).
  Result<Refresh> set(const auth::Principal& who, const std::string& dashboard, tasks::Plan plan);
  // Its answers go, too. NotFound where there is none.
  Status remove(const auth::Principal& who, const std::string& dashboard);
  // None: the dashboard is not refreshed. NotFound: there is no such dashboard.
  Result<std::optional<Refresh>> find(const auth::Principal& who, const std::string& dashboard);
  // Now, as whoever saved it. NotFound; Conflict while it runs.
  Result<tasks::Task> run_now(const auth::Principal& who, const std::string& dashboard);

 private:
  struct Arguments;
  Refreshes(store::Database& database, tasks::Tasks& tasks, workspace::Workspace& workspace,
            query::Engine& engine, auth::Authenticator& auth, platform::Clock& clock)
      : database_(database),
        tasks_(tasks),
        workspace_(workspace),
        engine_(engine),
        auth_(auth),
        clock_(clock) {}
  Result<std::string> run(const Arguments& arguments, tasks::TaskContext& context);
  Status keep(const auth::Principal& who, const std::string& dashboard, const RefreshedTile& tile);
  Status forget(const std::string& organization, const std::string& dashboard);
  Result<std::vector<RefreshedTile>> kept(const auth::Principal& who, const std::string& dashboard);

  store::Database& database_;
  tasks::Tasks& tasks_;
  workspace::Workspace& workspace_;
  query::Engine& engine_;
  auth::Authenticator& auth_;
  platform::Clock& clock_;
};

// Values of the variables that a tile's statement uses, as a JSON object: numbers where the
// variable is one and the value reads as one, else strings.
std::string default_parameters(const std::string& statement,
                               const std::vector<workspace::Variable>& variables);

}  // namespace firn::automation
