#pragma once

#include "duckdb.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/function/table_function.hpp"
#include "query/worker/foreign_sources.h"

namespace firn::query {

// An extension's scan of a table, with what Firn adds: the rows that it may read are counted, what
// a join has learned of its keys before the scan begins becomes a condition at the source, and
// errors name the connection. Conditions that a source would decide in another way than DuckDB
// stay with DuckDB.
// `row_estimate` of the table is for the optimizer; negative: the extension's own.
duckdb::TableFunction foreign_scan(duckdb::TableFunction scan, const OpenedSource& opened,
                                   const duckdb::TableCatalogEntry& table, int64_t row_estimate);

// Once a database, so that scans begin when they know most.
void register_foreign_scans(duckdb::DatabaseInstance& database);

// Before the first scan of a query.
void reset_foreign_scans();

}  // namespace firn::query
