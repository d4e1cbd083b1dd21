#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "ingest/record.h"

namespace firn::ingest {

struct HotRowsOfTable {
  uint64_t lsn = 0;
  int32_t schema_id = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  int64_t bytes = 0;
  int64_t since_ns = 0;  // monotonic time at which the rows became durable
};

// What the committer has to do for one table.
struct HotTable {
  Uuid table;
  catalog::TableIdent ident;
  int64_t bytes = 0;
  int64_t oldest_ns = 0;
  uint64_t newest_lsn = 0;
};

// Durable rows that are not yet in a committed file, by table, in memory. Thread-safe.
class HotTier {
 public:
  // Rows of the frame `lsn`, which is durable.
  void publish(uint64_t lsn, std::vector<TableRows> rows, int64_t now_ns);
  // In order of LSN.
  std::vector<HotRowsOfTable> rows_of(const Uuid& table) const;
  // How many of them are later than `lsn`.
  int64_t row_count(const Uuid& table, uint64_t lsn) const;
  std::vector<HotTable> tables() const;
  std::optional<HotTable> table(const Uuid& table) const;
  // Rows up to `lsn` are visible in a committed snapshot, or their table is gone.
  void drop(const Uuid& table, uint64_t lsn);
  // The smallest LSN that is still needed; nullopt when nothing is hot.
  std::optional<uint64_t> oldest_lsn() const;
  int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  int64_t rows() const { return rows_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    catalog::TableIdent ident;
    std::vector<HotRowsOfTable> batches;
    int64_t bytes = 0;
  };

  mutable std::mutex mutex_;
  std::unordered_map<Uuid, Entry> tables_;
  std::atomic<int64_t> bytes_{0};
  std::atomic<int64_t> rows_{0};
};

}  // namespace firn::ingest
