#include "ingest/group_log.h"

#include <arrow/record_batch.h>
#include <arrow/table.h>

#include <map>

#include "platform/clock.h"
#include "platform/fault.h"

namespace firn::ingest {
namespace {

constexpr int64_t kSmallBatchRows = 512;

// Batches of a few rows cost more in headers than in rows: those of one table and schema become
// one.
Result<std::vector<TableRows>> merge_small(std::vector<TableRows> rows) {
  std::map<std::pair<Uuid, int32_t>, std::vector<TableRows>> small;
  std::vector<TableRows> merged;
  for (TableRows& part : rows) {
    if (part.batch->num_rows() == 0) continue;
    if (part.batch->num_rows() < kSmallBatchRows) {
      auto& group = small[{part.table, part.schema_id}];
      group.push_back(std::move(part));
    } else {
      merged.push_back(std::move(part));
    }
  }
  for (auto& [key, parts] : small) {
    if (parts.size() > 1) {
      arrow::RecordBatchVector batches;
      for (const TableRows& part : parts) batches.push_back(part.batch);
      auto joined = arrow::ConcatenateRecordBatches(batches);
      if (!joined.ok()) {
        return Error(ErrorCode::kInternal, "cannot join rows", joined.status().ToString());
      }
      parts[0].batch = *joined;
    }
    merged.push_back(std::move(parts[0]));
  }
  return merged;
}

}  // namespace

GroupLog::GroupLog(const GroupLogOptions& options, std::unique_ptr<wal::Wal> wal, HotTier& hot,
                   platform::Clock& clock)
    : options_(options),
      wal_(std::move(wal)),
      hot_(hot),
      clock_(clock),
      answered_lsn_(wal_->next_lsn() - 1) {
  thread_ = std::thread([this] { run(); });
}

void GroupLog::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Status GroupLog::admit(int64_t bytes) {
  if (hot_.bytes() + bytes > options_.hot_bytes_max) {
    return Error(ErrorCode::kOverloaded,
                 "rows come in faster than they can be committed; try again soon");
  }
  if (waiting_bytes_ + bytes > options_.waiting_bytes_max) {
    return Error(ErrorCode::kOverloaded, "too many rows wait for the disk; try again soon");
  }
  waiting_bytes_ += bytes;
  return {};
}

void GroupLog::submit_shared(std::shared_ptr<SharedEntries> entries) {
  std::lock_guard lock(mutex_);
  shared_queue_.push_back(std::move(entries));
  wake_.notify_one();
}

Status GroupLog::submit(LogEntry entry) {
  TRY(admit(entry.bytes));
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(entry));
  if (queue_.size() == 1) wake_.notify_one();
  return {};
}

void GroupLog::release(uint64_t lsn) {
  std::lock_guard lock(mutex_);
  release_lsn_ = std::max(release_lsn_, lsn);
  wake_.notify_one();
}

std::vector<LogEntry> GroupLog::take_group(std::unique_lock<std::mutex>& lock) {
  (void)lock;  // held: says so in the signature
  std::vector<LogEntry> group;
  int64_t bytes = 0;
  size_t taken = 0;
  while (taken < queue_.size() && (taken == 0 || bytes < options_.group_bytes_max)) {
    bytes += queue_[taken].bytes;
    group.push_back(std::move(queue_[taken++]));
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(taken));
  return group;
}

void GroupLog::run() {
  uint64_t released = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] {
      return stopping_ || !queue_.empty() || !shared_queue_.empty() || release_lsn_ > released;
    });
    if (queue_.empty() && shared_queue_.empty() && release_lsn_ <= released) return;
    auto group = take_group(lock);
    const auto shared = std::exchange(shared_queue_, {});
    const uint64_t release_to = release_lsn_;
    lock.unlock();
    for (const auto& entries : shared) {
      for (LogEntry& entry : entries->take()) group.push_back(std::move(entry));
    }
    if (!group.empty()) write_group(std::move(group));
    if (release_to > released) wal_->release(released = release_to);
    lock.lock();
  }
}

void GroupLog::write_group(std::vector<LogEntry> group) {
  const auto write = [&]() -> Result<uint64_t> {
    GroupFrame frame;
    std::vector<TableRows> rows;
    const uint64_t next = wal_->next_lsn();
    for (LogEntry& entry : group) {
      for (TableRows& part : entry.rows) rows.push_back(std::move(part));
      if (entry.remember) frame.answers.push_back(entry.remember(next));
    }
    frame.rows = TRY(merge_small(std::move(rows)));
    const auto encoded = TRY(EncodedFrame::encode(frame));
    const uint64_t lsn = TRY(wal_->append(encoded->pieces()));
    hot_.publish(lsn, std::move(frame.rows), clock_.monotonic_ns());
    KILL_POINT("ingest.before_ack");
    return lsn;
  };
  const Result<uint64_t> outcome = write();
  for (LogEntry& entry : group) {
    waiting_bytes_ -= entry.bytes;
    entry.done(outcome);
  }
  if (outcome.ok()) answered_lsn_ = *outcome;
}

}  // namespace firn::ingest
