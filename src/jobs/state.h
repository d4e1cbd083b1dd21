#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "jobs/job.h"
#include "jobs/limits.h"
#include "jobs/record.h"

namespace firn::jobs {

// What stands in the log, in the order of its newest record: what is written again first, so that
// the oldest segment can be released.
struct Logged {
  enum class Kind : uint8_t { kAnchor, kJob, kSetting, kBatch, kCounters };
  explicit Logged(Kind kind) : kind(kind) {}
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;
  ~Logged() { forget(); }
  void forget() {
    if (older == nullptr) return;
    older->newer = newer;
    newer->older = older;
    older = newer = nullptr;
  }

  const Kind kind;
  uint64_t lsn = 0;
  Logged* older = nullptr;
  Logged* newer = nullptr;
};

struct QueueNode;

struct JobNode : Logged {
  explicit JobNode(Job made) : Logged(Kind::kJob), job(std::move(made)) {}
  Job job;
  QueueNode* queue = nullptr;
  bool linked = false;        // in its queue or set
  size_t bytes = 0;           // what it counts in bytes()
  JobNode* before = nullptr;  // in its queue, while it waits there
  JobNode* behind = nullptr;
};

struct QueueNode {
  std::string name;
  JobNode* first = nullptr;
  JobNode* last = nullptr;
  size_t waiting = 0;
  size_t working = 0;
  size_t jobs = 0;  // in any state
  bool paused = false;
};

struct SettingNode : Logged {
  SettingNode() : Logged(Kind::kSetting) {}
  std::string_view key;  // in the map
  std::string value;
  size_t bytes = 0;  // what it counts in bytes()
};

struct BatchNode : Logged {
  BatchNode() : Logged(Kind::kBatch) {}
  Batch batch;
  size_t bytes = 0;  // what it counts in bytes()
  // Not in the record: from what is there.
  size_t jobs = 0;          // of it, in any state, and its callbacks
  size_t untried = 0;       // batches within it that are not complete yet
  size_t unended = 0;       // the same, that have not ended
  size_t unsuccessful = 0;  // the same, that have not ended with success
};

struct Counters {
  uint64_t processed = 0;  // done or failed
  uint64_t failures = 0;
  uint64_t enqueued = 0;
};

// All jobs in memory, indexed, as the log's records make them. Reading the log and serving clients
// change it by the same functions. One thread at a time.
class State final : public RecordHandler {
 public:
  State();
  ~State() override;

  // Records that come now are part of frame `lsn`.
  void at(uint64_t lsn) { lsn_ = lsn; }
  // After the log was read: puts every queue into its order.
  void restored();

  void on_put(Job job, Cause cause) override;
  void on_reserve(std::string_view jid, std::string_view wid, int64_t deadline_us) override;
  void on_remove(std::string_view jid, Cause cause) override;
  void on_setting(std::string_view key, std::string_view value) override;
  void on_batch(Batch batch) override;
  void on_batch_removal(std::string_view bid) override;
  void on_drop_queue(std::string_view queue) override;
  void on_clear(JobSet set) override;
  void on_flush() override;
  void on_counters(uint64_t processed, uint64_t failures, uint64_t enqueued) override;

  // Takes the job out of its place. The node stays indexed, and gets a job of that id again by the
  // on_put() that has to follow.
  Job take(JobNode& node);
  JobNode* find(std::string_view jid) const;
  BatchNode* find_batch(std::string_view bid) const;
  // Null where it has no jobs and never had.
  QueueNode* find_queue(std::string_view name) const;
  std::string setting(std::string_view key) const;  // empty where there is none

  // By time: jobs that are scheduled, retrying, working or dead.
  using TimeOrder = std::set<std::pair<int64_t, JobNode*>>;
  const TimeOrder& in(JobState state) const { return sets_[static_cast<size_t>(state)]; }
  // Waiting jobs that expire, by when.
  const TimeOrder& expiring() const { return expiring_; }
  using Queues = std::map<std::string, std::unique_ptr<QueueNode>, std::less<>>;
  const Queues& queues() const { return queues_; }
  using Settings = std::map<std::string, SettingNode, std::less<>>;
  const Settings& settings() const { return settings_; }
  using Batches = std::unordered_map<std::string, std::unique_ptr<BatchNode>>;
  const Batches& batches() const { return batches_; }
  const Counters& counters() const { return counters_; }
  bool counters_written() const { return counters_logged_.older != nullptr; }
  Limits& limits() { return limits_; }
  const Limits& limits() const { return limits_; }
  size_t jobs() const { return jobs_.size(); }
  // About what all of it takes in memory; written anew, the log would be no larger.
  size_t bytes() const { return bytes_; }
  uint64_t next_sequence() { return ++sequence_; }

  // Whether a job of this kind holds the lock on its uniqueness now.
  bool unique_taken(const std::string& key, int64_t now_us) const;
  // Lets go of a lock that lasts until a job starts. The caller writes the job again.
  void release_unique(JobNode& node);

  // Batches in which something happened that may make them complete; given once.
  std::vector<std::string> take_touched_batches();
  // A queue that is removed: gone when it is empty.
  void forget_queue(std::string_view name);

  // The lsn of the oldest record that is still needed; UINT64_MAX: none is.
  uint64_t oldest_lsn() const;
  // Writes the oldest things again, into frame at(), until `bytes_max` or `lsn` is reached.
  void rewrite_oldest(std::string& out, uint64_t lsn, size_t bytes_max);

 private:
  void touch(Logged& logged);
  QueueNode& queue_of(const Job& job);
  void link(JobNode& node);
  void unlink(JobNode& node);
  void erase(JobNode& node);
  template <typename Node>
  void count_bytes(Node& node, size_t bytes) {
    bytes_ += bytes - node.bytes;
    node.bytes = bytes;
  }
  void count_put(const Job& job, Cause cause);
  void count_removal(const Job& job, Cause cause);
  void rewrite(Logged& logged, std::string& out);
  void hold_unique(const Job& job);
  void count_in_batches(const Job& job, bool there);
  void count_in_parent(const Batch& batch, bool there);
  void set_limit(std::string_view key, std::string_view value);

  uint64_t lsn_ = 0;
  uint64_t sequence_ = 0;
  bool restoring_ = true;
  Logged log_order_{Logged::Kind::kAnchor};  // .newer is the oldest, .older the newest
  std::unordered_map<std::string_view, std::unique_ptr<JobNode>> jobs_;  // by jid, in its body
  Queues queues_;
  std::array<TimeOrder, 5> sets_;  // by JobState; that of kWaiting stays empty
  TimeOrder expiring_;
  Settings settings_;
  Limits limits_;
  Batches batches_;
  struct UniqueLock {
    std::string jid;
    int64_t until_us = 0;
  };
  std::unordered_map<std::string, UniqueLock> unique_;
  std::vector<std::string> touched_batches_;
  Counters counters_;
  Logged counters_logged_{Logged::Kind::kCounters};
  size_t bytes_ = 0;
};

}  // namespace firn::jobs
