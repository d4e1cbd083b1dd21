#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/foreign.h"

namespace firn::federation {

// What a worker found in a database (query/worker/foreign_browse.h), or the store kept of it.
struct BrowsedDatabase {
  std::string version;
  std::vector<query::ForeignTable> tables;
  bool truncated = false;
};

// The text may come from a hostile worker. Internal where it is malformed.
Result<BrowsedDatabase> parse_browsed(std::string_view json);
std::string tables_json(const std::vector<query::ForeignTable>& tables);

}  // namespace firn::federation
