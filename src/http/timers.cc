#include "http/timers.h"

namespace firn::http {

Timers::~Timers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Timers::after(std::chrono::milliseconds delay, std::function<void()> callback) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  waiting_.emplace(std::chrono::steady_clock::now() + delay, std::move(callback));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake_.notify_one();
}

void Timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto due = waiting_.begin()->first;
    if (std::chrono::steady_clock::now() < due) {
      wake_.wait_until(lock, due);
      continue;
    }
    const auto callback = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    lock.unlock();
    callback();
    lock.lock();
  }
}

}  // namespace firn::http
