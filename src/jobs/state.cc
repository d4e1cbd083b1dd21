#include "jobs/state.h"

#include <algorithm>

#include "base/check.h"

namespace firn::jobs {
namespace {

constexpr size_t kNodeBytes = 64;  // of a map

JobState state_of(JobSet set) {
  switch (set) {
    case JobSet::kScheduled: return JobState::kScheduled;
    case JobSet::kRetries: return JobState::kRetrying;
    case JobSet::kDead: return JobState::kDead;
  }
  return JobState::kDead;
}

}  // namespace

State::State() { log_order_.newer = log_order_.older = &log_order_; }

State::~State() {
  // Nodes leave the order as they go, so it has to outlive them.
  jobs_.clear();
  settings_.clear();
  batches_.clear();
  counters_logged_.forget();
  log_order_.newer = log_order_.older = nullptr;
}

void State::touch(Logged& logged) {
  logged.forget();
  logged.lsn = lsn_;
  logged.older = log_order_.older;
  logged.newer = &log_order_;
  log_order_.older->newer = &logged;
  log_order_.older = &logged;
}

QueueNode& State::queue_of(const Job& job) {
  const auto found = queues_.find(job.queue());
  if (found != queues_.end()) return *found->second;
  auto made = std::make_unique<QueueNode>();
  made->name = job.queue();
  made->paused = !setting("pause/" + made->name).empty();
  return *(queues_[made->name] = std::move(made));
}

void State::link(JobNode& node) {
  Job& job = node.job;
  node.linked = true;
  count_in_batches(job, true);
  if (job.state != JobState::kWaiting) {
    sets_[static_cast<size_t>(job.state)].emplace(job.when_us, &node);
    if (job.state == JobState::kWorking) {
      ++node.queue->working;
      if (!limits_.empty()) limits_.began(job);
    }
    return;
  }
  QueueNode& queue = *node.queue;
  if (job.extras && job.extras->expires_us != 0) expiring_.emplace(job.extras->expires_us, &node);
  sequence_ = std::max(sequence_, job.sequence);
  job.restored = restoring_;
  // Nearly always at the end; what is given back goes to its place before.
  JobNode* after = queue.last;
  if (!restoring_ && queue.first != nullptr && queue.first->job.sequence > job.sequence) {
    after = nullptr;
  } else if (!restoring_) {
    while (after != nullptr && after->job.sequence > job.sequence) after = after->before;
  }
  node.before = after;
  node.behind = after != nullptr ? after->behind : queue.first;
  (node.before != nullptr ? node.before->behind : queue.first) = &node;
  (node.behind != nullptr ? node.behind->before : queue.last) = &node;
  ++queue.waiting;
}

void State::unlink(JobNode& node) {
  if (!node.linked) return;
  node.linked = false;
  const Job& job = node.job;
  count_in_batches(job, false);
  if (job.state != JobState::kWaiting) {
    sets_[static_cast<size_t>(job.state)].erase({job.when_us, &node});
    if (job.state == JobState::kWorking) {
      --node.queue->working;
      if (!limits_.empty()) limits_.ended(job);
    }
    return;
  }
  if (job.extras && job.extras->expires_us != 0) expiring_.erase({job.extras->expires_us, &node});
  QueueNode& queue = *node.queue;
  (node.before != nullptr ? node.before->behind : queue.first) = node.behind;
  (node.behind != nullptr ? node.behind->before : queue.last) = node.before;
  node.before = node.behind = nullptr;
  --queue.waiting;
}

Job State::take(JobNode& node) {
  unlink(node);
  return std::move(node.job);
}

void State::restored() {
  for (auto& [name, queue] : queues_) {
    std::vector<JobNode*> nodes;
    for (JobNode* node = queue->first; node != nullptr; node = node->behind) nodes.push_back(node);
    std::sort(nodes.begin(), nodes.end(),
              [](const JobNode* a, const JobNode* b) { return a->job.sequence < b->job.sequence; });
    queue->first = nodes.empty() ? nullptr : nodes.front();
    queue->last = nodes.empty() ? nullptr : nodes.back();
    for (size_t i = 0; i < nodes.size(); ++i) {
      nodes[i]->before = i == 0 ? nullptr : nodes[i - 1];
      nodes[i]->behind = i + 1 == nodes.size() ? nullptr : nodes[i + 1];
    }
  }
  restoring_ = false;
  touched_batches_.clear();
  // Only now: a batch that was written again stands behind its jobs and children in the log.
  for (const auto& [jid, node] : jobs_) count_in_batches(node->job, true);
  for (const auto& [bid, node] : batches_) {
    count_in_parent(node->batch, true);
    if (node->batch.committed && node->batch.ended_us == 0) touched_batches_.push_back(bid);
  }
}

void State::on_put(Job job, Cause cause) {
  count_put(job, cause);
  const auto found = jobs_.find(job.jid());
  JobNode* node = nullptr;
  if (found != jobs_.end()) {
    auto handle = jobs_.extract(found);
    node = handle.mapped().get();
    unlink(*node);
    --node->queue->jobs;
    release_unique(*node);
    node->job = std::move(job);
    handle.key() = node->job.jid();
    jobs_.insert(std::move(handle));
  } else {
    auto made = std::make_unique<JobNode>(std::move(job));
    node = made.get();
    jobs_.emplace(node->job.jid(), std::move(made));
  }
  count_bytes(*node, node->job.bytes());
  hold_unique(node->job);
  node->queue = &queue_of(node->job);
  ++node->queue->jobs;
  link(*node);
  touch(*node);
}

void State::on_reserve(std::string_view jid, std::string_view wid, int64_t deadline_us) {
  JobNode* node = find(jid);
  if (node == nullptr) return;
  unlink(*node);
  node->job.state = JobState::kWorking;
  node->job.when_us = deadline_us;
  node->job.wid = wid;
  count_bytes(*node, node->job.bytes());
  link(*node);
}

void State::on_remove(std::string_view jid, Cause cause) {
  JobNode* node = find(jid);
  if (node == nullptr) return;
  count_removal(node->job, cause);
  erase(*node);
}

void State::erase(JobNode& node) {
  unlink(node);
  --node.queue->jobs;
  release_unique(node);
  count_bytes(node, 0);
  jobs_.erase(node.job.jid());
}

void State::release_unique(JobNode& node) {
  if (!node.job.extras || node.job.extras->unique_until_us == 0) return;
  const auto lock = unique_.find(node.job.extras->unique_key);
  if (lock != unique_.end() && lock->second.jid == node.job.jid()) unique_.erase(lock);
  node.job.extras->unique_until_us = 0;
}

// A lock that ran out may be another job's by now, which holds it for longer. Written again, the
// two come in any order.
void State::hold_unique(const Job& job) {
  if (!job.extras || job.extras->unique_until_us == 0) return;
  UniqueLock& lock = unique_[job.extras->unique_key];
  if (lock.jid != job.jid() && lock.until_us >= job.extras->unique_until_us) return;
  lock = {std::string(job.jid()), job.extras->unique_until_us};
}

bool State::unique_taken(const std::string& key, int64_t now_us) const {
  const auto lock = unique_.find(key);
  return lock != unique_.end() && lock->second.until_us > now_us;
}

void State::count_put(const Job& job, Cause cause) {
  if (cause == Cause::kMoved) return;
  if (cause == Cause::kPushed) ++counters_.enqueued;
  if (cause == Cause::kFailed) {
    ++counters_.failures;
    ++counters_.processed;
  }
  if (!job.extras) return;
  BatchNode* batch = find_batch(job.extras->bid);
  if (batch == nullptr) return;
  if (cause == Cause::kPushed) {
    ++batch->batch.total;
    ++batch->batch.pending;
  } else if (cause == Cause::kFailed && job.failure && job.failure->count == 0) {
    ++batch->batch.failed;
    touched_batches_.push_back(batch->batch.bid);
  }
}

void State::count_removal(const Job& job, Cause cause) {
  if (cause == Cause::kDone || cause == Cause::kDropped) ++counters_.processed;
  if (cause == Cause::kDropped) ++counters_.failures;
  if (!job.extras || cause == Cause::kMoved) return;
  if (BatchNode* batch = find_batch(job.extras->bid)) {
    if (cause == Cause::kDropped) {
      if (!job.failure) ++batch->batch.failed;
    } else {
      if (batch->batch.pending > 0) --batch->batch.pending;
      if (job.failure && batch->batch.failed > 0) --batch->batch.failed;
    }
    touched_batches_.push_back(batch->batch.bid);
  }
  if (BatchNode* batch = find_batch(job.extras->callback_of)) {
    touched_batches_.push_back(batch->batch.bid);
    if (cause == Cause::kDropped) return;
    auto& state =
        job.extras->callback_on_success ? batch->batch.success_state : batch->batch.complete_state;
    count_in_parent(batch->batch, false);
    if (state == Batch::kEnqueued) state = Batch::kDone;
    count_in_parent(batch->batch, true);
  }
}

void State::on_setting(std::string_view key, std::string_view value) {
  constexpr std::string_view kPause = "pause/";
  if (key.starts_with(kPause)) {
    const auto queue = queues_.find(key.substr(kPause.size()));
    if (queue != queues_.end()) queue->second->paused = !value.empty();
  }
  if (key.starts_with("limit/")) set_limit(key, value);
  if (value.empty()) {
    const auto found = settings_.find(key);
    if (found == settings_.end()) return;
    count_bytes(found->second, 0);
    settings_.erase(found);
    return;
  }
  const auto entry = settings_.try_emplace(std::string(key)).first;
  SettingNode& node = entry->second;
  node.key = entry->first;
  node.value = value;
  count_bytes(node, sizeof node + kNodeBytes + key.size() + value.size());
  touch(node);
}

void State::set_limit(std::string_view key, std::string_view value) {
  // Where it is removed, what it was says which.
  const std::string before = setting(key);
  const auto limit = parse_limit(value.empty() ? std::string_view(before) : value);
  if (!limit.ok()) return;
  limits_.remove(limit->kind, limit->name);
  if (value.empty()) return;
  limits_.set(*limit);
  // What runs already counts: once for this limit, as the others have counted it.
  for (const auto& [deadline, node] : in(JobState::kWorking)) limits_.recount(*limit, node->job);
}

void State::on_batch(Batch batch) {
  auto& node = batches_[batch.bid];
  if (node) {
    count_in_parent(node->batch, false);
  } else {
    node = std::make_unique<BatchNode>();
  }
  node->batch = std::move(batch);
  count_in_parent(node->batch, true);
  const Batch& b = node->batch;
  count_bytes(*node, sizeof *node + kNodeBytes + 2 * b.bid.size() + b.parent_bid.size() +
                         b.description.size() + b.success.size() + b.complete.size());
  touch(*node);
}

// What its jobs and the batches within it are is counted as it changes: looking at all of them, at
// each end of one, is more with each.
void State::count_in_batches(const Job& job, bool there) {
  if (restoring_ || !job.extras) return;
  for (const std::string* bid : {&job.extras->bid, &job.extras->callback_of}) {
    if (BatchNode* node = find_batch(*bid)) node->jobs += there ? 1 : -1;
  }
}

void State::count_in_parent(const Batch& batch, bool there) {
  BatchNode* parent = restoring_ ? nullptr : find_batch(batch.parent_bid);
  if (parent == nullptr) return;
  const size_t one = there ? 1 : -1;
  const bool ended = batch.ended_us != 0;
  if (!ended && batch.complete_state != Batch::kDone) parent->untried += one;
  if (!ended) parent->unended += one;
  if (!ended || batch.success_state == Batch::kNever) parent->unsuccessful += one;
}

void State::on_batch_removal(std::string_view bid) {
  const auto found = batches_.find(std::string(bid));
  if (found == batches_.end()) return;
  count_in_parent(found->second->batch, false);
  count_bytes(*found->second, 0);
  batches_.erase(found);
}

void State::on_drop_queue(std::string_view name) {
  QueueNode* queue = find_queue(name);
  while (queue != nullptr && queue->first != nullptr) {
    count_removal(queue->first->job, Cause::kDiscarded);
    erase(*queue->first);
  }
}

void State::on_clear(JobSet set) {
  auto& order = sets_[static_cast<size_t>(state_of(set))];
  while (!order.empty()) {
    JobNode& node = *order.begin()->second;
    count_removal(node.job, Cause::kDiscarded);
    erase(node);
  }
}

void State::on_flush() {
  // Limits stay, and nothing runs under them any more.
  for (const auto& [deadline, node] : in(JobState::kWorking)) limits_.ended(node->job);
  for (auto& set : sets_) set.clear();
  expiring_.clear();
  queues_.clear();
  unique_.clear();
  jobs_.clear();
  batches_.clear();
  touched_batches_.clear();
  counters_ = {};
  for (auto setting = settings_.lower_bound("pause/");
       setting != settings_.end() && setting->first.starts_with("pause/");) {
    setting = settings_.erase(setting);
  }
  bytes_ = 0;
  for (const auto& [key, setting] : settings_) bytes_ += setting.bytes;
}

void State::on_counters(uint64_t processed, uint64_t failures, uint64_t enqueued) {
  counters_ = {processed, failures, enqueued};
  touch(counters_logged_);
}

JobNode* State::find(std::string_view jid) const {
  const auto found = jobs_.find(jid);
  return found == jobs_.end() ? nullptr : found->second.get();
}

BatchNode* State::find_batch(std::string_view bid) const {
  if (bid.empty()) return nullptr;
  const auto found = batches_.find(std::string(bid));
  return found == batches_.end() ? nullptr : found->second.get();
}

QueueNode* State::find_queue(std::string_view name) const {
  const auto found = queues_.find(name);
  return found == queues_.end() ? nullptr : found->second.get();
}

std::string State::setting(std::string_view key) const {
  const auto found = settings_.find(key);
  return found == settings_.end() ? std::string() : found->second.value;
}

void State::forget_queue(std::string_view name) {
  const auto found = queues_.find(name);
  if (found == queues_.end()) return;
  if (found->second->jobs == 0) queues_.erase(found);
}

std::vector<std::string> State::take_touched_batches() {
  return std::exchange(touched_batches_, {});
}

uint64_t State::oldest_lsn() const {
  return log_order_.newer == &log_order_ ? UINT64_MAX : log_order_.newer->lsn;
}

void State::rewrite(Logged& logged, std::string& out) {
  switch (logged.kind) {
    case Logged::Kind::kAnchor: return;
    case Logged::Kind::kJob:
      append_put(out, static_cast<JobNode&>(logged).job, Cause::kMoved);
      break;
    case Logged::Kind::kBatch: append_batch(out, static_cast<BatchNode&>(logged).batch); break;
    case Logged::Kind::kCounters:
      append_counters(out, counters_.processed, counters_.failures, counters_.enqueued);
      break;
    case Logged::Kind::kSetting: {
      const auto& setting = static_cast<SettingNode&>(logged);
      append_setting(out, setting.key, setting.value);
      break;
    }
  }
  touch(logged);
}

void State::rewrite_oldest(std::string& out, uint64_t lsn, size_t bytes_max) {
  const size_t started = out.size();
  while (oldest_lsn() <= lsn && out.size() - started < bytes_max) {
    rewrite(*log_order_.newer, out);
  }
}

}  // namespace firn::jobs
