#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace firn::ingest {

// Reads the next bytes of an upload; 0 at its end.
using ByteSource = std::function<Result<size_t>(char* into, size_t size)>;

// Batches of an Arrow IPC stream or a Parquet file, validated. Not thread-safe. Errors:
// InvalidData.
class ColumnarSource {
 public:
  // Reads as it goes. `first_bytes` were taken off `source` already.
  static Result<std::unique_ptr<ColumnarSource>> arrow_stream(std::string first_bytes,
                                                              const ByteSource& source);
  // A whole file on disk, a row group at a time.
  static Result<std::unique_ptr<ColumnarSource>> parquet_file(const std::string& path);
  virtual ~ColumnarSource() = default;
  virtual std::shared_ptr<arrow::Schema> schema() const = 0;
  // Null at the end.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> next() = 0;
};

}  // namespace firn::ingest
