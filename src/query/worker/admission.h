#pragma once

#include <string>

#include "base/result.h"

namespace firn::query {

// What the statement gate says of a statement, without a database: the kind of statement, SELECT or
// EXPLAIN, or the error that a query would end with.
Result<std::string> admit(const std::string& statement);

}  // namespace firn::query
