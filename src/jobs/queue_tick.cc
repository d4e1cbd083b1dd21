// What happens by itself, as time goes on.
#include <utility>

#include <spdlog/spdlog.h>

#include "jobs/queue.h"
#include "platform/clock.h"

namespace firn::jobs {
namespace {

constexpr int64_t kDeadKeepUs = 180LL * 86'400 * kSecondUs;
constexpr size_t kMovesMax = 1'000;           // under one lock
constexpr size_t kRewriteBytesMax = 1 << 20;  // of the log, under one lock
constexpr int64_t kHousekeepingUs = 10 * kSecondUs;

}  // namespace

bool Queue::due(JobState state, int64_t now_us) const {
  const auto& order = state_.in(state);
  if (order.empty()) return false;
  const int64_t keep_us = state == JobState::kDead ? kDeadKeepUs : 0;
  return order.begin()->first + keep_us <= now_us;
}

// At most kMovesMax jobs; false when nothing more is due.
bool Queue::tick_some(int64_t now_us) {
  std::lock_guard lock(mutex_);
  if (!writable().ok()) return false;
  size_t left = kMovesMax;
  const auto first = [&](JobState state) -> JobNode& { return *state_.in(state).begin()->second; };
  for (const JobState state : {JobState::kScheduled, JobState::kRetrying}) {
    for (; left > 0 && due(state, now_us); --left) {
      enqueue(state_.take(first(state)), Cause::kMoved);
    }
  }
  for (; left > 0 && due(JobState::kWorking, now_us); --left) {
    fail_node(first(JobState::kWorking),
              {"ReservationExpired", "the job's reservation expired", {}, true});
  }
  for (; left > 0 && due(JobState::kDead, now_us); --left) {
    remove(first(JobState::kDead), Cause::kDiscarded);
  }
  const auto& expiring = state_.expiring();
  for (; left > 0 && !expiring.empty() && expiring.begin()->first <= now_us; --left) {
    remove(*expiring.begin()->second, Cause::kDiscarded);
  }
  for (const std::string& name : std::exchange(unserved_, {})) serve_waiters(name);
  count_second(now_us);
  run_due_schedules(now_us);
  advance_batches();
  if (!state_.limits().empty()) serve_all_waiters();
  return left == 0;
}

// Rewriting costs what is alive: worth it once the log is several times that, and sooner when it
// fills up.
bool Queue::log_wants_freeing() const {
  const uint64_t segment = options_.wal.segment_bytes;
  const uint64_t alive = state_.bytes();
  const uint64_t live = journal_->live_bytes();
  if (live > 3 * alive + 4 * segment) return true;
  return live > options_.wal.live_bytes_max / 2 && live > alive + alive / 4 + 3 * segment;
}

void Queue::free_log() {
  // Each round writes again the oldest part; a bound, since others write as well.
  for (int rounds = 0; rounds < 64; ++rounds) {
    {
      std::lock_guard lock(mutex_);
      if (!log_wants_freeing() || !log_works().ok()) break;
      std::string& out = stage_unpromised();
      state_.rewrite_oldest(out, journal_->durable_lsn(), kRewriteBytesMax);
    }
    if (!settle_all().ok()) break;
    uint64_t oldest = 0;
    {
      std::lock_guard lock(mutex_);
      oldest = state_.oldest_lsn();
    }
    journal_->release(oldest - 1);
  }
}

void Queue::tick() {
  const int64_t now_us = clock_.now_us();
  for (int rounds = 0; rounds < 100 && tick_some(now_us); ++rounds) {
    if (!settle_all().ok()) break;
  }
  workers_.forget_silent(now_us);
  {
    std::lock_guard lock(mutex_);
    if (now_us - housekept_us_ >= kHousekeepingUs) {
      housekept_us_ = now_us;
      tracking_.expire(now_us);
      if (writable().ok()) expire_batches(now_us);
    }
  }
  // Also what nobody waits for: reservations.
  if (const Status written = settle_all(); !written.ok() && !write_failed_) {
    spdlog::error("the job queue cannot write its log: {}", written.error().to_log());
    write_failed_ = true;
  } else if (written.ok()) {
    write_failed_ = false;
  }
  free_log();
}

void Queue::run() {
  std::unique_lock lock(stop_mutex_);
  while (!stop_wake_.wait_for(lock, options_.tick_every, [&] { return stopping_; })) {
    lock.unlock();
    tick();
    lock.lock();
  }
}

}  // namespace firn::jobs
