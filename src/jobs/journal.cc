#include "jobs/journal.h"

#include "platform/fault.h"

namespace firn::jobs {

Journal::Journal(std::unique_ptr<wal::Wal> wal, std::mutex& state_mutex)
    : wal_(std::move(wal)), state_mutex_(state_mutex), durable_lsn_(wal_->next_lsn() - 1) {}

Status Journal::commit() {
  std::lock_guard leader(commit_mutex_);
  // What failed before comes first; at most one frame follows it.
  if (!in_flight_.empty()) TRY(write_in_flight());
  {
    std::lock_guard lock(state_mutex_);
    if (staged_.empty()) return {};
    in_flight_.swap(staged_);
  }
  return write_in_flight();
}

Status Journal::write_in_flight() {
  const ByteSpan bytes = as_bytes(in_flight_);
  const auto lsn = wal_->append({&bytes, 1});
  KILL_POINT("jobs.before_ack");
  std::lock_guard lock(state_mutex_);
  failed_ = !lsn.ok();
  if (!lsn.ok()) return lsn.error();
  durable_lsn_ = *lsn;
  in_flight_.clear();
  return {};
}

void Journal::release(uint64_t lsn) {
  std::lock_guard leader(commit_mutex_);
  wal_->release(lsn);
}

}  // namespace firn::jobs
