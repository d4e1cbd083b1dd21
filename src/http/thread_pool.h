#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace firn::http {

// A fixed number of threads with a bounded queue. Thread-safe.
class ThreadPool {
 public:
  ThreadPool(int threads, size_t queue_max);
  // Runs what is queued, then joins.
  ~ThreadPool();
  // False when every thread is busy and the queue is full: the task was not taken.
  [[nodiscard]] bool try_submit(std::function<void()> task);

 private:
  void run();

  const size_t threads_max_;
  const size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // started as they are needed
};

}  // namespace firn::http
