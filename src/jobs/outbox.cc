#include "jobs/outbox.h"

#include <spdlog/spdlog.h>

#include <vector>

#include "jobs/queue.h"
#include "platform/fault.h"

namespace firn::jobs {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(500);
constexpr int64_t kRelayedMax = 500;  // in one transaction

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"jobs", 1,
       "CREATE TABLE job_outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL)"},
  };
  return steps;
}

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::create(store::Database& database, Queue& queue) {
  TRY(database.migrate(migrations()));
  std::unique_ptr<Outbox> outbox(new Outbox(database, queue));
  outbox->thread_ = std::thread([raw = outbox.get()] { raw->run(); });
  return outbox;
}

Outbox::~Outbox() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status Outbox::push(store::Transaction& transaction, std::string_view job_json, int64_t now_us) {
  const Job job = TRY(parse_job(job_json, now_us));  // said now, not when it is too late
  auto insert = TRY(transaction.prepare("INSERT INTO job_outbox (job) VALUES (?)"));
  return insert.bind(1, job.to_json()).run();
}

void Outbox::committed() {
  {
    std::lock_guard lock(mutex_);
    pending_ = true;
  }
  wake_.notify_all();
}

Status Outbox::relay() {
  std::lock_guard one_at_a_time(relay_mutex_);
  for (bool more = true; more;) {
    std::vector<std::pair<int64_t, std::string>> jobs;
    TRY(database_.read([&](store::Transaction& transaction) -> Status {
      auto rows = TRY(transaction.prepare("SELECT id, job FROM job_outbox ORDER BY id LIMIT ?"));
      rows.bind(1, kRelayedMax);
      while (TRY(rows.step())) jobs.emplace_back(rows.column_int(0), rows.column_text(1));
      return {};
    }));
    if (jobs.empty()) return {};
    more = jobs.size() == static_cast<size_t>(kRelayedMax);
    for (const auto& [id, json] : jobs) {
      const auto pushed = queue_.push(TRY(parse_job(json, 0)));
      // One that is not unique any more has its twin in the queue; one whose batch is gone cannot
      // ever be pushed. Both are done with.
      const bool gone = !pushed.ok() && (pushed.error().code() == ErrorCode::kAlreadyExists ||
                                         pushed.error().code() == ErrorCode::kNotFound ||
                                         pushed.error().code() == ErrorCode::kConflict);
      if (gone) {
        spdlog::warn("a job of the outbox is dropped: {}", pushed.error().to_log());
      } else if (!pushed.ok()) {
        return pushed.error();
      }
    }
    TRY(queue_.settle_all());
    KILL_POINT("jobs.outbox_relayed");
    const int64_t last = jobs.back().first;
    TRY(database_.write([&](store::Transaction& transaction) -> Status {
      auto remove = TRY(transaction.prepare("DELETE FROM job_outbox WHERE id <= ?"));
      return remove.bind(1, last).run();
    }));
  }
  return {};
}

void Outbox::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait_for(lock, kLookEvery, [&] { return stopping_ || pending_; });
    const bool last = stopping_;
    pending_ = false;
    lock.unlock();
    if (const Status relayed = relay(); !relayed.ok()) {
      spdlog::error("jobs stay in the outbox: {}", relayed.error().to_log());
    }
    lock.lock();
    if (last) return;
  }
}

}  // namespace firn::jobs
