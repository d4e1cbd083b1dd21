// What operators do to a queue: pause, resume, remove, flush, mutate.
#include <algorithm>

#include <fmt/format.h>

#include "jobs/glob.h"
#include "jobs/queue.h"
#include "platform/clock.h"

namespace firn::jobs {
namespace {

JobState state_of(JobSet set) {
  switch (set) {
    case JobSet::kScheduled: return JobState::kScheduled;
    case JobSet::kRetries: return JobState::kRetrying;
    case JobSet::kDead: return JobState::kDead;
  }
  return JobState::kDead;
}

bool matches(const Job& job, const JobFilter& filter) {
  if (!filter.type.empty() && job.type != filter.type) return false;
  return filter.pattern.empty() || glob_matches(filter.pattern, job.to_json());
}

// The jobs of the set that the filter names.
std::vector<JobNode*> select(const State& state, JobState in, const JobFilter& filter) {
  std::vector<JobNode*> nodes;
  if (!filter.jids.empty()) {
    for (const std::string& jid : filter.jids) {
      JobNode* node = state.find(jid);
      if (node != nullptr && node->job.state == in && matches(node->job, filter)) {
        nodes.push_back(node);
      }
    }
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
  }
  for (const auto& [when, node] : state.in(in)) {
    if (matches(node->job, filter)) nodes.push_back(node);
  }
  return nodes;
}

}  // namespace

Result<Ticket> Queue::set_paused(const std::vector<std::string>& queues, bool paused) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  std::vector<std::string> names;
  for (const std::string& name : queues) {
    if (name == "*") {
      for (const auto& [known, queue] : state_.queues()) names.push_back(known);
    } else if (!valid_queue_name(name)) {
      return Error(ErrorCode::kInvalidArgument, "there is no queue of such a name");
    } else {
      names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    const std::string key = "pause/" + name;
    if (state_.setting(key).empty() != paused) continue;
    if (paused && state_.settings().size() >= 2 * options_.queues_max) {
      return Error(ErrorCode::kOverloaded, "there are too many queues");
    }
    append_setting(stage(), key, paused ? "1" : "");
    state_.on_setting(key, paused ? "1" : "");
    if (!paused) serve_waiters(name);
  }
  return staged_ticket();
}

Result<Ticket> Queue::remove_queues(const std::vector<std::string>& queues) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  std::vector<std::string> names;
  for (const std::string& name : queues) {
    if (name == "*") {
      for (const auto& [known, queue] : state_.queues()) names.push_back(known);
    } else {
      names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    if (state_.find_queue(name) == nullptr) continue;
    append_drop_queue(stage(), name);
    state_.on_drop_queue(name);
    const std::string key = "pause/" + name;
    if (!state_.setting(key).empty()) {
      append_setting(stage(), key, "");
      state_.on_setting(key, "");
    }
    state_.forget_queue(name);
  }
  advance_batches();
  return staged_ticket();
}

Result<Ticket> Queue::flush() {
  std::lock_guard lock(mutex_);
  TRY(writable());
  append_flush(stage());
  state_.on_flush();
  tracking_.clear();
  return staged_ticket();
}

Result<Ticket> Queue::mutate(MutateCommand command, JobSet set, const JobFilter& filter) {
  std::lock_guard lock(mutex_);
  TRY(writable());
  if (command == MutateCommand::kClear || (command == MutateCommand::kDiscard && filter.empty())) {
    append_clear(stage(), set);
    state_.on_clear(set);
    advance_batches();
    return staged_ticket();
  }
  for (JobNode* node : select(state_, state_of(set), filter)) {
    if (command == MutateCommand::kDiscard) {
      remove(*node, Cause::kDiscarded);
    } else if (command == MutateCommand::kRequeue) {
      enqueue(take_out(*node), Cause::kMoved);
    } else {
      Job job = take_out(*node);
      job.state = JobState::kDead;
      job.when_us = clock_.now_us();
      put(std::move(job), Cause::kMoved);
    }
  }
  advance_batches();
  return staged_ticket();
}

}  // namespace firn::jobs
