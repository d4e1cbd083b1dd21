#pragma once

#include "duckdb.hpp"

namespace firn::query {

// Functions that Trino has, too, by Firn's plugin (trino-plugin, SharedFunctions.java), with the
// same results; time_bucket() is DuckDB's own. Call once a database, in a transaction.
//
//   funnel_depth(window, steps, times)   BIGINT: how many of the steps 1, 2, 3, ... follow each
//   other, in
//       the order of the two lists, and not later than `window` after the first. The best of all
//       beginnings; 0 without a step 1. NULL where one of the three is; NULLs in the lists are no
//       events.
//   retention(start, days, unit, periods)   BOOLEAN[]: for each period of `unit` days from the date
//       `start` on, whether one of the dates lies in it.
void add_shared_functions(duckdb::ClientContext& context);

}  // namespace firn::query
