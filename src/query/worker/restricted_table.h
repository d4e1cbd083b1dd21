#pragma once

#include <optional>
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
// Throws duckdb exceptions: InvalidInput where a filter is not one expression, Permission where
// every column is hidden.
struct RestrictedTable {
  std::string catalog;
  std::string schema;
  std::string name;
  struct Column {
    std::string name;  // as DuckDB has it
    std::optional<auth::ColumnRule> rule;
  };
  std::vector<Column> columns;
  std::vector<std::string> row_filters;
  Caller caller;
};
duckdb::unique_ptr<duckdb::SelectStatement> restricted_select(const RestrictedTable& table,
                                                              const std::string& raw_name);

}  // namespace firn::query
