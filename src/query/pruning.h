#pragma once

#include <vector>

#include "iceberg/manifest.h"
#include "iceberg/partition.h"
#include "iceberg/types.h"
#include "query/tables.h"

namespace firn::query {

// Whether a data file may hold a row that fulfils all conjuncts, by its partition and its columns'
// bounds and counts (Iceberg spec, "Scan Planning"). True whenever that cannot be excluded: bounds
// that are missing, truncated, of an older type; NaN; transforms that are not known. `schema` is
// the one that the conjuncts are about, `spec` the file's.
bool may_match(const iceberg::DataFile& file, const iceberg::PartitionSpec& spec,
               const iceberg::Schema& schema, const std::vector<Conjunct>& conjuncts);

}  // namespace firn::query
