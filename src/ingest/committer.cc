#include "ingest/committer.h"

#include <sys/resource.h>
#include <unistd.h>

#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <spdlog/spdlog.h>

#include "iceberg/data_writer.h"
#include "ingest/conform.h"
#include "ingest/watermark.h"
#include "platform/clock.h"
#include "platform/fault.h"

namespace firn::ingest {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kBatchRows = 64 << 10;  // rows handed to the Parquet writer at once

}  // namespace

Committer::Committer(const CommitterOptions& options, catalog::Catalog& catalog,
                     platform::FileSystem& files, platform::Random& random, platform::Clock& clock,
                     HotTier& hot, GroupLog& log, Answers& answers)
    : options_(options),
      catalog_(catalog),
      files_(files),
      random_(random),
      clock_(clock),
      hot_(hot),
      log_(log),
      answers_(answers) {
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { run(); });
}

Committer::~Committer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  for (auto& [table, waiters] : waiters_) {
    for (Waiter& waiter : waiters) {
      waiter.done(Error(ErrorCode::kUnavailable, "the server stops; the rows are safe"));
    }
  }
}

void Committer::commit_soon(const Uuid& table, uint64_t lsn, Done done) {
  {
    std::lock_guard lock(mutex_);
    waiters_[table].push_back({lsn, std::move(done)});
  }
  wake_.notify_one();
}

void Committer::flush(int64_t deadline_ms) {
  std::unique_lock lock(mutex_);
  flushing_ = true;
  wake_.notify_all();
  idle_.wait_for(lock, std::chrono::milliseconds(deadline_ms),
                 [&] { return busy_.empty() && hot_.rows() == 0; });
  flushing_ = false;
}

CommitterStats Committer::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

// With the lock held: a table to commit now, or how long there is to wait.
std::optional<HotTable> Committer::next_due(int64_t now_ns, int64_t& wait_ns) {
  wait_ns = options_.interval_ms * kNsPerMs;
  for (const auto& [table, waiters] : waiters_) {
    if (busy_.contains(table)) continue;
    if (const auto retry = retry_at_ns_.find(table);
        retry != retry_at_ns_.end() && retry->second > now_ns) {
      wait_ns = std::min(wait_ns, retry->second - now_ns);
      continue;
    }
    auto hot = hot_.table(table);
    // Nothing hot any more: it was committed already, and the table can say in which snapshot.
    return hot ? *hot : HotTable{table, {}, 0, 0, 0};
  }
  for (const HotTable& table : hot_.tables()) {
    if (busy_.contains(table.table)) continue;
    int64_t due_ns = table.oldest_ns + options_.interval_ms * kNsPerMs;
    if (table.bytes >= options_.table_bytes_max || flushing_) due_ns = 0;
    if (const auto retry = retry_at_ns_.find(table.table); retry != retry_at_ns_.end()) {
      due_ns = std::max(due_ns, retry->second);
    }
    if (due_ns <= now_ns) return table;
    wait_ns = std::min(wait_ns, due_ns - now_ns);
  }
  return std::nullopt;
}

void Committer::run() {
  // Commits give way to requests; the bounds on hot rows see to it that they are not starved.
  constexpr int kNice = 5;
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice) != 0) {
    spdlog::warn("the committer cannot lower its priority");
  }
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    int64_t wait_ns = 0;
    const auto table = next_due(clock_.monotonic_ns(), wait_ns);
    if (!table) {
      idle_.notify_all();
      // Rows that come in meanwhile are not due before the interval; a table that fills up is seen
      // at the next look.
      constexpr int64_t kLookEveryNs = 20 * kNsPerMs;
      wake_.wait_for(lock, std::chrono::nanoseconds(std::min(wait_ns, kLookEveryNs)));
      continue;
    }
    busy_.insert(table->table);
    lock.unlock();
    commit_table(*table);
    lock.lock();
    busy_.erase(table->table);
  }
}

void Committer::commit_table(const HotTable& table) {
  const Result<Committed> outcome = commit_rows(table);
  if (!outcome.ok() && outcome.error().code() == ErrorCode::kNotFound && is_dropped(table.table)) {
    // And its rows with it.
    hot_.drop(table.table, table.newest_lsn);
    std::lock_guard lock(mutex_);
    dropped_lsn_ = std::max(dropped_lsn_, table.newest_lsn);
  }
  {
    std::lock_guard lock(mutex_);
    if (outcome.ok()) {
      retry_at_ns_.erase(table.table);
      dropped_lsn_ = std::max(dropped_lsn_, outcome->lsn);
    } else {
      ++stats_.failures;
      retry_at_ns_[table.table] = clock_.monotonic_ns() + options_.retry_delay_ms * kNsPerMs;
      spdlog::warn("commit to {} failed: {}", table.ident.to_string(), outcome.error().to_log());
    }
  }
  release_log();
  answer_waiters(table.table, outcome);
}

// For certain: one that was renamed while its rows were written, or whose files cannot be read, is
// not found either, and its rows are kept.
bool Committer::is_dropped(const Uuid& table) {
  const auto there = catalog_.has_table(table);
  return there.ok() && !*there;
}

Result<Committer::Committed> Committer::commit_rows(const HotTable& table) {
  // Wherever it was renamed to.
  const catalog::TablePtr current = TRY(catalog_.find_table(table.table));
  const uint64_t committed = parse_watermark(current->metadata->properties, log_.wal_id());
  hot_.drop(table.table, committed);
  std::vector<HotRowsOfTable> rows = hot_.rows_of(table.table);
  if (rows.empty()) {
    const auto* snapshot = current->metadata->current_snapshot();
    return Committed{committed, snapshot == nullptr ? -1 : snapshot->snapshot_id};
  }
  const uint64_t lsn = rows.back().lsn;
  catalog::AppendRequest request;
  request.files = TRY(write_files(*current->metadata, rows));
  KILL_POINT("ingest.data_written");
  const std::string watermark = format_watermark(log_.wal_id(), lsn);
  request.summary[kWatermarkKey] = watermark;
  request.set_properties[kWatermarkKey] = watermark;
  const auto appended = catalog_.append(current->ident, table.table, request);
  KILL_POINT("ingest.committed");
  if (!appended.ok()) {
    if (appended.error().code() != ErrorCode::kCommitUnknown) {
      // No snapshot names them, and the next attempt writes its own.
      iceberg::remove_files(files_, request.files);
      return appended.error();
    }
    // Not known whether it happened: the watermark tells, and nothing is tried again blindly.
    const catalog::TablePtr now = TRY(catalog_.find_table(table.table));
    if (parse_watermark(now->metadata->properties, log_.wal_id()) < lsn) return appended.error();
    hot_.drop(table.table, lsn);
    return Committed{lsn, snapshot_with(*now->metadata, log_.wal_id(), lsn).value_or(-1)};
  }
  int64_t row_count = 0;
  for (const HotRowsOfTable& batch : rows) row_count += batch.batch->num_rows();
  hot_.drop(table.table, lsn);
  std::lock_guard lock(mutex_);
  ++stats_.commits;
  stats_.rows += static_cast<uint64_t>(row_count);
  return Committed{lsn, (*appended)->metadata->current_snapshot_id.value_or(-1)};
}

Result<std::vector<iceberg::DataFile>> Committer::write_files(
    const iceberg::TableMetadata& metadata, const std::vector<HotRowsOfTable>& rows) {
  const auto writer =
      TRY(iceberg::DataWriter::create(metadata, files_, random_, iceberg::DataWriterOptions{}));
  arrow::RecordBatchVector small;
  int64_t small_rows = 0;
  const auto write_small = [&]() -> Status {
    if (small.empty()) return {};
    auto joined = arrow::ConcatenateRecordBatches(small);
    if (!joined.ok()) {
      return Error(ErrorCode::kInternal, "cannot join rows", joined.status().ToString());
    }
    small.clear();
    small_rows = 0;
    return writer->write(*joined);
  };
  for (const HotRowsOfTable& part : rows) {
    auto batch = TRY(conform_by_id(part.batch, metadata.schema()));
    small_rows += batch->num_rows();
    small.push_back(std::move(batch));
    if (small_rows >= kBatchRows) TRY(write_small());
  }
  TRY(write_small());
  return writer->finish();
}

// Frames below everything that is still hot, and whose answers are in the database, can go.
void Committer::release_log() {
  uint64_t lsn = 0;
  {
    std::lock_guard lock(mutex_);
    lsn = dropped_lsn_;
  }
  // An answer that is still on its way from the log to memory is nowhere but in its frame.
  lsn = std::min(lsn, log_.answered_lsn());
  if (const auto oldest = hot_.oldest_lsn()) lsn = std::min(lsn, *oldest - 1);
  if (lsn == 0) return;
  if (const Status kept = answers_.persist(lsn); !kept.ok()) {
    spdlog::warn("cannot keep remembered answers: {}", kept.error().to_log());
    return;  // their frames stay until the next time
  }
  log_.release(lsn);
}

void Committer::answer_waiters(const Uuid& table, const Result<Committed>& outcome) {
  std::vector<Waiter> answered;
  {
    std::lock_guard lock(mutex_);
    const auto found = waiters_.find(table);
    if (found == waiters_.end()) return;
    auto& all = found->second;
    for (auto at = all.begin(); at != all.end();) {
      const bool done = !outcome.ok() || at->lsn <= outcome->lsn;
      if (done) answered.push_back(std::move(*at));
      at = done ? all.erase(at) : std::next(at);
    }
    if (all.empty()) waiters_.erase(found);
  }
  for (Waiter& waiter : answered) {
    waiter.done(outcome.ok() ? Result<int64_t>(outcome->snapshot_id)
                             : Result<int64_t>(outcome.error()));
  }
}

}  // namespace firn::ingest
