// Single jobs, as people look at them and deal with them.
#include <algorithm>

#include <fmt/format.h>

#include "jobs/glob.h"
#include "jobs/queue.h"
#include "platform/clock.h"

namespace firn::jobs {
namespace {

constexpr size_t kLooksMax = 100'000;

JobInfo info_of_job(const Job& job) {
  return {std::string(job.jid()),
          std::string(job.queue()),
          job.type,
          job.state,
          job.enqueued_us,
          job.when_us,
          job.wid,
          job.failure ? job.failure->count + 1 : 0,
          job.to_json()};
}

Error no_such_job(std::string_view jid) {
  return {ErrorCode::kNotFound, fmt::format("Job not found {}", jid)};
}

Error worked_on(std::string_view jid) {
  return {ErrorCode::kConflict, fmt::format("somebody works on {}", jid)};
}

// Collects a page of what fits.
class Page {
 public:
  explicit Page(const JobQuery& query) : query_(query) {}
  // False when no more is wanted.
  bool add(const Job& job) {
    if (++looked_ > kLooksMax) return false;
    if (!query_.queue.empty() && job.queue() != query_.queue) return true;
    if (!query_.type.empty() && job.type != query_.type) return true;
    if (!query_.pattern.empty() && !glob_matches(query_.pattern, job.to_json())) return true;
    if (skipped_ < query_.offset) {
      ++skipped_;
      return true;
    }
    if (found.size() >= query_.count) return false;
    found.push_back(info_of_job(job));
    return found.size() < query_.count;
  }
  std::vector<JobInfo> found;

 private:
  const JobQuery& query_;
  size_t looked_ = 0;
  size_t skipped_ = 0;
};

}  // namespace

Result<JobInfo> Queue::job(std::string_view jid) const {
  std::lock_guard lock(mutex_);
  const JobNode* node = state_.find(jid);
  if (node == nullptr) return no_such_job(jid);
  return info_of_job(node->job);
}

std::vector<JobInfo> Queue::find(const JobQuery& query) const {
  std::lock_guard lock(mutex_);
  Page page(query);
  const auto wanted = [&](JobState state) { return !query.state || *query.state == state; };
  for (const JobState state :
       {JobState::kWorking, JobState::kRetrying, JobState::kScheduled, JobState::kDead}) {
    if (!wanted(state)) continue;
    for (const auto& [when, node] : state_.in(state)) {
      if (!page.add(node->job)) return std::move(page.found);
    }
  }
  if (!wanted(JobState::kWaiting)) return std::move(page.found);
  for (const auto& [name, queue] : state_.queues()) {
    if (!query.queue.empty() && name != query.queue) continue;
    for (const JobNode* node = queue->first; node != nullptr; node = node->behind) {
      if (!page.add(node->job)) return std::move(page.found);
    }
  }
  return std::move(page.found);
}

Result<Ticket> Queue::discard(std::string_view jid) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  JobNode* node = state_.find(jid);
  if (node == nullptr) return no_such_job(jid);
  remove(*node, Cause::kDiscarded);
  advance_batches();
  return staged_ticket();
}

Result<Ticket> Queue::requeue(std::string_view jid) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  JobNode* node = state_.find(jid);
  if (node == nullptr) return no_such_job(jid);
  if (node->job.state == JobState::kWorking) return worked_on(jid);
  enqueue(state_.take(*node), Cause::kMoved);
  return staged_ticket();
}

Result<Ticket> Queue::kill(std::string_view jid) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  JobNode* node = state_.find(jid);
  if (node == nullptr) return no_such_job(jid);
  if (node->job.state == JobState::kWorking) return worked_on(jid);
  Job job = state_.take(*node);
  job.state = JobState::kDead;
  job.when_us = clock_.now_us();
  put(std::move(job), Cause::kMoved);
  return staged_ticket();
}

std::vector<Batch> Queue::batches() const {
  std::lock_guard lock(mutex_);
  std::vector<Batch> all;
  for (const auto& [bid, node] : state_.batches()) all.push_back(node->batch);
  std::sort(all.begin(), all.end(), [](const Batch& a, const Batch& b) {
    return std::pair(b.created_us, b.bid) < std::pair(a.created_us, a.bid);
  });
  return all;
}

}  // namespace firn::jobs
