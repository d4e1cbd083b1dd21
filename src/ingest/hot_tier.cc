#include "ingest/hot_tier.h"

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include <algorithm>

namespace firn::ingest {

void HotTier::publish(uint64_t lsn, std::vector<TableRows> rows, int64_t now_ns) {
  std::lock_guard lock(mutex_);
  for (TableRows& part : rows) {
    const int64_t bytes = arrow::util::TotalBufferSize(*part.batch);
    Entry& entry = tables_[part.table];
    entry.ident = std::move(part.ident);
    entry.bytes += bytes;
    bytes_ += bytes;
    rows_ += part.batch->num_rows();
    entry.batches.push_back({lsn, part.schema_id, std::move(part.batch), bytes, now_ns});
  }
}

std::vector<HotRowsOfTable> HotTier::rows_of(const Uuid& table) const {
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(table);
  if (found == tables_.end()) return {};
  return found->second.batches;
}

int64_t HotTier::row_count(const Uuid& table, uint64_t lsn) const {
  int64_t rows = 0;
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(table);
  if (found == tables_.end()) return 0;
  for (const auto& batch : found->second.batches) {
    if (batch.lsn > lsn && batch.batch) rows += batch.batch->num_rows();
  }
  return rows;
}

std::vector<HotTable> HotTier::tables() const {
  std::lock_guard lock(mutex_);
  std::vector<HotTable> all;
  for (const auto& [id, entry] : tables_) {
    all.push_back(
        {id, entry.ident, entry.bytes, entry.batches.front().since_ns, entry.batches.back().lsn});
  }
  return all;
}

std::optional<HotTable> HotTier::table(const Uuid& id) const {
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(id);
  if (found == tables_.end()) return std::nullopt;
  const Entry& entry = found->second;
  return HotTable{id, entry.ident, entry.bytes, entry.batches.front().since_ns,
                  entry.batches.back().lsn};
}

void HotTier::drop(const Uuid& table, uint64_t lsn) {
  std::vector<HotRowsOfTable> dropped;  // freed without the lock
  std::lock_guard lock(mutex_);
  const auto found = tables_.find(table);
  if (found == tables_.end()) return;
  Entry& entry = found->second;
  const auto keep = std::find_if(entry.batches.begin(), entry.batches.end(),
                                 [&](const HotRowsOfTable& rows) { return rows.lsn > lsn; });
  for (auto at = entry.batches.begin(); at != keep; ++at) {
    entry.bytes -= at->bytes;
    bytes_ -= at->bytes;
    rows_ -= at->batch->num_rows();
    dropped.push_back(std::move(*at));
  }
  entry.batches.erase(entry.batches.begin(), keep);
  if (entry.batches.empty()) tables_.erase(found);
}

std::optional<uint64_t> HotTier::oldest_lsn() const {
  std::lock_guard lock(mutex_);
  std::optional<uint64_t> oldest;
  for (const auto& [id, entry] : tables_) {
    oldest = std::min(oldest.value_or(UINT64_MAX), entry.batches.front().lsn);
  }
  return oldest;
}

}  // namespace firn::ingest
