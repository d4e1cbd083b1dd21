#include "jobs/worker_registry.h"

#include <algorithm>

namespace firn::jobs {
namespace {

Error unknown(std::string_view wid) {
  return {ErrorCode::kNotFound, "Unknown worker " + std::string(wid)};
}

}  // namespace

Status WorkerRegistry::connected(WorkerInfo worker, int64_t now_us) {
  std::lock_guard lock(mutex_);
  const auto found = workers_.find(worker.wid);
  if (found != workers_.end()) {
    found->second.beat_us = now_us;
    ++found->second.connections;
    return {};
  }
  if (workers_.size() >= kWorkersMax) {
    return Error(ErrorCode::kOverloaded, "there are too many workers");
  }
  worker.started_us = worker.beat_us = now_us;
  worker.connections = 1;
  const std::string wid = worker.wid;
  workers_.emplace(wid, std::move(worker));
  return {};
}

void WorkerRegistry::disconnected(std::string_view wid) {
  std::lock_guard lock(mutex_);
  const auto found = workers_.find(std::string(wid));
  if (found != workers_.end() && found->second.connections > 0) --found->second.connections;
}

Result<WorkerSignal> WorkerRegistry::beat(std::string_view wid, std::optional<WorkerSignal> state,
                                          int64_t rss_kb, int64_t now_us) {
  std::lock_guard lock(mutex_);
  const auto found = workers_.find(std::string(wid));
  if (found == workers_.end()) return unknown(wid);
  WorkerInfo& worker = found->second;
  worker.beat_us = now_us;
  if (rss_kb > 0) worker.rss_kb = rss_kb;
  if (state) {
    worker.state = *state;
    worker.wanted = std::max(worker.wanted, *state);
  }
  return worker.wanted;
}

Status WorkerRegistry::signal(std::string_view wid, WorkerSignal wanted) {
  std::lock_guard lock(mutex_);
  const auto found = workers_.find(std::string(wid));
  if (found == workers_.end()) return unknown(wid);
  // There is no way back: clients know none.
  found->second.wanted = std::max(found->second.wanted, wanted);
  return {};
}

bool WorkerRegistry::may_fetch(std::string_view wid) const {
  std::lock_guard lock(mutex_);
  const auto found = workers_.find(std::string(wid));
  return found == workers_.end() || found->second.wanted == WorkerSignal::kNone;
}

void WorkerRegistry::forget_silent(int64_t now_us) {
  std::lock_guard lock(mutex_);
  std::erase_if(workers_,
                [&](const auto& entry) { return now_us - entry.second.beat_us > kForgetAfterUs; });
}

std::vector<WorkerInfo> WorkerRegistry::list() const {
  std::lock_guard lock(mutex_);
  std::vector<WorkerInfo> all;
  for (const auto& [wid, worker] : workers_) all.push_back(worker);
  std::sort(all.begin(), all.end(),
            [](const WorkerInfo& a, const WorkerInfo& b) { return a.wid < b.wid; });
  return all;
}

}  // namespace firn::jobs
