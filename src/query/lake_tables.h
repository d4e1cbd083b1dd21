#pragma once

#include <memory>

#include "catalog/catalog.h"
#include "query/hot_files.h"
#include "query/hot_rows.h"
#include "query/tables.h"

namespace firn::query {

struct LakeTablesOptions {
  uint64_t hot_bytes_max = 256ULL << 20;  // kept of hot rows, over all tables
};

// The catalog's tables, and the write-ahead log's rows that are not in them yet. `catalog` and
// `hot_rows` (may be null) must outlive the provider. Thread-safe.
std::unique_ptr<TableProvider> make_lake_tables(catalog::Catalog& catalog, HotRows* hot_rows,
                                                const LakeTablesOptions& options);

}  // namespace firn::query
