#pragma once

#include <string>

#include "duckdb.hpp"
#include "query/worker/foreign_sources.h"

namespace firn::query {

// What the connection holds, as JSON: {"version": text, "tables": [{"schema", "name", "rows": an
// estimate or -1, "columns": [{"name", "type": DuckDB's, "required"}]}], "truncated": bool}.
// Schemas that belong to the database system itself are left out. Connects to it.
//
// Throws duckdb exceptions.
std::string browse_foreign(duckdb::Connection& connection, ForeignSources& sources,
                           const std::string& name);

// Ends what sockets from these local ports (numbers, by commas) run at the source.
void stop_foreign(duckdb::Connection& connection, ForeignSources& sources, const std::string& name,
                  const std::string& ports);

}  // namespace firn::query
