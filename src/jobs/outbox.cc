#include "jobs/outbox.h"

#include <spdlog/spdlog.h>

#include <vector>

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

// One that is not unique any more has its twin in the queue; one whose batch is gone cannot ever be
// pushed. Both are done with.
bool hopeless(const Error& error) {
  return error.code() == ErrorCode::kAlreadyExists || error.code() == ErrorCode::kNotFound ||
         error.code() == ErrorCode::kConflict;
}

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::create(store::Database& database,
                                               std::unique_ptr<JobSources> queue) {
  TRY(database.migrate(migrations()));
  std::unique_ptr<Outbox> outbox(new Outbox(database, std::move(queue)));
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

Status Outbox::hand_on(const std::vector<std::string>& jobs) {
  if (!queue_) queue_ = TRY(sources_->connect());
  const auto outcomes = queue_->push_all(jobs);
  if (!outcomes.ok()) {
    queue_.reset();
    return outcomes.error();
  }
  for (const Status& outcome : *outcomes) {
    if (outcome.ok()) continue;
    if (!hopeless(outcome.error())) return outcome;
    spdlog::warn("a job of the outbox is dropped: {}", outcome.error().to_log());
  }
  return {};
}

Status Outbox::relay() {
  std::lock_guard one_at_a_time(relay_mutex_);
  for (bool more = true; more;) {
    std::vector<std::string> jobs;
    int64_t last = 0;
    TRY(database_.read([&](store::Transaction& transaction) -> Status {
      auto rows = TRY(transaction.prepare("SELECT id, job FROM job_outbox ORDER BY id LIMIT ?"));
      rows.bind(1, kRelayedMax);
      while (TRY(rows.step())) {
        last = rows.column_int(0);
        jobs.push_back(rows.column_text(1));
      }
      return {};
    }));
    if (jobs.empty()) return {};
    more = jobs.size() == static_cast<size_t>(kRelayedMax);
    TRY(hand_on(jobs));
    KILL_POINT("jobs.outbox_relayed");
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
