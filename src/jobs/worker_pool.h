#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "jobs/arguments.h"
#include "jobs/job_source.h"

namespace firn::jobs {

// A job under way, as its handler sees it. On the handler's thread, but for cancelled().
class JobContext {
 public:
  JobContext(JobSource& source, std::string jid, std::string type, std::string args,
             std::string custom, int32_t attempt)
      : jid(std::move(jid)),
        type(std::move(type)),
        args(std::move(args)),
        custom(std::move(custom)),
        attempt(attempt),
        source_(source) {}

  const std::string jid;
  const std::string type;
  const std::string args;    // JSON array
  const std::string custom;  // JSON object; empty: none
  const int32_t attempt;     // 0 the first time

  // Look at it often: true once the job shall end, which it does with the error Cancelled. Then it
  // is tried again later.
  bool cancelled() const { return cancelled_.load(); }
  void cancel() { cancelled_ = true; }
  // Tells how far it is. What fails is left out: progress is no promise.
  void progress(int32_t percent, std::string_view description);
  // Another job, durably.
  Status push(std::string_view job_json) { return source_.push(job_json); }

 private:
  JobSource& source_;
  std::atomic<bool> cancelled_{false};
};

using JobHandler = std::function<Status(JobContext& context)>;

// What a failure leads to; by default another try where its code says that one may help
// (schema/errors.def), and for Internal and Cancelled.
using RetryRule = std::function<bool(ErrorCode code)>;
bool retry_by_default(ErrorCode code);

// What this process can do, by the job's type. Filled before the pool starts, then immutable.
class Handlers {
 public:
  void add(std::string type, JobHandler handler, RetryRule retry = retry_by_default);
  // With arguments as a struct (arguments.h). Such that cannot be read are InvalidData: no retry.
  template <typename T>
  void add(std::string type, std::function<Status(const T& arguments, JobContext& context)> handler,
           RetryRule retry = retry_by_default) {
    add(
        std::move(type),
        [handler = std::move(handler)](JobContext& context) -> Status {
          const auto arguments = decode_arguments<T>(context.args);
          if (!arguments.ok()) return arguments.error();
          return handler(*arguments, context);
        },
        std::move(retry));
  }

 private:
  friend class WorkerPool;
  struct Entry {
    JobHandler handler;
    RetryRule retry;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

struct WorkerPoolOptions {
  int threads = 4;
  // A queue with twice the weight is asked first twice as often.
  std::vector<std::pair<std::string, int>> queues = {{"default", 1}};
  std::chrono::milliseconds beat_every{15'000};
  // A reservation is moved this far ahead at every beat while its handler runs.
  std::chrono::milliseconds reserve_ahead{300'000};
};

// Threads that fetch jobs and run their handlers. Thread-safe.
class WorkerPool {
 public:
  WorkerPool(const WorkerPoolOptions& options, std::unique_ptr<JobSources> sources,
             Handlers handlers, platform::Clock& clock, platform::Random& random);
  // stop() without patience.
  ~WorkerPool();

  // Fetches no more; what runs goes on.
  void begin_stop();
  // That, then waits for what runs, then cancels it, and waits for that. What ends as Cancelled
  // then is given back. Idempotent.
  void stop(std::chrono::milliseconds patience);
  // Tells a job of this pool to end. False where it does not run here.
  bool cancel(std::string_view jid);
  int running() const;

 private:
  void work();
  void beat();
  void run_job(JobSource& source, const std::string& json);
  std::vector<std::string> queue_order();
  bool pause(std::chrono::milliseconds time);

  const WorkerPoolOptions options_;
  const std::unique_ptr<JobSources> sources_;
  const Handlers handlers_;
  platform::Clock& clock_;
  platform::Random& random_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool quiet_ = false;  // the server said so
  std::map<std::string, JobContext*, std::less<>> running_;
  std::vector<std::thread> threads_;
};

}  // namespace firn::jobs
