#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "iceberg/metadata.h"

namespace firn::ingest {

// The entry of a snapshot's summary, and of the table's properties, that says up to which record of
// which write-ahead log the table's files hold: "<log id>:<lsn>".
inline constexpr char kWatermarkKey[] = "firn.wal-watermark";

std::string format_watermark(const Uuid& log, uint64_t lsn);
// 0 where there is none, or one of another log.
uint64_t parse_watermark(const iceberg::Properties& properties, const Uuid& log);
// The first snapshot that holds the rows up to `lsn`; nullopt while there is none, or it has
// expired.
std::optional<int64_t> snapshot_with(const iceberg::TableMetadata& table, const Uuid& log,
                                     uint64_t lsn);

}  // namespace firn::ingest
