#pragma once

#include <memory>

#include "base/result.h"
#include "iceberg/types.h"

namespace arrow {
class Schema;
class DataType;
class RecordBatch;
}  // namespace arrow

namespace firn::iceberg {

// Arrow's view of a schema: every node carries its field id as "PARQUET:field_id". timestamptz is
// timestamp[us, UTC], uuid and fixed are fixed_size_binary, decimals decimal128, strings utf8.
std::shared_ptr<arrow::Schema> to_arrow_schema(const Schema& schema);
std::shared_ptr<arrow::DataType> to_arrow_type(const Type& type);
// An Iceberg type for an Arrow type, all field ids 0. Errors: IncompatibleSchema, naming the
// column, where Iceberg has no such type. Unsigned integers widen; large, view and dictionary types
// unwrap; second and millisecond timestamps become microseconds.
Result<Schema> from_arrow_schema(const arrow::Schema& schema);

// `batch` with the columns of `schema` in its order: matched by name at every level, cast where
// may_promote allows or the representation differs (see from_arrow_schema), null where missing.
// Errors: IncompatibleSchema naming the column.
Result<std::shared_ptr<arrow::RecordBatch>> conform_batch(
    const std::shared_ptr<arrow::RecordBatch>& batch, const Schema& schema);

}  // namespace firn::iceberg
