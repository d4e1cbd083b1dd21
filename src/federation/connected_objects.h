#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "federation/object_cache.h"
#include "federation/object_store.h"
#include "query/foreign.h"

namespace firn::federation {

// The Parquet and CSV objects of a bucket below `prefix` ("" or ending in '/'), fetched where the
// cache lacks them, and opened: tables as open_connected_files() makes them of files and folders.
// Blocks on the network. Errors: those of both, and of list_objects().
Result<std::vector<query::ForeignFile>> open_connected_objects(const Bucket& bucket,
                                                               const std::string& prefix,
                                                               ObjectCache& cache);

}  // namespace firn::federation
