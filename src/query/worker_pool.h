#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "platform/process.h"
#include "query/channel.h"

namespace firn::query {

struct WorkerPoolOptions {
  std::vector<std::string> command;  // the executable, "query-worker"
  std::string warehouse_directory;   // what workers may read
  std::string spill_directory;       // each gets a folder below; emptied at start
  std::string extension_directory;
  uint64_t memory_bytes_max = 1ULL << 30;  // a worker
  uint64_t spill_bytes_max = 8ULL << 30;   // a worker
  int threads = 2;                         // a worker
  int workers_max = 4;
  int waiting_max = 64;  // queries that wait for a worker; beyond: Overloaded
};

// One worker process. Leased to one query at a time, of one organization for its whole life.
class Worker {
 public:
  Worker(int socket, std::unique_ptr<platform::ChildProcess> process, std::string spill, int number)
      : channel_(socket, Channel::kWorkerFrameBytesMax),
        process_(std::move(process)),
        spill_(std::move(spill)),
        number_(number) {}

  // Send from any thread, receive from the one that holds the lease.
  Status send(FrameType type, std::string_view payload, std::span<const int> descriptors = {}) {
    std::lock_guard lock(send_mutex_);
    return channel_.send(type, payload, descriptors);
  }
  Channel& channel() { return channel_; }
  void kill() { process_->kill(); }
  std::optional<int> wait_status() { return process_->try_wait(); }
  int number() const { return number_; }
  const WorkerReady& ready() const { return ready_; }

 private:
  friend class WorkerPool;
  Channel channel_;
  std::mutex send_mutex_;
  std::unique_ptr<platform::ChildProcess> process_;
  const std::string spill_;
  const int number_;
  WorkerReady ready_;
  std::string organization_;  // empty: any
  std::chrono::steady_clock::time_point kill_at_ = std::chrono::steady_clock::time_point::max();
  bool killed_ = false;  // by the watchdog; under the pool's lock
};

// Keeps workers warm. Thread-safe. Workers are started by one thread that lives as long as the
// pool: they die with the thread that starts them.
class WorkerPool {
 public:
  WorkerPool(WorkerPoolOptions options, platform::ProcessSpawner& spawner);
  ~WorkerPool();

  // A worker of this organization, at the latest at `deadline`. Errors: Overloaded when too many
  // wait or the time is over, Unavailable when no worker starts.
  Result<std::shared_ptr<Worker>> acquire(const std::string& organization,
                                          std::chrono::steady_clock::time_point deadline);
  // Kills the worker then, unless it was released before.
  void kill_at(Worker& worker, std::chrono::steady_clock::time_point when);
  // A worker that is not reusable is killed and replaced.
  void release(const std::shared_ptr<Worker>& worker, bool reusable);

  struct Stats {
    int workers = 0;
    int idle = 0;
    int waiting = 0;
    uint64_t started = 0;
  };
  Stats stats();
  const WorkerPoolOptions& options() const { return options_; }

 private:
  void run_spawner();
  void run_watchdog();
  Result<std::shared_ptr<Worker>> start(int number);
  std::shared_ptr<Worker> take_idle(const std::string& organization);
  void discard(const std::shared_ptr<Worker>& worker);

  const WorkerPoolOptions options_;
  platform::ProcessSpawner& spawner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  int to_start_ = 0;  // asked of the spawner
  int starting_ = 0;
  int waiting_ = 0;
  int failures_ = 0;  // starts that failed since one worked
  uint64_t started_ = 0;
  Error start_error_{ErrorCode::kUnavailable, "no query worker starts"};
  std::list<std::shared_ptr<Worker>> idle_;
  std::list<std::shared_ptr<Worker>> leased_;
  std::thread spawner_thread_;
  std::thread watchdog_thread_;
};

}  // namespace firn::query
