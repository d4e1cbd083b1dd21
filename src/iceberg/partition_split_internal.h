#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/metadata.h"

namespace arrow {
class Array;
class RecordBatch;
}  // namespace arrow

namespace firn::iceberg {

// The value of one row; null values and types that cannot be partitioned by are monostate.
Value value_at(const arrow::Array& array, const Type& type, int64_t row);

// The rows of a batch that share a partition.
struct PartitionedRows {
  std::string key;  // equal for equal partitions, also over batches
  std::vector<Value> values;
  std::shared_ptr<arrow::RecordBatch> rows;
};

// Splits batches of one table by a spec with at least one field. Not thread-safe.
class PartitionSplitter {
 public:
  // Errors: Unsupported where a source column is missing, within a list or map, or of a type that
  // its transform does not take.
  static Result<PartitionSplitter> create(const Schema& schema, const PartitionSpec& spec);
  Result<std::vector<PartitionedRows>> split(const std::shared_ptr<arrow::RecordBatch>& batch);

 private:
  struct Source {
    std::vector<size_t> column;  // indices from the top level down through structs
    TypePtr type;
    TypePtr result;
    Transform transform;
  };
  std::vector<Source> sources_;
};

}  // namespace firn::iceberg
