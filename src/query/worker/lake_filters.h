#pragma once

#include <vector>

#include "duckdb.hpp"
#include "duckdb/common/multi_file/multi_file_list.hpp"
#include "duckdb/planner/expression.hpp"
#include "query/tables.h"

namespace firn::query {

// Adds to `conjuncts` what of `filter` the server can prune files by: comparisons of a column with
// constants, null tests, IN, prefixes, and conjunctions of these. The rest is left out: DuckDB
// applies the whole filter to rows in any case.
void add_conjuncts(const duckdb::Expression& filter, const duckdb::MultiFilePushdownInfo& info,
                   const std::vector<iceberg::Field>& columns, std::vector<Conjunct>& conjuncts);

}  // namespace firn::query
