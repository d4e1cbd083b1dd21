#include "jobs/worker_pool.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "platform/clock.h"
#include "platform/random.h"

namespace firn::jobs {

bool retry_by_default(ErrorCode code) {
  return info_of(code).retryable || code == ErrorCode::kInternal || code == ErrorCode::kCancelled;
}

void JobContext::progress(int32_t percent, std::string_view description) {
  ProgressUpdate update;
  update.jid = jid;
  update.percent = std::clamp(percent, 0, 100);
  update.description = std::string(description);
  if (const Status told = source_.progress(update); !told.ok()) {
    spdlog::debug("no word of the progress of {}: {}", jid, told.error().to_log());
  }
}

void Handlers::add(std::string type, JobHandler handler, RetryRule retry) {
  entries_.insert_or_assign(std::move(type), Entry{std::move(handler), std::move(retry)});
}

WorkerPool::WorkerPool(const WorkerPoolOptions& options, std::unique_ptr<JobSources> sources,
                       Handlers handlers, platform::Clock& clock, platform::Random& random)
    : options_(options),
      sources_(std::move(sources)),
      handlers_(std::move(handlers)),
      clock_(clock),
      random_(random) {
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { beat(); });
}

WorkerPool::~WorkerPool() { stop(std::chrono::milliseconds(0)); }

void WorkerPool::begin_stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

void WorkerPool::stop(std::chrono::milliseconds patience) {
  begin_stop();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return running_.empty(); });
    for (const auto& [jid, context] : running_) context->cancel();
  }
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool WorkerPool::cancel(std::string_view jid) {
  std::lock_guard lock(mutex_);
  const auto found = running_.find(jid);
  if (found == running_.end()) return false;
  found->second->cancel();
  return true;
}

int WorkerPool::running() const {
  std::lock_guard lock(mutex_);
  return static_cast<int>(running_.size());
}

// True when the pool stops.
bool WorkerPool::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [&] { return stopping_; });
}

// A random order, in which heavier queues tend to come first.
std::vector<std::string> WorkerPool::queue_order() {
  auto left = options_.queues;
  std::vector<std::string> order;
  while (!left.empty()) {
    uint64_t total = 0;
    for (const auto& [name, weight] : left) total += static_cast<uint64_t>(std::max(1, weight));
    uint64_t at = random_.next_u64() % total;
    size_t chosen = 0;
    for (; chosen + 1 < left.size(); ++chosen) {
      const auto weight = static_cast<uint64_t>(std::max(1, left[chosen].second));
      if (at < weight) break;
      at -= weight;
    }
    order.push_back(std::move(left[chosen].first));
    left.erase(left.begin() + static_cast<ptrdiff_t>(chosen));
  }
  return order;
}

void WorkerPool::work() {
  constexpr std::chrono::milliseconds kAgainMin{200};
  constexpr std::chrono::milliseconds kAgainMax{10'000};
  std::unique_ptr<JobSource> source;
  auto again = kAgainMin;
  while (!pause(std::chrono::milliseconds(0))) {
    bool quiet = false;
    {
      std::lock_guard lock(mutex_);
      quiet = quiet_;
    }
    if (quiet) {
      pause(kAgainMin);
      continue;
    }
    if (!source) {
      auto made = sources_->connect();
      if (made.ok()) source = std::move(*made);
    }
    auto fetched =
        source
            ? source->fetch(queue_order())
            : Result<std::optional<std::string>>(Error(ErrorCode::kUnavailable, "no connection"));
    if (!fetched.ok()) {
      spdlog::warn("no jobs can be fetched: {}", fetched.error().to_log());
      pause(again);
      again = std::min(2 * again, kAgainMax);
      continue;
    }
    again = kAgainMin;
    if (*fetched) run_job(*source, **fetched);
  }
}

void WorkerPool::run_job(JobSource& source, const std::string& json) {
  const auto fields = parse_object(json);
  if (!fields.ok()) return spdlog::error("a job cannot be read: {}", fields.error().to_log());
  std::string jid;
  std::string type;
  std::string args = "[]";
  std::string custom;
  int32_t attempt = 0;
  for (const JsonField& field : *fields) {
    if (field.name == "jid") jid = field.text;
    if (field.name == "jobtype") type = field.text;
    if (field.name == "args") args = field.text;
    if (field.name == "custom") custom = field.text;
    if (field.name == "failure" && field.kind == JsonKind::kObject) attempt = 1;
  }
  JobContext context(source, jid, type, std::move(args), std::move(custom), attempt);
  bool stopping = false;
  {
    std::lock_guard lock(mutex_);
    stopping = stopping_;
    if (!stopping) running_[jid] = &context;
  }
  if (stopping) {
    // It came while everybody was told to end.
    const Status given = source.give_back(jid);
    if (!given.ok()) spdlog::warn("{} is not given back: {}", jid, given.error().to_log());
    return;
  }
  const auto entry = handlers_.entries_.find(type);
  const Status outcome =
      entry == handlers_.entries_.end()
          ? Status(Error(ErrorCode::kUnavailable, "there is no handler for " + type))
          : entry->second.handler(context);
  {
    std::lock_guard lock(mutex_);
    running_.erase(jid);
    stopping = stopping_;
  }
  changed_.notify_all();
  Status told;
  if (outcome.ok()) {
    told = source.ack(jid);
  } else if (stopping && outcome.error().code() == ErrorCode::kCancelled) {
    told = source.give_back(jid);
  } else {
    const Error& error = outcome.error();
    const bool known = entry != handlers_.entries_.end();
    FailReport report;
    report.type = info_of(error.code()).faktory_type;
    report.message = error.message();
    report.retry = known ? entry->second.retry(error.code()) : true;
    spdlog::warn("the job {} {} failed: {}", type, jid, error.to_log());
    told = source.fail(jid, report);
  }
  // Its reservation runs out, and it is done again.
  if (!told.ok()) spdlog::warn("how {} ended is not known: {}", jid, told.error().to_log());
}

void WorkerPool::beat() {
  std::unique_ptr<JobSource> source;
  while (!pause(options_.beat_every)) {
    if (!source) {
      auto made = sources_->connect();
      if (!made.ok()) continue;
      source = std::move(*made);
    }
    const auto signal = source->beat();
    std::vector<std::string> running;
    {
      std::lock_guard lock(mutex_);
      quiet_ = quiet_ || (signal.ok() && *signal != WorkerSignal::kNone);
      for (const auto& [jid, context] : running_) running.push_back(jid);
    }
    const int64_t ahead_us =
        std::chrono::duration_cast<std::chrono::microseconds>(options_.reserve_ahead).count();
    for (const std::string& jid : running) {
      ProgressUpdate update;
      update.jid = jid;
      update.reserve_until_us = clock_.now_us() + ahead_us;
      if (const Status moved = source->progress(update); !moved.ok()) {
        spdlog::warn("the reservation of {} cannot be moved: {}", jid, moved.error().to_log());
      }
    }
  }
}

}  // namespace firn::jobs
