#include "query/worker/listed_tables.h"

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/function/table_function.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"
#include "duckdb/storage/table_storage_info.hpp"

namespace firn::query {
namespace {

using duckdb::ClientContext;

class ListedTable final : public duckdb::TableCatalogEntry {
 public:
  ListedTable(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
              duckdb::CreateTableInfo& info, int64_t row_estimate)
      : TableCatalogEntry(catalog, schema, info), row_estimate_(row_estimate) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(ClientContext&,
                                                           duckdb::column_t) override {
    return nullptr;
  }
  duckdb::TableFunction GetScanFunction(ClientContext&,
                                        duckdb::unique_ptr<duckdb::FunctionData>&) override {
    throw duckdb::InternalException("a table that is only listed was read");
  }
  duckdb::TableStorageInfo GetStorageInfo(ClientContext&) override {
    duckdb::TableStorageInfo info;
    if (row_estimate_ >= 0) info.cardinality = static_cast<duckdb::idx_t>(row_estimate_);
    return info;
  }

 private:
  const int64_t row_estimate_;
};

duckdb::LogicalType type_of(ClientContext& context, const std::string& text) {
  try {
    return duckdb::TransformStringToLogicalType(text, context);
  } catch (const duckdb::Exception&) {
    return duckdb::LogicalType::VARCHAR;  // of an enumeration, say: shown only
  }
}

}  // namespace

ListedTables listed_tables(ClientContext& context, duckdb::Catalog& catalog,
                           duckdb::SchemaCatalogEntry& schema,
                           const std::vector<ForeignTable>& tables) {
  ListedTables listed;
  for (const auto& table : tables) {
    if (table.schema != schema.name) continue;
    duckdb::CreateTableInfo info(schema, table.name);
    for (const auto& column : table.columns) {
      info.columns.AddColumn(duckdb::ColumnDefinition(column.name, type_of(context, column.type)));
    }
    listed[table.name] = duckdb::make_uniq<ListedTable>(catalog, schema, info, table.row_estimate);
  }
  return listed;
}

}  // namespace firn::query
