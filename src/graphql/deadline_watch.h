#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace firn::graphql {

class Execution;

// Cancels operations that run past their deadline. One thread, started when it is first needed.
// Thread-safe.
class DeadlineWatch {
 public:
  DeadlineWatch() = default;
  ~DeadlineWatch();
  void watch(const std::shared_ptr<Execution>& execution);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<std::chrono::steady_clock::time_point, std::weak_ptr<Execution>> watched_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firn::graphql
