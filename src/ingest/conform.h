#pragma once

#include <memory>

#include "base/result.h"
#include "iceberg/types.h"

namespace arrow {
class RecordBatch;
}

namespace firn::ingest {

// Rows written under an older schema of the same table, as the table's schema has them now: columns
// found by field id at every level, widened where the type grew, null where the column is newer.
Result<std::shared_ptr<arrow::RecordBatch>> conform_by_id(
    const std::shared_ptr<arrow::RecordBatch>& batch, const iceberg::Schema& schema);

}  // namespace firn::ingest
