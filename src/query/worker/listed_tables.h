#pragma once

#include <map>
#include <string>
#include <vector>

#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "query/foreign.h"

namespace firn::query {

// By name.
using ListedTables = std::map<std::string, duckdb::unique_ptr<duckdb::CatalogEntry>>;

// The tables of that schema as entries to be shown, which cannot be read: one that a statement
// names is looked up.
ListedTables listed_tables(duckdb::ClientContext& context, duckdb::Catalog& catalog,
                           duckdb::SchemaCatalogEntry& schema,
                           const std::vector<ForeignTable>& tables);

}  // namespace firn::query
