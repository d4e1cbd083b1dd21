#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace firn::store {
class Database;
}

namespace firn::ingest {

// Which rejected rows are done with: sent to their table again, mended or not, or discarded. They
// stay in the rejected table, whose history is append-only, but are none of those that still wait.
// Thread-safe.
class SettledRejections {
 public:
  static Status migrate(store::Database& database);
  explicit SettledRejections(store::Database& database) : database_(database) {}

  // `table` is the rejected table.
  Status add(const Uuid& table, const std::vector<std::string>& ids);
  Result<std::vector<std::string>> list(const Uuid& table);

 private:
  store::Database& database_;
};

}  // namespace firn::ingest
