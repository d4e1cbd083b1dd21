#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "ingest/hot_tier.h"
#include "ingest/record.h"
#include "wal/wal.h"

namespace firn::platform {
class Clock;
}

namespace firn::ingest {

// One request's rows on their way to the log.
struct LogEntry {
  std::vector<TableRows> rows;
  int64_t bytes = 0;  // what the rows take in memory
  // Makes the answer to remember from the LSN; empty when none is to be remembered.
  std::function<RememberedAnswer(uint64_t lsn)> remember;
  // On the log's thread, once: the LSN under which the rows are durable and visible, or why not.
  std::function<void(Result<uint64_t> lsn)> done;
};

// Requests that share one batch, which grows until the log takes it.
class SharedEntries {
 public:
  virtual ~SharedEntries() = default;
  // On the log's thread: everything so far, rows and requests together.
  virtual std::vector<LogEntry> take() = 0;
};

struct GroupLogOptions {
  int64_t waiting_bytes_max = 256LL << 20;  // entries not yet durable
  int64_t hot_bytes_max = 512LL << 20;      // durable, not yet committed
  int64_t group_bytes_max = 16LL << 20;     // rows in one frame
};

// Group commit: one thread writes what all requests handed in since the last sync as one frame, so
// that one sync serves them all. Small batches of one table become one. Thread-safe.
class GroupLog {
 public:
  GroupLog(const GroupLogOptions& options, std::unique_ptr<wal::Wal> wal, HotTier& hot,
           platform::Clock& clock);
  ~GroupLog() { stop(); }

  // Makes durable what was handed in and answers it, then stops. Nothing may be handed in any more.
  void stop();

  // Errors: Overloaded when a bound is reached; then `done` is not called and nothing is kept.
  Status submit(LogEntry entry);
  // The same for entries that are made durable together: first each one's room is asked for, then,
  // once for all that take() will give, the log is told of them.
  Status admit(int64_t bytes);
  void submit_shared(std::shared_ptr<SharedEntries> entries);
  // Frames up to here are not needed any more; acted on soon.
  void release(uint64_t lsn);
  Uuid wal_id() const { return wal_->id(); }
  uint64_t live_bytes() const { return wal_->live_bytes(); }
  // Every request of the frames up to here was told that it is durable. Rows are visible, and may
  // be committed, before that.
  uint64_t answered_lsn() const { return answered_lsn_.load(); }

 private:
  void run();
  std::vector<LogEntry> take_group(std::unique_lock<std::mutex>& lock);
  void write_group(std::vector<LogEntry> group);

  const GroupLogOptions options_;
  const std::unique_ptr<wal::Wal> wal_;
  HotTier& hot_;
  platform::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<LogEntry> queue_;
  std::vector<std::shared_ptr<SharedEntries>> shared_queue_;
  std::atomic<int64_t> waiting_bytes_{0};
  std::atomic<uint64_t> answered_lsn_;
  uint64_t release_lsn_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firn::ingest
