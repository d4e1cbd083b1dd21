#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace firn::graphql {

// A subscription that has something to do.
class EventTask {
 public:
  virtual ~EventTask() = default;
  virtual void run() = 0;
};

// Runs subscriptions that have events, on one thread of its own, started when it is first needed:
// whoever pushes an event must not pay for its delivery. Each subscription is queued at most once,
// so that their number bounds the queue. Thread-safe.
class EventDispatcher {
 public:
  EventDispatcher() = default;
  ~EventDispatcher();
  void schedule(std::shared_ptr<EventTask> task);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<EventTask>> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firn::graphql
