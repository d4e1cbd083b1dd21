#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "iceberg/metadata.h"
#include "query/tables.h"

namespace firn::query {

// What workers know a file of a table by. Errors: Unsupported where they cannot have it.
using WorkerPath = std::function<Result<std::string>(const iceberg::DataFile& file)>;

// The data files of a snapshot that may hold a wanted row, each with the delete files that apply to
// it (Iceberg spec, "Scan Planning"). `schema` is the one that the conjuncts are about. Errors:
// Unsupported for files that the workers cannot read, InvalidData, and those of `path_of`.
Result<ScanPlan> plan_files(const catalog::Catalog::SnapshotFiles& files,
                            const iceberg::TableMetadata& metadata, const iceberg::Schema& schema,
                            const std::vector<Conjunct>& conjuncts, const WorkerPath& path_of);

}  // namespace firn::query
