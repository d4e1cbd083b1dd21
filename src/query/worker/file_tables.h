#pragma once

#include <string>
#include <vector>

#include "duckdb.hpp"
#include "query/foreign.h"
#include "query/worker/planned_files.h"

// Tables of a connection that is a folder of Parquet and CSV files: DuckDB's own readers over
// descriptors that the server opened. Throws duckdb exceptions.
namespace firn::query {

inline constexpr const char* kFilesStorage = "firn_files";
// DuckDB's CSV reader, as only the engine itself calls it.
inline constexpr const char* kCsvScan = "firn_csv_scan";

// Makes the storage, and puts DuckDB's CSV reader under kCsvScan; once a database, before functions
// are refused.
void register_file_tables(duckdb::DatabaseInstance& database);
// Tells an attached catalog of that storage which files there are, under paths that `files` opens
// from now on. A path names the file's content, too, so that nothing is remembered of another one.
void set_connected_files(duckdb::Catalog& catalog, const ForeignSource& source,
                         PlannedFiles& files);
// Rows that the table's files say they have, or are thought to have; -1: unknown.
int64_t rows_in_files(duckdb::ClientContext& context, duckdb::TableCatalogEntry& table);
// Whether the scan is of CSV files; others are of Parquet.
bool is_csv_scan(const duckdb::TableFunction& scan);

}  // namespace firn::query
