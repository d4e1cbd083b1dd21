#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "wal/wal.h"

namespace firn::jobs {

// Group commit over the queue's log. Whoever needs something durable calls commit(): the first
// writes and syncs what everybody staged so far, the others wait for it. No thread of its own.
//
// What is staged has already happened in memory. So a frame that cannot be written is kept and
// tried again, before anything else; until then failed() is true and nothing may be staged.
class Journal {
 public:
  // `state_mutex` guards what the staged records describe, and staged().
  Journal(std::unique_ptr<wal::Wal> wal, std::mutex& state_mutex);

  // Under the mutex: records to append to, and the frame that they will be in.
  std::string& staged() { return staged_; }
  const std::string& staged() const { return staged_; }
  uint64_t staged_lsn() const { return durable_lsn_ + 1 + (in_flight_.empty() ? 0 : 1); }
  bool failed() const { return failed_; }

  // Makes durable what was staged before the call. Not under the mutex. Errors: why it is not; it
  // may become so at a later commit.
  Status commit();
  uint64_t durable_lsn() const { return durable_lsn_.load(); }

  // Nothing up to `lsn` is needed any more.
  void release(uint64_t lsn);
  uint64_t live_bytes() const { return wal_->live_bytes(); }

 private:
  Status write_in_flight();

  const std::unique_ptr<wal::Wal> wal_;
  std::mutex& state_mutex_;
  std::mutex commit_mutex_;  // before state_mutex_
  std::string staged_;       // under state_mutex_
  std::string in_flight_;    // changed under both, read under either
  std::atomic<uint64_t> durable_lsn_;
  std::atomic<bool> failed_{false};
};

}  // namespace firn::jobs
