#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "automation/answer.h"
#include "automation/records.h"

namespace firn::automation {

// A statement that is asked by the clock, as whoever saved it last.
struct ScheduledQuery {
  About about;
  Ask ask;
  tasks::Plan plan;  // its cron, zone and whether it is paused, and when it ran
};

struct ScheduledResult {
  int64_t asked_us = 0;
  Answer answer;
};

// Scheduled queries of organizations: editors change them, viewers see them; of their results only
// those that may read all that went into them, as it did then. Thread-safe.
class ScheduledQueries {
 public:
  static Result<std::unique_ptr<ScheduledQueries>> create(
      store::Database& database, tasks::Tasks& tasks, query::Engine& engine,
      auth::Authenticator& auth, platform::Clock& clock, platform::Random& random);

  // Makes one where the id is empty, else changes that one. Errors: InvalidArgument, NotFound.
  Result<ScheduledQuery> set(const auth::Principal& who, ScheduledQuery query);
  Status remove(const auth::Principal& who, const std::string& id);
  Result<ScheduledQuery> find(const auth::Principal& who, const std::string& id);
  Result<std::vector<ScheduledQuery>> list(const auth::Principal& who);
  // Asks now, as whoever saved it. Conflict while it runs.
  Result<tasks::Task> run_now(const auth::Principal& who, const std::string& id);
  // The last ones, newest first; 20 are kept.
  Result<std::vector<ScheduledResult>> results(const auth::Principal& who, const std::string& id,
                                               int64_t max);

 private:
  struct Body;
  struct Arguments;
  ScheduledQueries(store::Database& database, tasks::Tasks& tasks, query::Engine& engine,
                   auth::Authenticator& auth, platform::Clock& clock, platform::Random& random)
      : database_(database),
        tasks_(tasks),
        engine_(engine),
        auth_(auth),
        clock_(clock),
        random_(random) {}
  Result<ScheduledQuery> of(const Record& record);
  Result<std::string> run(const Arguments& arguments, tasks::TaskContext& context);

  store::Database& database_;
  tasks::Tasks& tasks_;
  query::Engine& engine_;
  auth::Authenticator& auth_;
  platform::Clock& clock_;
  platform::Random& random_;
};

}  // namespace firn::automation
