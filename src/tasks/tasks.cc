#include "tasks/tasks.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "platform/clock.h"
#include "platform/fault.h"
#include "platform/random.h"
#include "tasks/rows_internal.h"

namespace firn::tasks {
namespace {

constexpr std::string_view kTypePrefix = "firn.";

Error missing() { return {ErrorCode::kNotFound, "there is no such task"}; }

// Whether another try may help; what was cancelled is looked at elsewhere.
bool may_pass(ErrorCode code) {
  return code != ErrorCode::kCancelled && jobs::retry_by_default(code);
}

}  // namespace

Result<std::unique_ptr<Tasks>> Tasks::create(TasksOptions options, store::Database& database,
                                             jobs::Outbox& outbox, auth::Authenticator& auth,
                                             platform::Clock& clock, platform::Random& random) {
  TRY(database.migrate(migrations()));
  return std::unique_ptr<Tasks>(
      new Tasks(std::move(options), database, outbox, auth, clock, random));
}

Tasks::~Tasks() { stop(); }

void Tasks::add_own(std::string kind, Handler handler) {
  add_kind(std::move(kind), std::nullopt, std::move(handler));
}

void Tasks::add_kind(std::string kind, std::optional<auth::Role> needed, Handler handler) {
  kinds_.insert_or_assign(std::move(kind), Kind{needed, std::move(handler)});
}

jobs::Handlers Tasks::handlers() {
  jobs::Handlers handlers;
  for (const auto& [kind, entry] : kinds_) {
    handlers.add<JobArguments>(
        std::string(kTypePrefix) + kind,
        [this](const JobArguments& arguments, jobs::JobContext& job) -> Status {
          return run(arguments.task, job);
        });
  }
  return handlers;
}

Task Tasks::draft(const auth::Principal& who, std::string kind, std::string arguments,
                  std::string subject) {
  Task task;
  task.id = random_.uuid().to_string();
  task.organization = who.organization;
  task.account = who.account;
  task.account_name = who.name;
  task.ceiling = who.ceiling;
  task.kind = std::move(kind);
  task.subject = std::move(subject);
  task.arguments = std::move(arguments);
  task.created_us = clock_.now_us();
  return task;
}

Result<std::string> Tasks::insert(store::Transaction& transaction, const Task& task) {
  if (TRY(count_unfinished(transaction, task.organization)) >= options_.unfinished_max) {
    return Error(ErrorCode::kOverloaded, "too many tasks of this organization wait: try later");
  }
  TRY(insert_task(transaction, task));
  std::string job = "{\"jid\":";
  jobs::append_json_string(job, task.id);
  job += ",\"jobtype\":";
  jobs::append_json_string(job, std::string(kTypePrefix) + task.kind);
  job += ",\"queue\":";
  jobs::append_json_string(job, options_.queue);
  // The pool moves the reservation ahead; after a crash it is soon over.
  job += ",\"reserve_for\":60,\"args\":" + jobs::encode_arguments(JobArguments{task.id}) + '}';
  TRY(outbox_.push(transaction, job, task.created_us));
  return task.id;
}

Result<Task> Tasks::begin_draft(const Task& task) {
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TRY(insert(transaction, task));
    return {};
  }));
  outbox_.committed();
  announce(task.id);
  return task;
}

void Tasks::announce(const std::string& id) {
  if (listeners_.empty()) return;
  const auto task = read_now(id);
  if (task.ok()) return listeners_.tell(task->organization, *task);
  spdlog::debug("no word of a change of {}: {}", id, task.error().to_log());
}

Result<std::optional<Task>> Tasks::read(store::Transaction& transaction, const std::string& id) {
  auto row = TRY(transaction.prepare(std::string(kSelectTask) + " WHERE id = ?"));
  row.bind(1, id);
  if (!TRY(row.step())) return std::optional<Task>();
  return std::optional(read_task(row));
}

Result<Task> Tasks::read_now(const std::string& id) {
  std::optional<Task> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    found = TRY(read(transaction, id));
    return {};
  }));
  if (!found) return missing();
  return *std::move(found);
}

Result<Task> Tasks::find(const auth::Principal& who, const std::string& id) {
  Task task = TRY(read_now(id));
  if (task.organization != who.organization) return missing();
  const bool admin = auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)).ok();
  if (task.account != who.account && !admin) return missing();
  return task;
}

Result<std::vector<Task>> Tasks::list(const auth::Principal& who, const Filter& filter,
                                      int64_t max) {
  if (filter.everybody) {
    TRY(auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)));
  }
  std::vector<Task> tasks;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        std::string(kSelectTask) +
        " WHERE organization = ?1 AND (?2 = '' OR account = ?2) AND (?3 = '' OR kind = ?3)"
        " AND (?4 = '' OR subject = ?4) AND (?5 < 0 OR state = ?5)"
        " AND (?6 = 0 OR (created_us, id) < (?6, ?7)) ORDER BY created_us DESC, id DESC LIMIT ?8"));
    row.bind(1, who.organization)
        .bind(2, filter.everybody ? std::string() : who.account)
        .bind(3, filter.kind)
        .bind(4, filter.subject)
        .bind(5, filter.state ? static_cast<int64_t>(*filter.state) : int64_t{-1})
        .bind(6, filter.before_us.value_or(0))
        .bind(7, filter.before_id)
        .bind(8, max);
    while (TRY(row.step())) tasks.push_back(read_task(row));
    return {};
  }));
  return tasks;
}

Result<std::vector<Task>> Tasks::of_subject(const std::string& organization,
                                            const std::string& subject, int64_t max) {
  std::vector<Task> tasks;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare(std::string(kSelectTask) +
                                " WHERE subject = ? AND organization = ? ORDER BY created_us DESC,"
                                " id DESC LIMIT ?"));
    row.bind(1, subject).bind(2, organization).bind(3, max);
    while (TRY(row.step())) tasks.push_back(read_task(row));
    return {};
  }));
  return tasks;
}

Result<Task> Tasks::cancel(const auth::Principal& who, const std::string& id) {
  TRY(find(who, id));
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    // One that runs is told below, and says itself that it has ended; after a crash this holds.
    auto row = TRY(transaction.prepare(
        "UPDATE tasks SET cancel = 1, state = CASE state WHEN 0 THEN 4 ELSE state END, ended_us = "
        "CASE state WHEN 0 THEN ?2 ELSE ended_us END WHERE id = ?1 AND state < 2"));
    return row.bind(1, id).bind(2, clock_.now_us()).run();
  }));
  {
    std::lock_guard lock(mutex_);
    const auto running = running_.find(id);
    if (running != running_.end()) *running->second = true;
  }
  announce(id);
  return find(who, id);
}

Result<std::optional<Task>> Tasks::begin_attempt(const std::string& id) {
  std::optional<Task> begun;
  bool known = false;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    begun = TRY(read(transaction, id));
    known = begun.has_value();
    if (!known) return {};
    if (has_ended(begun->state)) {
      begun.reset();
      return {};
    }
    ++begun->attempts;
    begun->state = TaskState::kRunning;
    begun->started_us = clock_.now_us();
    auto row = TRY(transaction.prepare(
        "UPDATE tasks SET state = 1, attempts = ?, started_us = ? WHERE id = ?"));
    return row.bind(1, static_cast<int64_t>(begun->attempts))
        .bind(2, begun->started_us)
        .bind(3, id)
        .run();
  }));
  if (!known) return missing();
  return begun;
}

Status Tasks::run(const std::string& id, jobs::JobContext& job) {
  const auto cancelled = std::make_shared<std::atomic<bool>>(false);
  {
    std::lock_guard lock(mutex_);
    // The job was given out twice: its reservation ran out although somebody works on it.
    if (!running_.emplace(id, cancelled).second) {
      return Error(ErrorCode::kUnavailable, "the task runs already");
    }
  }
  const auto leave = [&] {
    std::lock_guard lock(mutex_);
    running_.erase(id);
  };
  auto task = begin_attempt(id);
  Status ended;
  if (!task.ok()) {
    ended = task.error();
  } else if (*task) {
    announce(id);
    auto outcome = perform(**task, job, cancelled);
    KILL_POINT("tasks.performed");
    ended = end_attempt(**task, std::move(outcome), *cancelled);
  }
  leave();
  return ended;
}

Result<auth::Principal> Tasks::principal_of(const Task& task, const Kind& kind) {
  if (!kind.needed) return auth::Principal();
  auto principal = auth_.principal_of(task.organization, task.account, task.ceiling);
  if (!principal.ok() && principal.error().code() == ErrorCode::kNotFound) {
    return Error(ErrorCode::kPermissionDenied, "whoever asked for this has no access any more");
  }
  if (principal.ok()) TRY(auth::authorize_anywhere(*principal, *kind.needed));
  return principal;
}

Result<std::string> Tasks::perform(Task task, jobs::JobContext& job,
                                   std::shared_ptr<const std::atomic<bool>> cancelled) {
  // Each attempt that a crash ended counts, too.
  if (task.attempts > 2 * options_.attempts_max) {
    return Error(ErrorCode::kResourceExhausted,
                 "the task was begun many times, and the server ended each time");
  }
  const auto kind = kinds_.find(task.kind);
  if (kind == kinds_.end()) return Error(ErrorCode::kUnsupported, "there is no such kind of task");
  auth::Principal principal = TRY(principal_of(task, kind->second));
  int64_t told_us = 0;
  const auto tell = [&, id = task.id](int32_t percent, std::string_view note) {
    constexpr int64_t kTellEveryUs = 1'000'000;
    const int64_t now_us = clock_.now_us();
    if (now_us - told_us < kTellEveryUs) return;
    told_us = now_us;
    const Status saved = database_.write([&](store::Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare("UPDATE tasks SET percent = ?, note = ? WHERE id = ?"));
      return row.bind(1, static_cast<int64_t>(std::clamp(percent, 0, 100)))
          .bind(2, note)
          .bind(3, id)
          .run();
    });
    if (!saved.ok()) spdlog::debug("no word of the progress of {}: {}", id, saved.error().to_log());
    announce(id);
  };
  TaskContext context(std::move(task), std::move(principal), job, std::move(cancelled), tell);
  return kind->second.handler(context);
}

Status Tasks::end_attempt(const Task& task, Result<std::string> outcome,
                          bool cancelled_by_someone) {
  if (outcome.ok()) return save_end(task, TaskState::kDone, *outcome, nullptr);
  const Error& error = outcome.error();
  if (error.code() == ErrorCode::kCancelled) {
    if (cancelled_by_someone) return save_end(task, TaskState::kCancelled, {}, nullptr);
    // The server stops: this attempt does not count.
    Task again = task;
    --again.attempts;
    TRY(save_end(again, TaskState::kWaiting, {}, nullptr));
    return error;
  }
  if (cancelled_by_someone) return save_end(task, TaskState::kCancelled, {}, nullptr);
  if (may_pass(error.code()) && task.attempts < options_.attempts_max) {
    TRY(save_end(task, TaskState::kWaiting, {}, &error));
    return error;
  }
  // Whoever asked sees why. The queue is done with it: its dead set is for what nobody can see.
  spdlog::info("the task {} {} failed: {}", task.kind, task.id, error.to_log());
  return save_end(task, TaskState::kFailed, {}, &error);
}

Status Tasks::save_end(const Task& task, TaskState state, const std::string& result,
                       const Error* error) {
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "UPDATE tasks SET state = CASE WHEN ?2 = 0 AND cancel THEN 4 ELSE ?2 END, result = ?3, "
        "error_code = ?4, error_message = ?5, attempts = ?6, ended_us = ?7, percent = CASE WHEN "
        "?2 = 2 THEN 100 ELSE percent END, note = CASE WHEN ?2 > 1 THEN '' ELSE note END WHERE id "
        "= ?1"));
    row.bind(1, task.id).bind(2, static_cast<int64_t>(state)).bind(3, result);
    row.bind(4, error == nullptr ? std::string_view() : info_of(error->code()).wire_code);
    row.bind(5, error == nullptr ? std::string() : error->message());
    row.bind(6, static_cast<int64_t>(task.attempts));
    row.bind(7, has_ended(state) ? clock_.now_us() : int64_t{0});
    return row.run();
  }));
  announce(task.id);
  return {};
}

Status Tasks::forget_before(int64_t ended_us) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("DELETE FROM tasks WHERE state > 1 AND ended_us < ?"));
    return row.bind(1, ended_us).run();
  });
}

}  // namespace firn::tasks
