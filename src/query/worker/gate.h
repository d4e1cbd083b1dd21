#pragma once

#include <string>

#include "duckdb.hpp"

namespace firn::query {

// The statement, parsed, when it is exactly one of those that a query may be: SELECT (also WITH,
// VALUES, FROM-first), DESCRIBE, SHOW, SUMMARIZE, or EXPLAIN of these, calling only table functions
// that read nothing outside the catalog. Throws duckdb exceptions: a ParserException where it is
// not SQL, a PermissionException that says what is allowed otherwise.
duckdb::unique_ptr<duckdb::SQLStatement> admit_statement(const std::string& sql);

// The second wall behind the first: takes the functions that admit_statement refuses out of the
// database, so that nothing reaches them under another name. Names that begin with `kept_prefix`,
// which no statement can guess, stay; empty: none.
void remove_refused_functions(duckdb::ClientContext& context, const std::string& kept_prefix);

}  // namespace firn::query
