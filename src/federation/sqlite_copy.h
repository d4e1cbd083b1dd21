#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "query/foreign.h"

namespace firn::federation {

struct SqliteCopy {
  std::shared_ptr<query::OwnedDescriptor> file;  // at its beginning; without a name any more
  uint64_t bytes = 0;
};

// One consistent state of a SQLite database that others may write to meanwhile, as a file of its
// own (SQLite's backup API), made in `directory`. `path` is below `allowed_directory`, also where
// links lead; empty: nothing is allowed. Errors: PermissionDenied, NotFound, TooLarge, Unavailable.
Result<SqliteCopy> copy_sqlite(const std::string& path, const std::string& allowed_directory,
                               const std::string& directory, uint64_t bytes_max);

}  // namespace firn::federation
