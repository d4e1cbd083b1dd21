#include "jobs/queue.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/rfc3339.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::jobs {
namespace {

constexpr size_t kStagedBytesMax = 64 << 20;
constexpr size_t kErrorTypeBytesMax = 100;
constexpr size_t kErrorMessageBytesMax = 1000;
constexpr size_t kBacktraceLinesMax = 50;
constexpr size_t kBacktraceLineBytesMax = 1000;

Error no_such_job(std::string_view jid) {
  return {ErrorCode::kNotFound, fmt::format("Job not found {}", jid)};
}

// The first `bytes_max` bytes, and no half character at the end.
std::string_view cut(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

// `count` failures came before this one.
std::string failure_json(const FailReport& report, const Job& job, int32_t count, int64_t now_us,
                         int64_t next_us) {
  std::string json = fmt::format("{{\"retry_count\":{},\"remaining\":{},\"failed_at\":\"", count,
                                 std::max(0, job.retry - count));
  append_rfc3339(json, now_us);
  json += '"';
  if (next_us != 0) {
    json += ",\"next_at\":\"";
    append_rfc3339(json, next_us);
    json += '"';
  }
  json += ",\"errtype\":";
  append_json_string(json, cut(report.type, kErrorTypeBytesMax));
  json += ",\"message\":";
  append_json_string(json, cut(report.message, kErrorMessageBytesMax));
  const size_t lines = std::min({report.backtrace.size(), kBacktraceLinesMax,
                                 static_cast<size_t>(std::max(job.backtrace, 0))});
  if (lines > 0) {
    json += ",\"backtrace\":[";
    for (size_t i = 0; i < lines; ++i) {
      if (i > 0) json += ',';
      append_json_string(json, cut(report.backtrace[i], kBacktraceLineBytesMax));
    }
    json += ']';
  }
  return json + '}';
}

}  // namespace

Queue::Queue(const QueueOptions& options, platform::Clock& clock, platform::Random& random)
    : options_(options), clock_(clock), random_(random) {}

Queue::~Queue() {
  {
    std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  // Reservations that nobody waited for; nothing was promised of them.
  if (journal_) (void)settle_all();
}

Result<std::unique_ptr<Queue>> Queue::open(const QueueOptions& options, platform::FileSystem& files,
                                           platform::Clock& clock, platform::Random& random) {
  std::unique_ptr<Queue> queue(new Queue(options, clock, random));
  State& state = queue->state_;
  auto log = TRY(wal::Wal::open(options.wal, files, random,
                                [&](uint64_t lsn, std::string_view frame) -> Status {
                                  state.at(lsn);
                                  return read_records(frame, state);
                                }));
  state.restored();
  queue->journal_ = std::make_unique<Journal>(std::move(log), queue->mutex_);
  if (!state.counters_written()) {
    // The log is freed from its beginning, and what was counted there must not go with it.
    append_counters(queue->stage(), 0, 0, 0);
    state.on_counters(0, 0, 0);
  }
  if (options.tick_every.count() > 0) {
    queue->thread_ = std::thread([raw = queue.get()] { raw->run(); });
  }
  return queue;
}

Status Queue::writable() const {
  if (journal_->failed()) {
    return Error(ErrorCode::kStorageUnavailable, "the job queue cannot write its log");
  }
  if (journal_->staged().size() > kStagedBytesMax) {
    return Error(ErrorCode::kOverloaded, "too many changes wait for the disk; try again soon");
  }
  return {};
}

std::string& Queue::stage() {
  state_.at(journal_->staged_lsn());
  return journal_->staged();
}

Ticket Queue::staged_ticket() const {
  return {journal_->staged_lsn() - (journal_->staged().empty() ? 1 : 0)};
}

void Queue::put(Job job, Cause cause) {
  append_put(stage(), job, cause);
  state_.on_put(std::move(job), cause);
}

void Queue::remove(JobNode& node, Cause cause) {
  const std::string jid(node.job.jid());
  append_remove(stage(), jid, cause);
  state_.on_remove(jid, cause);
}

Job Queue::take_out(JobNode& node) {
  // The node stays, and keeps what it is indexed by; on_put() gives it a job again.
  Job job = std::move(node.job);
  return job;
}

void Queue::enqueue(Job job, Cause cause) {
  job.state = JobState::kWaiting;
  job.enqueued_us = clock_.now_us();
  job.when_us = 0;
  job.wid.clear();
  job.sequence = state_.next_sequence();
  const std::string queue(job.queue());
  put(std::move(job), cause);
  serve_waiters(queue);
}

Status Queue::admit(Job& job, int64_t now_us) {
  if (static_cast<int64_t>(state_.bytes()) > options_.bytes_max) {
    return Error(ErrorCode::kOverloaded, "the job queue is full");
  }
  if (state_.queues().size() >= options_.queues_max && state_.find_queue(job.queue()) == nullptr) {
    return Error(ErrorCode::kOverloaded, "there are too many queues");
  }
  if (!job.extras) return {};
  if (!job.extras->bid.empty()) {
    const BatchNode* batch = state_.find_batch(job.extras->bid);
    if (batch == nullptr) {
      return Error(ErrorCode::kNotFound, "No such batch " + job.extras->bid);
    }
    if (batch->batch.committed) {
      return Error(ErrorCode::kConflict, "Batch has already been committed, it must be reopened");
    }
  }
  if (job.extras->unique_for_s > 0) {
    if (state_.unique_taken(job.extras->unique_key, now_us)) {
      return Error(ErrorCode::kAlreadyExists, "Job not unique");
    }
    job.extras->unique_until_us = now_us + job.extras->unique_for_s * kSecondUs;
  }
  return {};
}

Result<Ticket> Queue::push(Job job) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  const int64_t now_us = clock_.now_us();
  const JobNode* same = state_.find(job.jid());
  if (same != nullptr && same->job.state != JobState::kDead) return Ticket{same->lsn};
  TRY(admit(job, now_us));
  if (job.extras && job.extras->expires_us != 0 && job.extras->expires_us <= now_us) {
    return Ticket{};  // over before it began: accepted, and never done
  }
  if (job.state == JobState::kScheduled && job.when_us > now_us) {
    put(std::move(job), Cause::kPushed);
  } else {
    enqueue(std::move(job), Cause::kPushed);
  }
  return staged_ticket();
}

void Queue::drop_expired(QueueNode& queue, int64_t now_us) {
  while (queue.first != nullptr && queue.first->job.extras) {
    const int64_t expires_us = queue.first->job.extras->expires_us;
    if (expires_us == 0 || expires_us > now_us) return;
    remove(*queue.first, Cause::kDiscarded);
  }
}

Fetched Queue::reserve(JobNode& node, const std::string& wid) {
  const int64_t seconds = std::min<int64_t>(node.job.reserve_for_s, options_.reserve_seconds_max);
  const int64_t deadline_us = clock_.now_us() + seconds * kSecondUs;
  Fetched fetched{node.job.to_json(), std::string(node.job.jid()), {}};
  // Most were durable long ago.
  if (node.lsn > journal_->durable_lsn()) fetched.ticket.lsn = node.lsn;
  append_reserve(stage(), fetched.jid, wid, deadline_us);
  state_.on_reserve(fetched.jid, wid, deadline_us);
  const auto& extras = node.job.extras;
  if (extras && extras->unique_until_start && extras->unique_until_us != 0) {
    state_.release_unique(node);
    put(take_out(node), Cause::kMoved);
  }
  return fetched;
}

std::optional<Fetched> Queue::take_for(const JobWaiter& waiter) {
  const int64_t now_us = clock_.now_us();
  for (const std::string& name : waiter.queues) {
    QueueNode* queue = state_.find_queue(name);
    if (queue == nullptr || queue->paused) continue;
    drop_expired(*queue, now_us);
    if (queue->first != nullptr) return reserve(*queue->first, waiter.wid);
  }
  return std::nullopt;
}

Result<std::optional<Fetched>> Queue::fetch(const std::shared_ptr<JobWaiter>& waiter, bool wait) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  if (!workers_.may_fetch(waiter->wid)) return std::optional<Fetched>();
  auto fetched = take_for(*waiter);
  advance_batches();
  if (!fetched && wait) {
    for (const std::string& queue : waiter->queues) waiters_[queue].push_back(waiter);
  }
  return fetched;
}

void Queue::forget_waiter(const std::shared_ptr<JobWaiter>& waiter) {
  for (const std::string& name : waiter->queues) {
    const auto queue = waiters_.find(name);
    if (queue == waiters_.end()) continue;
    queue->second.remove(waiter);
    if (queue->second.empty()) waiters_.erase(queue);
  }
}

bool Queue::stop_waiting(const std::shared_ptr<JobWaiter>& waiter) {
  std::lock_guard lock(mutex_);
  forget_waiter(waiter);
  return !waiter->delivered_;
}

// Gives the queue's jobs to those who wait for one.
void Queue::serve_waiters(std::string_view name) {
  while (true) {
    const auto found = waiters_.find(name);
    if (found == waiters_.end()) return;
    const std::shared_ptr<JobWaiter> waiter = found->second.front();
    if (!workers_.may_fetch(waiter->wid)) {
      forget_waiter(waiter);  // was told to stop meanwhile
      continue;
    }
    auto fetched = take_for(*waiter);
    if (!fetched) return;
    forget_waiter(waiter);
    waiter->delivered_ = true;
    waiter->deliver(*std::move(fetched));
  }
}

void Queue::give_back(std::string_view jid) {
  std::lock_guard lock(mutex_);
  JobNode* node = state_.find(jid);
  if (node == nullptr || node->job.state != JobState::kWorking || !writable().ok()) return;
  Job job = take_out(*node);
  const std::string queue(job.queue());
  job.state = JobState::kWaiting;
  job.when_us = 0;
  job.wid.clear();
  put(std::move(job), Cause::kMoved);
  serve_waiters(queue);
}

Result<Ticket> Queue::ack(std::string_view jid) {
  std::lock_guard lock(mutex_);
  JobNode* node = state_.find(jid);
  if (node == nullptr) return Ticket{};
  const JobState state = node->job.state;
  // A worker that took longer than its reservation has still done the job.
  const bool known = state == JobState::kWorking || state == JobState::kRetrying ||
                     (state == JobState::kWaiting && node->job.restored);
  if (!known) return Ticket{};
  TRY(writable());
  if (node->job.extras && node->job.extras->tracked) {
    tracking_.ended(jid, "success", clock_.now_us());
  }
  remove(*node, Cause::kDone);
  advance_batches();
  return staged_ticket();
}

void Queue::fail_node(JobNode& node, const FailReport& report) {
  const int64_t now_us = clock_.now_us();
  if (node.job.extras && node.job.extras->tracked) {
    tracking_.ended(node.job.jid(), "failed", now_us);
  }
  if (node.job.retry == 0) {
    remove(node, Cause::kDropped);
    return;
  }
  Job job = take_out(node);
  const int32_t count = job.failure ? job.failure->count + 1 : 0;
  const bool dead = !report.retry || job.retry < 0 || count >= job.retry;
  const auto random = static_cast<uint32_t>(random_.next_u64() % 30);
  const int64_t next_us = dead ? 0 : now_us + retry_delay_s(count, random) * kSecondUs;
  job.failure =
      std::make_unique<Failure>(Failure{count, failure_json(report, job, count, now_us, next_us)});
  job.state = dead ? JobState::kDead : JobState::kRetrying;
  job.when_us = dead ? now_us : next_us;
  job.wid.clear();
  put(std::move(job), Cause::kFailed);
}

Result<Ticket> Queue::fail(std::string_view jid, const FailReport& report) {
  std::lock_guard lock(mutex_);
  JobNode* node = state_.find(jid);
  if (node == nullptr) return no_such_job(jid);
  const JobState state = node->job.state;
  if (state != JobState::kWorking && !(state == JobState::kWaiting && node->job.restored)) {
    return no_such_job(jid);
  }
  TRY(writable());
  fail_node(*node, report);
  advance_batches();
  return staged_ticket();
}

Status Queue::settle(Ticket ticket) {
  if (settled(ticket)) return {};
  const Status committed = journal_->commit();
  if (settled(ticket)) return {};
  return committed.ok()
             ? Status(Error(ErrorCode::kStorageUnavailable, "the job queue cannot write its log"))
             : committed;
}

Result<Ticket> Queue::set_progress(const ProgressUpdate& update) {
  if (update.percent && (*update.percent < 0 || *update.percent > 100)) {
    return Error(ErrorCode::kInvalidArgument, "percent has to be 0 to 100");
  }
  std::lock_guard lock(mutex_);
  tracking_.update(update, clock_.now_us());
  JobNode* node = state_.find(update.jid);
  if (!update.reserve_until_us || node == nullptr || node->job.state != JobState::kWorking) {
    return Ticket{};
  }
  TRY(writable());
  const int64_t latest_us = clock_.now_us() + options_.reserve_seconds_max * kSecondUs;
  const int64_t until_us = std::min(*update.reserve_until_us, latest_us);
  const std::string wid = node->job.wid;
  append_reserve(stage(), update.jid, wid, until_us);
  state_.on_reserve(update.jid, wid, until_us);
  return staged_ticket();
}

Progress Queue::progress(std::string_view jid) const {
  std::lock_guard lock(mutex_);
  Progress progress;
  progress.jid = jid;
  const Progress* reported = tracking_.find(jid);
  if (reported != nullptr) progress = *reported;
  const JobNode* node = state_.find(jid);
  if (node == nullptr || !node->job.extras || !node->job.extras->tracked) return progress;
  switch (node->job.state) {
    case JobState::kWaiting:
    case JobState::kScheduled: progress.state = "enqueued"; break;
    case JobState::kWorking: progress.state = "working"; break;
    case JobState::kRetrying: progress.state = "failed"; break;
    case JobState::kDead: progress.state = "dead"; break;
  }
  if (progress.updated_us == 0) progress.updated_us = node->job.enqueued_us;
  return progress;
}

std::vector<QueueInfo> Queue::queues() const {
  std::lock_guard lock(mutex_);
  const int64_t now_us = clock_.now_us();
  std::vector<QueueInfo> all;
  for (const auto& [name, queue] : state_.queues()) {
    const int64_t oldest_us = queue->first == nullptr ? now_us : queue->first->job.enqueued_us;
    all.push_back({name, queue->waiting, queue->working, queue->paused,
                   std::max<int64_t>(0, now_us - oldest_us)});
  }
  return all;
}

QueueStats Queue::stats() const {
  std::lock_guard lock(mutex_);
  QueueStats stats;
  stats.counters = state_.counters();
  stats.scheduled = state_.in(JobState::kScheduled).size();
  stats.retries = state_.in(JobState::kRetrying).size();
  stats.working = state_.in(JobState::kWorking).size();
  stats.dead = state_.in(JobState::kDead).size();
  stats.waiting = state_.jobs() - stats.scheduled - stats.retries - stats.working - stats.dead;
  stats.bytes = state_.bytes();
  stats.log_bytes = journal_->live_bytes();
  return stats;
}

}  // namespace firn::jobs
