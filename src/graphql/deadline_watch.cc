#include "graphql/deadline_watch.h"

#include "graphql/execution.h"

namespace firn::graphql {
namespace {

// Operations are mostly done long before: what is left of them is swept out this often.
constexpr auto kSweepEvery = std::chrono::seconds(1);

}  // namespace

DeadlineWatch::~DeadlineWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DeadlineWatch::watch(const std::shared_ptr<Execution>& execution) {
  std::lock_guard lock(mutex_);
  const bool first = watched_.empty() || execution->deadline() < watched_.begin()->first;
  watched_.emplace(execution->deadline(), execution);
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  if (first) wake_.notify_one();
}

void DeadlineWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (watched_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto now = std::chrono::steady_clock::now();
    if (watched_.begin()->first > now) {
      std::erase_if(watched_, [](const auto& entry) { return entry.second.expired(); });
      if (!watched_.empty()) {
        wake_.wait_until(lock, std::min(watched_.begin()->first, now + kSweepEvery));
      }
      continue;
    }
    auto late = watched_.begin()->second.lock();
    watched_.erase(watched_.begin());
    if (late == nullptr) continue;
    lock.unlock();
    late->cancel(Error(ErrorCode::kDeadlineExceeded, "the operation took too long"));
    late.reset();
    lock.lock();
  }
}

}  // namespace firn::graphql
