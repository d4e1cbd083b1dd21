#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest.h"
#include "iceberg/types.h"

namespace arrow {
class RecordBatch;
}
namespace parquet {
class FileMetaData;
}

namespace firn::iceberg {

// truncate(16) of a string's or binary's bound, in characters or bytes. The upper one is raised so
// that it is not below any value it stands for; empty where that cannot be done.
std::string truncated_lower_bound(const Type& type, std::string_view value);
std::optional<std::string> truncated_upper_bound(const Type& type, std::string_view value);

// Counts NaNs by field id while batches pass by.
class NanCounter {
 public:
  explicit NanCounter(const Schema& schema);
  void add(const arrow::RecordBatch& batch);
  const std::map<int32_t, int64_t>& counts() const { return counts_; }

 private:
  struct Column {
    std::vector<size_t> path;  // through structs
    int32_t field_id;
    TypeId type;
  };
  std::vector<Column> columns_;
  std::map<int32_t, int64_t> counts_;
};

// Fills in everything that a Parquet file's own footer tells: sizes, counts, bounds, offsets. The
// footer's minima and maxima were computed over the same arrays when they were written (-0.0 and
// NaN as the table spec wants them), so nothing is computed twice.
Status describe_parquet(const parquet::FileMetaData& footer, const Schema& schema, DataFile& file);

}  // namespace firn::iceberg
