#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "query/tables.h"

namespace firn::query {

// Ordered positions of the rows of one data file that are deleted.
using DeletedRows = std::vector<int64_t>;

// Turns a table's delete files into deleted positions of data files, position deletes by reading
// them, equality deletes by looking their values up in the data file. Both kinds of file never
// change, so what was found is kept, bounded. Thread-safe. Throws duckdb exceptions.
class DeletedRowsCache {
 public:
  explicit DeletedRowsCache(duckdb::DatabaseInstance& database) : database_(database) {}
  // Null where no row of the file is deleted. `columns` is the table's schema.
  std::shared_ptr<const DeletedRows> find(const ScanPlan& plan, const PlannedFile& file,
                                          const std::vector<iceberg::Field>& columns);

 private:
  DeletedRows read(const ScanPlan& plan, const PlannedFile& file,
                   const std::vector<iceberg::Field>& columns);

  duckdb::DatabaseInstance& database_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const DeletedRows>> found_;  // by data and delete paths
  size_t rows_held_ = 0;
};

}  // namespace firn::query
