#include "ingest/watermark.h"

#include <charconv>

namespace firn::ingest {

std::string format_watermark(const Uuid& log, uint64_t lsn) {
  return log.to_string() + ":" + std::to_string(lsn);
}

uint64_t parse_watermark(const iceberg::Properties& properties, const Uuid& log) {
  const auto found = properties.find(kWatermarkKey);
  if (found == properties.end()) return 0;
  const std::string prefix = log.to_string() + ":";
  if (!found->second.starts_with(prefix)) return 0;
  uint64_t lsn = 0;
  const char* end = found->second.data() + found->second.size();
  const auto [at, code] = std::from_chars(found->second.data() + prefix.size(), end, lsn);
  return code == std::errc() && at == end ? lsn : 0;
}

std::optional<int64_t> snapshot_with(const iceberg::TableMetadata& table, const Uuid& log,
                                     uint64_t lsn) {
  for (const iceberg::Snapshot& snapshot : table.snapshots) {
    if (parse_watermark(snapshot.summary, log) >= lsn) return snapshot.snapshot_id;
  }
  return std::nullopt;
}

}  // namespace firn::ingest
