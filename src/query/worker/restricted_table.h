#pragma once

#include <string>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "query/tables.h"

namespace firn::query {

// What a reader under policies sees in the place of a table: a query over the table itself, which
// only this query can name (`raw_name`).
//
// Rows are filtered, and columns nulled or hashed, below a LIMIT that no row ever reaches: DuckDB
// moves no condition of the statement below it. Otherwise a condition that fails on a value would
// tell of rows that the filter hides.
//
// `names` are the columns' names in DuckDB, one a column of the table. Throws duckdb exceptions:
// InvalidInput where a filter is not one expression.
duckdb::unique_ptr<duckdb::SelectStatement> restricted_select(const ResolvedTable& table,
                                                              const std::vector<std::string>& names,
                                                              const std::string& raw_name);

}  // namespace firn::query
