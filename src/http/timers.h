#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace firn::http {

// Calls back later, on a thread of its own, started when it is first needed. Thread-safe.
class Timers {
 public:
  Timers() = default;
  ~Timers();
  // `callback` should hold what it works on weakly: it cannot be taken back.
  void after(std::chrono::milliseconds delay, std::function<void()> callback);

 private:
  void run();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firn::http
