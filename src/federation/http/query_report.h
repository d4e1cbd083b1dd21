#pragma once

#include <string_view>

#include "base/result.h"
#include "query/engine.h"

namespace firn::federation {

// A query that Trino ended, as its plugin reports it: a JSON object with query_id, account,
// statement, start_us, end_us, and where known rows, bytes, memory_bytes, catalog, schema,
// timezone, user_agent, session, tables (each catalog, schema, name, snapshot_id, rows, bytes) and
// error (as Trino's client REST protocol has it). InvalidArgument where it is none.
Result<query::QueryInfo> parse_query_report(std::string_view body);

}  // namespace firn::federation
