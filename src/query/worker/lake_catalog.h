#pragma once

#include <memory>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "query/worker/lake_scan.h"

namespace firn::query {

// Firn's catalogs inside a worker's DuckDB: read-only, resolved by the server look-up by look-up,
// so that DuckDB's own binder, DESCRIBE, SHOW and information_schema work over them. What a look-up
// gave is kept until the next begin().
//
// Throws duckdb exceptions. One query at a time.
class LakeCatalogs {
 public:
  virtual ~LakeCatalogs() = default;
  // Once a database, before any query.
  static std::unique_ptr<LakeCatalogs> install(duckdb::DatabaseInstance& database);
  // Makes the attached catalogs these ones, backed by `query`, which must outlive the next end().
  virtual void begin(duckdb::ClientContext& context, const std::vector<std::string>& names,
                     LakeQuery& query) = 0;
  virtual void end() = 0;
};

}  // namespace firn::query
