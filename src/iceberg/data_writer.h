#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/manifest.h"
#include "iceberg/metadata.h"

namespace arrow {
class RecordBatch;
}
namespace firn::platform {
class FileSystem;
class Random;
}  // namespace firn::platform

namespace firn::iceberg {

struct DataWriterOptions {
  int64_t target_file_size_bytes = 128LL << 20;
  int64_t row_group_rows_max = 1'000'000;
  std::string compression =
      "zstd";  // as write.parquet.compression-codec: zstd, snappy, uncompressed
  int compression_level = 1;
  int open_partitions_max = 64;  // beyond: the fullest one is closed first
};

// Writes record batches as Parquet data files of one table: splits them by the partition spec,
// rolls at the target size, keeps the statistics that the spec wants of the first 100 columns. Not
// thread-safe. Files are named LOCATION/data[/PARTITION]/PREFIX-N-UUID.parquet.
class DataWriter {
 public:
  // Uses the current schema and default spec of `metadata`, which must outlive the writer.
  static Result<std::unique_ptr<DataWriter>> create(const TableMetadata& metadata,
                                                    platform::FileSystem& files,
                                                    platform::Random& random,
                                                    const DataWriterOptions& options);
  virtual ~DataWriter() = default;  // removes the files that finish() did not give out

  // The batch has to_arrow_schema(metadata.schema()). Errors: InvalidData where a required column
  // holds a null, StorageUnavailable.
  virtual Status write(const std::shared_ptr<arrow::RecordBatch>& batch) = 0;
  // Closes and syncs every file (and folder) and gives their descriptions, ready to commit.
  virtual Result<std::vector<DataFile>> finish() = 0;
  virtual int64_t bytes_written() const = 0;
};

// Of a commit that came to nothing, for certain: files that no snapshot names.
void remove_files(platform::FileSystem& files, const std::vector<DataFile>& written);

// The local path of a location: strips "file:" and "file://". Errors: Unsupported for other
// schemes.
Result<std::string> local_path_of(std::string_view location);

}  // namespace firn::iceberg
