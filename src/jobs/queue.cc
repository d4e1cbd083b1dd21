#include "jobs/queue.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/rfc3339.h"
#include "base/utf8.h"
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

// An error's text is whatever a library said: it may be no UTF-8, and JSON has to be.
void append_text(std::string& json, std::string_view text, size_t bytes_max) {
  const std::string valid = valid_utf8(cut_utf8(text, bytes_max));
  append_json_string(json, cut_utf8(valid, bytes_max));
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
  append_text(json, report.type, kErrorTypeBytesMax);
  json += ",\"message\":";
  append_text(json, report.message, kErrorMessageBytesMax);
  const size_t lines = std::min({report.backtrace.size(), kBacktraceLinesMax,
                                 static_cast<size_t>(std::max(job.backtrace, 0))});
  if (lines > 0) {
    json += ",\"backtrace\":[";
    for (size_t i = 0; i < lines; ++i) {
      if (i > 0) json += ',';
      append_text(json, report.backtrace[i], kBacktraceLineBytesMax);
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
  // A frame that is staged has happened: it is the queue that refuses, before.
  wal::WalOptions wal = options.wal;
  wal.live_bytes_max = INT64_MAX;
  auto log =
      TRY(wal::Wal::open(wal, files, random, [&](uint64_t lsn, std::string_view frame) -> Status {
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
  queue->load_schedules();
  queue->counted_processed_ = state.counters().processed;
  queue->counted_second_ = clock.now_us() / kSecondUs;
  if (options.tick_every.count() > 0) {
    queue->thread_ = std::thread([raw = queue.get()] { raw->run(); });
  }
  return queue;
}

Status Queue::log_works() const {
  if (journal_->failed()) {
    return Error(ErrorCode::kStorageUnavailable, "the job queue cannot write its log");
  }
  if (journal_->staged().size() > kStagedBytesMax) {
    return Error(ErrorCode::kOverloaded, "too many changes wait for the disk; try again soon");
  }
  return {};
}

// Jobs can always be ended in the end: what is alive leaves room for as much again in records of
// that, and freeing the log never leaves more behind.
uint64_t Queue::log_room() const {
  const uint64_t segment = options_.wal.segment_bytes;
  const uint64_t most = options_.wal.live_bytes_max;
  const uint64_t alive = state_.bytes();
  return std::max(most - std::min(2 * segment, most / 4), alive + alive / 2 + 6 * segment);
}

Status Queue::writable() const {
  TRY(log_works());
  if (journal_->live_bytes() + journal_->staged().size() > log_room()) {
    return Error(ErrorCode::kOverloaded, "the job queue's log is full; try again soon");
  }
  return {};
}

Status Queue::roomy() const {
  const uint64_t log_max = options_.wal.live_bytes_max;
  const uint64_t share = (log_max - std::min(log_max / 2, 8 * options_.wal.segment_bytes)) / 2;
  const auto bytes_max = static_cast<uint64_t>(options_.bytes_max);
  if (state_.bytes() > std::min(bytes_max, share)) {
    return Error(ErrorCode::kOverloaded, "the job queue is full");
  }
  return {};
}

std::string& Queue::stage() {
  changed_lsn_ = journal_->staged_lsn();
  return stage_unpromised();
}

std::string& Queue::stage_unpromised() {
  state_.at(journal_->staged_lsn());
  return journal_->staged();
}

Ticket Queue::staged_ticket() const {
  return {journal_->staged_lsn() - (journal_->staged().empty() ? 1 : 0)};
}

void Queue::put(Job job, Cause cause) {
  const std::string jid = listeners_.empty() ? std::string() : std::string(job.jid());
  append_put(stage(), job, cause);
  state_.on_put(std::move(job), cause);
  if (!jid.empty()) tell(jid);
}

void Queue::remove(JobNode& node, Cause cause) {
  const std::string jid(node.job.jid());
  append_remove(stage(), jid, cause);
  state_.on_remove(jid, cause);
  tell(jid);
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
  TRY(roomy());
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

// The first that may begin now; what has expired on the way to it is dropped. Both have a bound:
// this is under the lock. Beyond `removals` the next tick goes on.
JobNode* Queue::first_allowed(QueueNode& queue, int64_t now_us, int& removals) {
  constexpr int kRefusedMax = 1'000;  // jobs whose type or key is at its limit
  if (!state_.limits().allows_queue(queue.name, now_us)) return nullptr;
  JobNode* behind = nullptr;
  int refused = 0;
  for (JobNode* node = queue.first; node != nullptr; node = behind) {
    behind = node->behind;
    const auto& extras = node->job.extras;
    if (extras && extras->expires_us != 0 && extras->expires_us <= now_us) {
      if (removals == 0) {
        unserved_.insert(queue.name);
        return nullptr;
      }
      --removals;
      remove(*node, Cause::kDiscarded);
    } else if (state_.limits().empty() || state_.limits().allows(node->job, now_us)) {
      return node;
    } else if (++refused == kRefusedMax) {
      return nullptr;
    }
  }
  return nullptr;
}

Fetched Queue::reserve(JobNode& node, const std::string& wid) {
  const int64_t seconds = std::min<int64_t>(node.job.reserve_for_s, options_.reserve_seconds_max);
  const int64_t deadline_us = clock_.now_us() + seconds * kSecondUs;
  Fetched fetched{node.job.to_json(), std::string(node.job.jid()), {}};
  // Most were durable long ago.
  if (node.lsn > journal_->durable_lsn()) fetched.ticket.lsn = node.lsn;
  if (!state_.limits().empty()) state_.limits().spend(node.job);
  append_reserve(stage_unpromised(), fetched.jid, wid, deadline_us);
  state_.on_reserve(fetched.jid, wid, deadline_us);
  tell(fetched.jid);
  const auto& extras = node.job.extras;
  if (extras && extras->unique_until_start && extras->unique_until_us != 0) {
    state_.release_unique(node);
    put(state_.take(node), Cause::kMoved);
  }
  return fetched;
}

std::optional<Fetched> Queue::take_for(const JobWaiter& waiter) {
  int removals = 1'000;  // of what has expired, under one lock
  const int64_t now_us = clock_.now_us();
  for (const std::string& name : waiter.queues) {
    QueueNode* queue = state_.find_queue(name);
    if (queue == nullptr || queue->paused) continue;
    JobNode* node = first_allowed(*queue, now_us, removals);
    if (node != nullptr) return reserve(*node, waiter.wid);
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

void Queue::serve_all_waiters() {
  std::vector<std::string> names;
  for (const auto& [name, waiters] : waiters_) names.push_back(name);
  for (const std::string& name : names) serve_waiters(name);
}

void Queue::give_back(std::string_view jid) {
  std::lock_guard lock(mutex_);
  JobNode* node = state_.find(jid);
  if (node == nullptr || node->job.state != JobState::kWorking || !writable().ok()) return;
  Job job = state_.take(*node);
  const std::string queue(job.queue());
  job.state = JobState::kWaiting;
  job.when_us = 0;
  job.wid.clear();
  put(std::move(job), Cause::kMoved);
  serve_waiters(queue);
}

Result<Ticket> Queue::ack(std::string_view jid) {
  std::lock_guard lock(mutex_);
  TRY(log_works());
  JobNode* node = state_.find(jid);
  // Whatever ended it may not be durable yet: an ACK that got no answer is repeated.
  if (node == nullptr) return Ticket{changed_lsn_};
  const JobState state = node->job.state;
  // A worker that took longer than its reservation has still done the job.
  const bool known = state == JobState::kWorking || state == JobState::kRetrying ||
                     (state == JobState::kWaiting && node->job.restored);
  if (!known) return Ticket{changed_lsn_};
  TRY(writable());
  if (node->job.extras && node->job.extras->tracked) {
    tracking_.ended(jid, "success", clock_.now_us());
  }
  remove(*node, Cause::kDone);
  advance_batches();
  if (!state_.limits().empty()) serve_all_waiters();
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
  Job job = state_.take(node);
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
  if (!state_.limits().empty()) serve_all_waiters();
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
  if (update.percent || update.description) {
    tracking_.update(update, clock_.now_us());
    tell(update.jid);
  }
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
  return progress_of(jid);
}

Progress Queue::progress_of(std::string_view jid) const {
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

Queue::Subscription Queue::on_progress(const std::string& jid,
                                       std::function<void(const Progress&)> changed) {
  auto listener = std::make_shared<Listener>(std::move(changed));
  std::lock_guard lock(mutex_);
  std::erase_if(listeners_, [](const auto& entry) { return entry.second.expired(); });
  listeners_.emplace(jid, listener);
  return listener;
}

void Queue::tell(std::string_view jid) {
  if (listeners_.empty()) return;
  const auto [begin, end] = listeners_.equal_range(jid);
  if (begin == end) return;
  const Progress progress = progress_of(jid);
  for (auto entry = begin; entry != end; ++entry) {
    if (const auto listener = entry->second.lock()) (*listener)(progress);
  }
}

void Queue::count_second(int64_t now_us) {
  const int64_t second = now_us / kSecondUs;
  const auto slots = static_cast<int64_t>(processed_.size());
  for (int64_t s = std::max(counted_second_ + 1, second - slots + 1); s <= second; ++s) {
    processed_[static_cast<size_t>(s % slots)] = 0;
  }
  counted_second_ = second;
  const uint64_t processed = state_.counters().processed;
  if (processed > counted_processed_) {
    processed_[static_cast<size_t>(second % slots)] += processed - counted_processed_;
  }
  counted_processed_ = processed;
}

std::vector<int64_t> Queue::recent_processed() const {
  std::lock_guard lock(mutex_);
  const auto slots = static_cast<int64_t>(processed_.size());
  std::vector<int64_t> recent;
  for (int64_t s = counted_second_ - slots + 1; s <= counted_second_; ++s) {
    recent.push_back(static_cast<int64_t>(processed_[static_cast<size_t>((s + slots) % slots)]));
  }
  return recent;
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
