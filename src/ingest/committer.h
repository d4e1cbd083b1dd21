#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "ingest/answers.h"
#include "ingest/group_log.h"
#include "ingest/hot_tier.h"

namespace firn::platform {
class FileSystem;
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::ingest {

struct CommitterOptions {
  int64_t interval_ms = 5'000;            // the longest that rows stay hot when all is well
  int64_t table_bytes_max = 128LL << 20;  // hot rows of one table that are committed at once
  int64_t retry_delay_ms = 1'000;         // after a commit failed
  int threads = 2;
};

struct CommitterStats {
  uint64_t commits = 0;
  uint64_t failures = 0;
  uint64_t rows = 0;
};

// Folds hot rows into Parquet files and one Iceberg commit per table and interval. A table is
// committed by one thread at a time. The commit carries the watermark (ingest/watermark.h), so that
// after a crash, or a commit of unknown outcome, the table itself says what it holds. Thread-safe.
class Committer {
 public:
  Committer(const CommitterOptions& options, catalog::Catalog& catalog, platform::FileSystem& files,
            platform::Random& random, platform::Clock& clock, HotTier& hot, GroupLog& log,
            Answers& answers);
  // Stops after the commits under way; what is hot stays in the log.
  ~Committer();

  // Commits soon, and calls `done` (on a committer's thread, or at once) with the snapshot that
  // holds the table's rows up to `lsn`. Errors: NotFound when the table was dropped,
  // StorageUnavailable or others when the commit failed; the rows then stay hot and safe.
  using Done = std::function<void(Result<int64_t> snapshot_id)>;
  void commit_soon(const Uuid& table, uint64_t lsn, Done done);
  // Commits everything that is hot now; returns when it is done or `deadline_ms` is over.
  void flush(int64_t deadline_ms);
  CommitterStats stats() const;

 private:
  struct Waiter {
    uint64_t lsn = 0;
    Done done;
  };
  struct Committed {
    uint64_t lsn = 0;
    int64_t snapshot_id = 0;
  };

  void run();
  std::optional<HotTable> next_due(int64_t now_ns, int64_t& wait_ns);
  void commit_table(const HotTable& table);
  Result<Committed> commit_rows(const HotTable& table);
  bool is_dropped(const Uuid& table);
  Result<std::vector<iceberg::DataFile>> write_files(const iceberg::TableMetadata& metadata,
                                                     const std::vector<HotRowsOfTable>& rows);
  void release_log();
  void answer_waiters(const Uuid& table, const Result<Committed>& outcome);

  const CommitterOptions options_;
  catalog::Catalog& catalog_;
  platform::FileSystem& files_;
  platform::Random& random_;
  platform::Clock& clock_;
  HotTier& hot_;
  GroupLog& log_;
  Answers& answers_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::map<Uuid, std::vector<Waiter>> waiters_;
  std::set<Uuid> busy_;
  std::map<Uuid, int64_t> retry_at_ns_;
  uint64_t dropped_lsn_ = 0;  // the highest LSN that left the hot tier
  CommitterStats stats_;
  bool flushing_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace firn::ingest
