#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/function/table_function.hpp"
#include "query/tables.h"

// A lake table as a DuckDB table function: DuckDB's own Parquet scan over the files that the server
// planned, columns matched by field id. Throws duckdb exceptions.
namespace firn::query {

class DeletedRowsCache;
class PlannedFiles;

// DuckDB's Parquet scan, as only the engine itself calls it.
inline constexpr const char* kParquetScan = "firn_parquet_scan";
// Where a DuckDB exception carries the code of the Error that it was made from.
inline constexpr std::string_view kErrorCodeInfo = "firn_error_code";

// What the running query of a worker reads. Made for one query; outlives everything that DuckDB
// makes for it.
struct LakeQuery {
  TableSource* tables = nullptr;
  PlannedFiles* files = nullptr;  // told of every planned file
  DeletedRowsCache* deleted_rows = nullptr;
  std::string nonce;      // of names that no statement can guess
  bool explains = false;  // the answer is a plan
  std::vector<std::string> remote_catalogs = {};
  // Whether it is another server's.
  bool is_remote(const std::string& catalog) const {
    return std::find(remote_catalogs.begin(), remote_catalogs.end(), catalog) !=
           remote_catalogs.end();
  }
};

// DuckDB starts pipelines on several threads at once, information_schema's among them. Whoever asks
// the server for tables, or looks at what is remembered of its answers, holds this meanwhile: a
// worker has one conversation. Recursive, as schemas ask for tables.
std::recursive_mutex& table_calls();

// A table that the query named.
struct LakeTable {
  ResolvedTable resolved;
  LakeQuery* query = nullptr;
};

// Puts DuckDB's scan function under kParquetScan for lake_scan; once a database.
void register_lake_scan(duckdb::DatabaseInstance& database);
// The function and its bind data, to read `table`.
duckdb::TableFunction lake_scan(duckdb::ClientContext& context,
                                std::shared_ptr<const LakeTable> table,
                                duckdb::unique_ptr<duckdb::FunctionData>& bind_data);
// An Error as a DuckDB exception that to_error turns back into it.
[[noreturn]] void throw_error(const Error& error);

}  // namespace firn::query
