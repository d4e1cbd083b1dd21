#pragma once

#include <string>

#include "base/result.h"
#include "iceberg/types.h"

namespace arrow {
class DataType;
class Status;
}  // namespace arrow

namespace firn::iceberg {

// See from_arrow_schema; `path` names the column in errors.
Result<TypePtr> from_arrow_type(const arrow::DataType& type, const std::string& path, int depth);

}  // namespace firn::iceberg
