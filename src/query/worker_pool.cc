#include "query/worker_pool.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "query/worker.h"

namespace firn::query {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kStartDeadline{30'000};
constexpr std::chrono::milliseconds kWatchInterval{20};
constexpr int kStartFailuresMax = 3;

}  // namespace

WorkerPool::WorkerPool(WorkerPoolOptions options, platform::ProcessSpawner& spawner)
    : options_(std::move(options)), spawner_(spawner) {
  std::error_code ignored;
  std::filesystem::remove_all(options_.spill_directory, ignored);
  to_start_ = 1;  // one is warm before the first query
  spawner_thread_ = std::thread([this] { run_spawner(); });
  watchdog_thread_ = std::thread([this] { run_watchdog(); });
}

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& worker : leased_) worker->kill();
  }
  changed_.notify_all();
  spawner_thread_.join();
  watchdog_thread_.join();
}

Result<std::shared_ptr<Worker>> WorkerPool::start(int number) {
  const std::string spill =
      std::filesystem::absolute(options_.spill_directory + "/worker-" + std::to_string(number));
  std::error_code failed;
  std::filesystem::create_directories(spill, failed);
  if (failed) {
    return Error(ErrorCode::kStorageUnavailable, "cannot make the spill folder", failed.message());
  }
  const auto [ours, theirs] = TRY(Channel::socket_pair());
  platform::SpawnOptions spawn;
  spawn.arguments = options_.command;
  const auto argument = [&](const std::string& name, const std::string& value) {
    spawn.arguments.push_back(name);
    spawn.arguments.push_back(value);
  };
  argument("--warehouse", options_.warehouse_directory);
  argument("--spill", spill);
  argument("--extensions", options_.extension_directory);
  argument("--memory", std::to_string(options_.memory_bytes_max));
  argument("--spill-bytes", std::to_string(options_.spill_bytes_max));
  argument("--threads", std::to_string(options_.threads));
  spawn.descriptors = {{theirs, kWorkerSocket}};
  auto process = spawner_.spawn(spawn);
  ::close(theirs);
  if (!process.ok()) {
    ::close(ours);
    return std::move(process).error();
  }
  auto worker = std::make_shared<Worker>(ours, std::move(*process), spill, number);
  if (!worker->channel().readable_within(kStartDeadline)) {
    return Error(ErrorCode::kUnavailable, "a query worker does not start");
  }
  const Frame frame = TRY(worker->channel().receive());
  WireReader in(frame.payload);
  worker->ready_.landlock = in.number<uint8_t>() != 0;
  worker->ready_.seccomp = in.number<uint8_t>() != 0;
  if (frame.type != FrameType::kReady || !in.at_end()) {
    return Error(ErrorCode::kUnavailable, "a query worker does not start");
  }
  return worker;
}

void WorkerPool::run_spawner() {
  int number = 0;
  bool warned = false;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || to_start_ > 0; });
    if (stopping_) break;
    --to_start_;
    ++starting_;
    lock.unlock();
    auto worker = start(++number);
    lock.lock();
    --starting_;
    if (worker.ok()) {
      failures_ = 0;
      ++started_;
      if (!warned && (!(*worker)->ready_.landlock || !(*worker)->ready_.seccomp)) {
        warned = true;
        spdlog::warn("query workers run without {}{}: the kernel does not offer it",
                     (*worker)->ready_.landlock ? "" : "Landlock ",
                     (*worker)->ready_.seccomp ? "" : "seccomp");
      }
      idle_.push_back(std::move(*worker));
    } else {
      ++failures_;
      start_error_ = worker.error();
      spdlog::error("cannot start a query worker: {}", worker.error().to_log());
    }
    changed_.notify_all();
  }
  idle_.clear();
  leased_.clear();
}

void WorkerPool::run_watchdog() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, kWatchInterval);
    const auto now = Clock::now();
    for (const auto& worker : leased_) {
      if (now < worker->kill_at_ || worker->killed_) continue;
      worker->kill();
      worker->killed_ = true;
    }
  }
}

std::shared_ptr<Worker> WorkerPool::take_idle(const std::string& organization) {
  const auto take = [&](auto it) {
    auto worker = *it;
    idle_.erase(it);
    worker->organization_ = organization;
    worker->kill_at_ = Clock::time_point::max();
    leased_.push_back(worker);
    return worker;
  };
  // Its own ones first: they know its files.
  for (auto it = idle_.begin(); it != idle_.end(); ++it) {
    if ((*it)->organization_ == organization) return take(it);
  }
  for (auto it = idle_.begin(); it != idle_.end(); ++it) {
    if ((*it)->organization_.empty()) return take(it);
  }
  return nullptr;
}

Result<std::shared_ptr<Worker>> WorkerPool::acquire(const std::string& organization,
                                                    Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (waiting_ >= options_.waiting_max) {
    return Error(ErrorCode::kOverloaded, "too many queries are waiting; try again");
  }
  ++waiting_;
  struct Leave {
    int& waiting;
    ~Leave() { --waiting; }
  } leave{waiting_};
  failures_ = 0;
  while (true) {
    if (stopping_) return Error(ErrorCode::kUnavailable, "the server is stopping");
    if (auto worker = take_idle(organization)) return worker;
    if (failures_ >= kStartFailuresMax) {
      return Error(ErrorCode::kUnavailable, "no query worker starts", start_error_.to_log());
    }
    const int total = static_cast<int>(idle_.size() + leased_.size()) + to_start_ + starting_;
    if (to_start_ + starting_ < waiting_) {
      if (total >= options_.workers_max && !idle_.empty()) discard(idle_.front());
      if (total < options_.workers_max || !idle_.empty()) {
        ++to_start_;
        changed_.notify_all();
      }
    }
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
      return Error(ErrorCode::kOverloaded, "no query worker became free in time; try again");
    }
  }
}

void WorkerPool::discard(const std::shared_ptr<Worker>& worker) {
  worker->kill();
  std::error_code ignored;
  std::filesystem::remove_all(worker->spill_, ignored);
  const auto kept = worker;  // the lists hold what is passed by reference
  idle_.remove(kept);
  leased_.remove(kept);
}

void WorkerPool::kill_at(Worker& worker, Clock::time_point when) {
  std::lock_guard lock(mutex_);
  worker.kill_at_ = when;
}

void WorkerPool::release(const std::shared_ptr<Worker>& worker, bool reusable) {
  std::lock_guard lock(mutex_);
  // Its last word may have come just before it was killed.
  if (reusable && !worker->killed_ && !stopping_) {
    leased_.remove(worker);
    idle_.push_front(worker);
  } else {
    discard(worker);
    // The next query finds one that has started already.
    const int total = static_cast<int>(idle_.size() + leased_.size()) + to_start_ + starting_;
    if (!stopping_ && total == 0) ++to_start_;
  }
  changed_.notify_all();
}

WorkerPool::Stats WorkerPool::stats() {
  std::lock_guard lock(mutex_);
  Stats stats;
  stats.workers = static_cast<int>(idle_.size() + leased_.size());
  stats.idle = static_cast<int>(idle_.size());
  stats.waiting = waiting_;
  stats.started = started_;
  return stats;
}

}  // namespace firn::query
