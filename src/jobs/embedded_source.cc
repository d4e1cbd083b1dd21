#include <condition_variable>
#include <mutex>

#include "jobs/job_source.h"
#include "platform/clock.h"

namespace firn::jobs {
namespace {

// A thread that waits for a job.
class ThreadWaiter final : public JobWaiter {
 public:
  using JobWaiter::JobWaiter;
  void deliver(Fetched fetched) override {
    {
      std::lock_guard lock(mutex_);
      fetched_ = std::move(fetched);
    }
    arrived_.notify_one();
  }
  std::optional<Fetched> wait_for(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, time, [&] { return fetched_.has_value(); });
    return std::move(fetched_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::optional<Fetched> fetched_;
};

class EmbeddedSource final : public JobSource {
 public:
  EmbeddedSource(Queue& queue, platform::Clock& clock, WorkerInfo worker)
      : queue_(queue), clock_(clock), worker_(std::move(worker)) {}
  ~EmbeddedSource() override {
    if (!worker_.wid.empty()) queue_.workers().disconnected(worker_.wid);
  }

  Status connect() {
    if (worker_.wid.empty()) return {};
    return queue_.workers().connected(worker_, clock_.now_us());
  }

  Result<std::optional<std::string>> fetch(const std::vector<std::string>& queues) override {
    constexpr std::chrono::milliseconds kWait{500};
    const auto waiter = std::make_shared<ThreadWaiter>(queues, worker_.wid);
    auto fetched = TRY(queue_.fetch(waiter, true));
    if (!fetched) {
      fetched = waiter->wait_for(kWait);
      if (!fetched && !queue_.stop_waiting(waiter)) {
        fetched = waiter->wait_for(std::chrono::milliseconds(0));
      }
    }
    if (!fetched) return std::optional<std::string>();
    if (const Status settled = queue_.settle(fetched->ticket); !settled.ok()) {
      queue_.give_back(fetched->jid);
      return settled.error();
    }
    return std::optional(std::move(fetched->json));
  }

  Status ack(std::string_view jid) override { return queue_.settle(TRY(queue_.ack(jid))); }
  Status fail(std::string_view jid, const FailReport& report) override {
    return queue_.settle(TRY(queue_.fail(jid, report)));
  }
  Status give_back(std::string_view jid) override {
    queue_.give_back(jid);
    return queue_.settle_all();
  }
  Status push(std::string_view job_json) override { return queue_.settle(TRY(stage(job_json))); }
  Result<std::vector<Status>> push_all(const std::vector<std::string>& jobs) override {
    std::vector<Status> outcomes;
    for (const std::string& job : jobs) {
      const auto staged = stage(job);
      outcomes.push_back(staged.ok() ? Status() : Status(staged.error()));
    }
    TRY(queue_.settle_all());
    return outcomes;
  }
  Status progress(const ProgressUpdate& update) override {
    return queue_.settle(TRY(queue_.set_progress(update)));
  }
  Result<WorkerSignal> beat() override {
    auto signal = queue_.workers().beat(worker_.wid, std::nullopt, 0, clock_.now_us());
    if (signal.ok()) return signal;
    TRY(connect());
    return WorkerSignal::kNone;
  }

 private:
  Result<Ticket> stage(std::string_view job_json) {
    return queue_.push(TRY(parse_job(job_json, clock_.now_us())));
  }

  Queue& queue_;
  platform::Clock& clock_;
  const WorkerInfo worker_;
};

class EmbeddedSources final : public JobSources {
 public:
  EmbeddedSources(Queue& queue, platform::Clock& clock, WorkerInfo worker)
      : queue_(queue), clock_(clock), worker_(std::move(worker)) {}
  Result<std::unique_ptr<JobSource>> connect() override {
    auto source = std::make_unique<EmbeddedSource>(queue_, clock_, worker_);
    TRY(source->connect());
    return std::unique_ptr<JobSource>(std::move(source));
  }

 private:
  Queue& queue_;
  platform::Clock& clock_;
  const WorkerInfo worker_;
};

}  // namespace

std::unique_ptr<JobSources> embedded_sources(Queue& queue, platform::Clock& clock,
                                             WorkerInfo worker) {
  return std::make_unique<EmbeddedSources>(queue, clock, std::move(worker));
}

}  // namespace firn::jobs
