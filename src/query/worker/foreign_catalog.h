#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "query/worker/foreign_sources.h"
#include "query/worker/lake_scan.h"

namespace firn::query {

// Connections as catalogs inside a worker's DuckDB: connection.schema.table. A table that a
// statement names is looked up in the database itself, once the server has said that the reader
// may; lists of what there is come from what the server knows, so that nobody has to connect for
// them.
//
// Throws duckdb exceptions. One query at a time.
class ForeignCatalogs {
 public:
  virtual ~ForeignCatalogs() = default;
  // Once a database, before any query.
  static std::unique_ptr<ForeignCatalogs> install(duckdb::DatabaseInstance& database,
                                                  ForeignSources& sources);
  // Makes the attached catalogs these ones, backed by `query`, which must outlive the next end().
  virtual void begin(duckdb::ClientContext& context, const std::vector<std::string>& names,
                     LakeQuery& query) = 0;
  virtual void end() = 0;
};

}  // namespace firn::query
