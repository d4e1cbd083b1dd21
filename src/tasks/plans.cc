// What is made again and again.
#include <spdlog/spdlog.h>

#include "jobs/cron.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "tasks/rows_internal.h"

namespace firn::tasks {
namespace {

Error missing() { return {ErrorCode::kNotFound, "there is no such plan"}; }

Result<bool> has_unfinished(store::Transaction& transaction, const std::string& subject) {
  auto row =
      TRY(transaction.prepare("SELECT 1 FROM tasks WHERE subject = ? AND state < 2 LIMIT 1"));
  row.bind(1, subject);
  return row.step();
}

}  // namespace

Status Tasks::write_plan(store::Transaction& transaction, const auth::Principal& who, Plan plan) {
  const auto cron = TRY(jobs::Cron::parse(plan.cron, plan.zone));
  plan.organization = who.organization;
  plan.account = who.account;
  plan.account_name = who.name;
  plan.ceiling = who.ceiling;
  const int64_t next_us = TRY(cron.next_after(clock_.now_us()));
  plan.next_us = plan.paused ? 0 : next_us;
  return upsert_plan(transaction, plan);
}

Status Tasks::plan_own(const std::string& organization, const std::string& kind,
                       const std::string& cron) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auth::Principal firn;
    firn.organization = organization;
    firn.name = "Firn";
    Plan plan;
    plan.id = "own/" + kind;
    plan.kind = kind;
    plan.arguments = "[{}]";
    plan.cron = cron;
    return write_plan(transaction, firn, std::move(plan));
  });
}

Status Tasks::remove_plan(store::Transaction& transaction, const std::string& id) {
  auto row = TRY(transaction.prepare("DELETE FROM task_plans WHERE id = ?"));
  return row.bind(1, id).run();
}

Result<Plan> Tasks::plan(const std::string& organization, const std::string& id) {
  std::optional<Plan> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare(std::string(kSelectPlan) + " WHERE id = ? AND organization = ?"));
    row.bind(1, id).bind(2, organization);
    if (TRY(row.step())) found = read_plan(row);
    return {};
  }));
  if (!found) return missing();
  return *std::move(found);
}

Result<Task> Tasks::run_plan(const std::string& organization, const std::string& id) {
  const Plan due = TRY(plan(organization, id));
  Task task = draft_of(due, clock_.now_us());
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    if (TRY(has_unfinished(transaction, id))) {
      return Error(ErrorCode::kConflict, "it runs already");
    }
    TRY(insert(transaction, task));
    return {};
  }));
  committed();
  return task;
}

Task Tasks::draft_of(const Plan& plan, int64_t now_us) {
  Task task;
  task.id = random_.uuid().to_string();
  task.organization = plan.organization;
  task.account = plan.account;
  task.account_name = plan.account_name;
  task.ceiling = plan.ceiling;
  task.kind = plan.kind;
  task.subject = plan.id;
  task.arguments = plan.arguments;
  task.created_us = now_us;
  return task;
}

// The task of one moment and the next moment, together. False: its last task goes on.
Result<bool> Tasks::make_one(store::Transaction& transaction, const Plan& plan, int64_t now_us) {
  int64_t next_us = 0;
  if (const auto cron = jobs::Cron::parse(plan.cron, plan.zone); cron.ok()) {
    const auto next = cron->next_after(now_us);
    if (next.ok()) next_us = *next;
  }
  // It was fine when it was made: the machine's time zones have changed.
  if (next_us == 0) spdlog::error("the plan {} has no next time: {}", plan.id, plan.cron);
  {
    auto row =
        TRY(transaction.prepare("UPDATE task_plans SET next_us = ?, last_us = ? WHERE id = ?"));
    TRY(row.bind(1, next_us).bind(2, now_us).bind(3, plan.id).run());
  }
  if (TRY(has_unfinished(transaction, plan.id))) return false;
  const auto made = insert(transaction, draft_of(plan, now_us));
  if (made.ok()) return true;
  // This organization's others have to end first; the moment is let go.
  if (made.error().code() != ErrorCode::kOverloaded) return made.error();
  spdlog::warn("the plan {} is left out once: {}", plan.id, made.error().to_log());
  return false;
}

Result<int> Tasks::make_due() {
  constexpr int64_t kAtOnceMax = 100;
  const int64_t now_us = clock_.now_us();
  std::vector<Plan> due;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(std::string(kSelectPlan) +
                                       " WHERE next_us > 0 AND next_us <= ? ORDER BY next_us "
                                       "LIMIT ?"));
    row.bind(1, now_us).bind(2, kAtOnceMax);
    while (TRY(row.step())) due.push_back(read_plan(row));
    return {};
  }));
  int made = 0;
  for (const Plan& plan : due) {
    TRY(database_.write([&](store::Transaction& transaction) -> Status {
      // Somebody may have changed or removed it meanwhile.
      {
        auto row =
            TRY(transaction.prepare("SELECT 1 FROM task_plans WHERE id = ? AND next_us = ?"));
        row.bind(1, plan.id).bind(2, plan.next_us);
        if (!TRY(row.step())) return {};
      }
      if (TRY(make_one(transaction, plan, now_us))) ++made;
      return {};
    }));
  }
  if (made > 0) committed();
  return made;
}

void Tasks::start() {
  thread_ = std::thread([this] { look(); });
}

void Tasks::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Tasks::look() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, options_.look_every, [&] { return stopping_; })) {
    lock.unlock();
    if (const auto made = make_due(); !made.ok()) {
      spdlog::error("what is due cannot be made: {}", made.error().to_log());
    }
    lock.lock();
  }
}

}  // namespace firn::tasks
