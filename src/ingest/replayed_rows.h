#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace firn::store {
class Database;
}

namespace firn::ingest {

// Which rejected rows were sent to their table again: they stay in the rejected table, whose
// history is append-only, but are none of those that still wait. Thread-safe.
class ReplayedRows {
 public:
  static Status migrate(store::Database& database);
  explicit ReplayedRows(store::Database& database) : database_(database) {}

  // `table` is the rejected table.
  Status add(const Uuid& table, const std::vector<std::string>& ids);
  Result<std::vector<std::string>> list(const Uuid& table);

 private:
  store::Database& database_;
};

}  // namespace firn::ingest
