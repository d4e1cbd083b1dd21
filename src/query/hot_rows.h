#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "iceberg/metadata.h"

namespace arrow {
class RecordBatch;
}

namespace firn::query {

// Rows that are acknowledged and perhaps not yet committed: one record batch of the write-ahead
// log.
struct HotBatch {
  uint64_t lsn = 0;  // of the record in the write-ahead log
  // Columns carry their field ids as "PARQUET:field_id"; the schema may be older than the table's.
  std::shared_ptr<arrow::RecordBatch> rows;
};

// Where a query finds hot rows. Thread-safe.
//
// To see every acknowledged row exactly once: take the hot batches first, load the table after, and
// read of the batches those with lsn > committed_lsn(metadata).
class HotRows {
 public:
  virtual ~HotRows() = default;
  virtual std::vector<HotBatch> hot_batches(const Uuid& table) = 0;
  // The watermark that the committer stamped into this metadata: rows up to it are in the files.
  virtual uint64_t committed_lsn(const iceberg::TableMetadata& metadata) = 0;
  // Makes the table's rows that are hot now part of a snapshot, for engines that read files only.
  virtual Status commit(const Uuid& table) = 0;
};

}  // namespace firn::query
