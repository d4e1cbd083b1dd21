#pragma once

#include <string>
#include <vector>

#include "staging/staging.h"
#include "store/database.h"

namespace firn::staging {

const std::vector<store::Migration>& migrations();
Error missing();
// Conflict, saying what became of it.
Status still_open(const StagedChange& change);
// The columns' names, a JSON array.
std::string names_json(const iceberg::Schema& schema);

}  // namespace firn::staging
