#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "auth/auth.h"
#include "base/listeners.h"
#include "base/result.h"
#include "jobs/arguments.h"
#include "jobs/outbox.h"
#include "jobs/worker_pool.h"
#include "store/database.h"

namespace firn::tasks {

enum class TaskState : uint8_t { kWaiting, kRunning, kDone, kFailed, kCancelled };
inline bool has_ended(TaskState state) { return state >= TaskState::kDone; }

// Something that somebody asked for, as it is now.
struct Task {
  std::string id;
  std::string organization;
  std::string account;       // who asked, and as whom it runs
  std::string account_name;  // as it was then
  std::optional<auth::Role> ceiling;
  std::string kind;       // "export"
  std::string subject;    // what it is about: a plan's id, or whatever its kind says; may be empty
  std::string arguments;  // JSON array of one object
  TaskState state = TaskState::kWaiting;
  int32_t percent = 0;
  std::string note;    // what it is doing, in words
  std::string result;  // JSON object; empty: none
  std::optional<Error> error;
  int32_t attempts = 0;
  int64_t created_us = 0;
  int64_t started_us = 0;  // 0: not yet; of the last attempt
  int64_t ended_us = 0;    // 0: not yet
};

// A task under way, as its handler sees it. On the handler's thread.
class TaskContext {
 public:
  TaskContext(Task task, auth::Principal principal, const jobs::JobContext& job,
              std::shared_ptr<const std::atomic<bool>> cancelled,
              std::function<void(int32_t, std::string_view)> tell)
      : task(std::move(task)),
        principal(std::move(principal)),
        job_(job),
        cancelled_(std::move(cancelled)),
        tell_(std::move(tell)) {}

  const Task task;
  const auth::Principal principal;  // whoever asked, with what they may do now

  // Look at it often. True once somebody cancelled the task or the server stops: end with the error
  // Cancelled then. After a stop it runs again.
  bool cancelled() const { return *cancelled_ || job_.cancelled(); }
  // Durable, at most once a second; what comes sooner is left out.
  void progress(int32_t percent, std::string_view note) { tell_(percent, note); }

 private:
  const jobs::JobContext& job_;
  const std::shared_ptr<const std::atomic<bool>> cancelled_;
  const std::function<void(int32_t, std::string_view)> tell_;
};

// A task that is made again and again. What was missed while the server was down is made up for
// once; while its last task goes on, there is no second one.
struct Plan {
  std::string id;  // of the object that it belongs to
  std::string organization;
  std::string account;
  std::string account_name;
  std::optional<auth::Role> ceiling;
  std::string kind;
  std::string arguments;
  std::string cron;
  std::string zone;  // IANA; empty: UTC
  bool paused = false;
  int64_t next_us = 0;  // 0: not while it is paused
  int64_t last_us = 0;  // 0: never
};

struct TasksOptions {
  std::string queue = "firn";  // of this deployment alone
  int32_t attempts_max = 5;
  int64_t unfinished_max = 1'000;  // of an organization; beyond: Overloaded
  std::chrono::milliseconds look_every{1'000};
};

// Tasks and plans of all organizations. Thread-safe.
class Tasks {
 public:
  static Result<std::unique_ptr<Tasks>> create(TasksOptions options, store::Database& database,
                                               jobs::Outbox& outbox, auth::Authenticator& auth,
                                               platform::Clock& clock, platform::Random& random);
  ~Tasks();

  // What tasks of this kind do: the result is a JSON object, or empty. Whoever asked has to have
  // `needed` somewhere in the organization when it runs; about the very object the handler asks
  // itself, with the context's principal. Before handlers().
  template <typename T>
  void add(std::string kind, auth::Role needed,
           std::function<Result<std::string>(const T& arguments, TaskContext& context)> handler) {
    add_kind(std::move(kind), needed,
             [handler = std::move(handler)](TaskContext& context) -> Result<std::string> {
               const auto arguments = jobs::decode_arguments<T>(context.task.arguments);
               if (!arguments.ok()) return arguments.error();
               return handler(*arguments, context);
             });
  }
  // The same for what Firn does by itself: nobody asked, and the context's principal may do
  // nothing.
  void add_own(std::string kind, std::function<Result<std::string>(TaskContext& context)> handler);
  // Makes the task of such a kind by `cron`, in UTC, from now on; `organization` sees it.
  Status plan_own(const std::string& organization, const std::string& kind,
                  const std::string& cron);
  // For the worker pool. Nothing is added afterwards.
  jobs::Handlers handlers();
  // The queue that the pool has to serve.
  const std::string& queue() const { return options_.queue; }
  // Begins to make the tasks of plans that are due.
  void start();
  // Ends that. Idempotent.
  void stop();

  // A task and its job, there when `transaction` commits; gives its id. Call committed() after
  // that. Errors: Overloaded, and the store's.
  template <typename T>
  Result<std::string> enqueue(store::Transaction& transaction, const auth::Principal& who,
                              std::string kind, const T& arguments, std::string subject = {}) {
    return insert(transaction, draft(who, std::move(kind), jobs::encode_arguments(arguments),
                                     std::move(subject)));
  }
  void committed() { outbox_.committed(); }
  // Both, in a transaction of its own.
  template <typename T>
  Result<Task> begin(const auth::Principal& who, std::string kind, const T& arguments,
                     std::string subject = {}) {
    return begin_draft(
        draft(who, std::move(kind), jobs::encode_arguments(arguments), std::move(subject)));
  }

  // A task of theirs; for admins of the organization anybody's. NotFound.
  Result<Task> find(const auth::Principal& who, const std::string& id);
  struct Filter {
    bool everybody = false;  // takes an admin
    std::string kind;        // empty: any
    std::string subject;     // empty: any
    std::optional<TaskState> state;
    // Those older than this one.
    std::optional<int64_t> before_us;
    std::string before_id;
  };
  // Newest first.
  Result<std::vector<Task>> list(const auth::Principal& who, const Filter& filter, int64_t max);
  // The same, without a look at who asks: for the object that the tasks are about.
  Result<std::vector<Task>> of_subject(const std::string& organization, const std::string& subject,
                                       int64_t max);
  // Ends it, at once or as soon as its handler looks. One that has ended stays as it is.
  Result<Task> cancel(const auth::Principal& who, const std::string& id);

  // Makes or replaces the plan with that id; runs as `who`. Errors: InvalidArgument (its cron or
  // zone).
  template <typename T>
  Status set_plan(store::Transaction& transaction, const auth::Principal& who, Plan plan,
                  const T& arguments) {
    plan.arguments = jobs::encode_arguments(arguments);
    return write_plan(transaction, who, std::move(plan));
  }
  Status remove_plan(store::Transaction& transaction, const std::string& id);
  // Its task now, whatever the time. NotFound.
  Result<Task> run_plan(const std::string& organization, const std::string& id);
  // NotFound.
  Result<Plan> plan(const std::string& organization, const std::string& id);
  // Makes what is due; gives how many tasks that were. For tests, and for its own thread.
  Result<int> make_due();
  // Calls back with a task of the organization after each change of it that is durable, on the
  // thread that made it, until the subscription is dropped. A task that is begun together with
  // something else is told of when it first runs.
  using Subscription = Listeners<Task>::Subscription;
  Subscription on_change(const std::string& organization,
                         std::function<void(const Task&)> changed) {
    return listeners_.add(organization, std::move(changed));
  }
  // Removes what ended before.
  Status forget_before(int64_t ended_us);

 private:
  using Handler = std::function<Result<std::string>(TaskContext& context)>;
  struct Kind {
    std::optional<auth::Role> needed;  // none: Firn's own
    Handler handler;
  };
  struct JobArguments {
    std::string task;
    template <typename Visit>
    static void members(Visit&& visit) {
      visit("task", &JobArguments::task, jobs::kRequired);
    }
  };

  Tasks(TasksOptions options, store::Database& database, jobs::Outbox& outbox,
        auth::Authenticator& auth, platform::Clock& clock, platform::Random& random)
      : options_(std::move(options)),
        database_(database),
        outbox_(outbox),
        auth_(auth),
        clock_(clock),
        random_(random) {}
  void add_kind(std::string kind, std::optional<auth::Role> needed, Handler handler);
  Task draft(const auth::Principal& who, std::string kind, std::string arguments,
             std::string subject);
  Result<auth::Principal> principal_of(const Task& task, const Kind& kind);
  Task draft_of(const Plan& plan, int64_t now_us);
  Result<std::string> insert(store::Transaction& transaction, const Task& task);
  Result<Task> begin_draft(const Task& task);
  Status write_plan(store::Transaction& transaction, const auth::Principal& who, Plan plan);
  Result<bool> make_one(store::Transaction& transaction, const Plan& plan, int64_t now_us);

  // One job: see README, "Lifecycle".
  Status run(const std::string& id, jobs::JobContext& job);
  Result<std::optional<Task>> begin_attempt(const std::string& id);
  Result<std::string> perform(Task task, jobs::JobContext& job,
                              std::shared_ptr<const std::atomic<bool>> cancelled);
  Status end_attempt(const Task& task, Result<std::string> outcome, bool cancelled_by_someone);
  Status save_end(const Task& task, TaskState state, const std::string& result, const Error* error);
  Result<std::optional<Task>> read(store::Transaction& transaction, const std::string& id);
  Result<Task> read_now(const std::string& id);
  void announce(const std::string& id);
  void look();

  const TasksOptions options_;
  store::Database& database_;
  jobs::Outbox& outbox_;
  auth::Authenticator& auth_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::map<std::string, Kind, std::less<>> kinds_;
  std::mutex mutex_;
  // Of the tasks that run here.
  std::map<std::string, std::shared_ptr<std::atomic<bool>>, std::less<>> running_;
  Listeners<Task> listeners_;  // by organization
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firn::tasks
