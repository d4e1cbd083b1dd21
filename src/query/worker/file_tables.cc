#include "query/worker/file_tables.h"

#include <map>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"
#include "duckdb/storage/table_storage_info.hpp"
#include "query/worker/lake_scan.h"
#include "query/worker/read_only_catalog.h"

namespace firn::query {
namespace {

using duckdb::CatalogType;
using duckdb::ClientContext;

constexpr const char* kSchema = "main";
constexpr const char* kCsvScanName = "connected_csv";

// The files of one table, all of one format.
struct FileGroup {
  bool csv = false;
  duckdb::vector<duckdb::Value> paths;
};

struct BoundFiles {
  duckdb::TableFunction function;
  duckdb::unique_ptr<duckdb::FunctionData> data;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
};

// Looks at the files: their footers, or the beginning of CSV.
BoundFiles bind_files(ClientContext& context, const FileGroup& group) {
  auto& system = duckdb::Catalog::GetSystemCatalog(context);
  auto& entry = system.GetEntry<duckdb::TableFunctionCatalogEntry>(
      context, DEFAULT_SCHEMA, group.csv ? kCsvScan : kParquetScan);
  const auto list = duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR);
  BoundFiles bound{entry.functions.GetFunctionByArguments(context, {list}), nullptr, {}, {}};
  auto& function = bound.function;
  function.name = group.csv ? kCsvScanName : "connected_parquet";
  function.serialize = nullptr;
  function.deserialize = nullptr;
  function.late_materialization = false;
  duckdb::vector<duckdb::Value> arguments{
      duckdb::Value::LIST(duckdb::LogicalType::VARCHAR, group.paths)};
  duckdb::named_parameter_map_t parameters{{"union_by_name", duckdb::Value::BOOLEAN(true)}};
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  duckdb::TableFunctionRef reference;
  duckdb::TableFunctionBindInput input(arguments, parameters, types, names, nullptr, nullptr,
                                       function, reference);
  bound.data = function.bind(context, input, bound.types, bound.names);
  return bound;
}

class FileTableEntry final : public duckdb::TableCatalogEntry {
 public:
  FileTableEntry(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
                 duckdb::CreateTableInfo& info, FileGroup group)
      : TableCatalogEntry(catalog, schema, info), group_(std::move(group)) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(ClientContext&,
                                                           duckdb::column_t) override {
    return nullptr;
  }
  duckdb::TableFunction GetScanFunction(
      ClientContext& context, duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override {
    auto bound = bind_files(context, group_);
    bind_data = std::move(bound.data);
    return bound.function;
  }
  duckdb::TableStorageInfo GetStorageInfo(ClientContext&) override { return {}; }
  // No row has a number of its own.
  duckdb::virtual_column_map_t GetVirtualColumns() const override { return {}; }
  duckdb::vector<duckdb::column_t> GetRowIdColumns() const override { return {}; }

  int64_t rows(ClientContext& context) {
    const auto bound = bind_files(context, group_);
    if (bound.function.cardinality == nullptr) return -1;
    const auto known = bound.function.cardinality(context, bound.data.get());
    if (!known || !known->has_estimated_cardinality) return -1;
    return static_cast<int64_t>(known->estimated_cardinality);
  }

 private:
  const FileGroup group_;
};

class FilesSchema final : public ReadOnlySchema {
 public:
  FilesSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info,
              const std::map<std::string, FileGroup>& groups)
      : ReadOnlySchema(catalog, info), groups_(groups) {}

  duckdb::optional_ptr<duckdb::CatalogEntry> LookupEntry(
      duckdb::CatalogTransaction transaction, const duckdb::EntryLookupInfo& lookup) override {
    if (lookup.GetCatalogType() != CatalogType::TABLE_ENTRY) return nullptr;
    for (const auto& [table, group] : groups_) {
      if (!duckdb::StringUtil::CIEquals(table, lookup.GetEntryName())) continue;
      return entry(transaction.GetContext(), table);
    }
    return nullptr;
  }
  void Scan(ClientContext& context, CatalogType type,
            const std::function<void(duckdb::CatalogEntry&)>& callback) override {
    if (type != CatalogType::TABLE_ENTRY) return;
    for (const auto& [table, group] : groups_) callback(*entry(context, table));
  }
  void Scan(CatalogType, const std::function<void(duckdb::CatalogEntry&)>&) override {}

 private:
  duckdb::optional_ptr<duckdb::CatalogEntry> entry(ClientContext& context,
                                                   const std::string& table) {
    std::lock_guard lock(table_calls());
    auto& slot = entries_[table];
    if (slot) return slot.get();
    const FileGroup& group = groups_.at(table);
    const auto bound = bind_files(context, group);
    duckdb::CreateTableInfo info(*this, table);
    for (size_t i = 0; i < bound.names.size(); ++i) {
      info.columns.AddColumn(duckdb::ColumnDefinition(bound.names[i], bound.types[i]));
    }
    slot = duckdb::make_uniq<FileTableEntry>(catalog, *this, info, group);
    return slot.get();
  }

  const std::map<std::string, FileGroup>& groups_;
  std::map<std::string, duckdb::unique_ptr<FileTableEntry>> entries_;
};

class FilesCatalog final : public ReadOnlyCatalog {
 public:
  explicit FilesCatalog(duckdb::AttachedDatabase& database) : ReadOnlyCatalog(database) {}

  void set(std::map<std::string, FileGroup> groups) {
    forget_schemas();
    groups_ = std::move(groups);
  }
  std::string GetCatalogType() override { return kFilesStorage; }

 private:
  const std::vector<std::string>& schema_names() override {
    static const std::vector<std::string> kNames{kSchema};
    return kNames;
  }
  duckdb::unique_ptr<ReadOnlySchema> make_schema(duckdb::CreateSchemaInfo& info) override {
    return duckdb::make_uniq<FilesSchema>(*this, info, groups_);
  }

  std::map<std::string, FileGroup> groups_;
};

}  // namespace

void register_file_tables(duckdb::DatabaseInstance& database) {
  register_read_only_storage<FilesCatalog>(database, kFilesStorage);
  auto& system = duckdb::Catalog::GetSystemCatalog(database);
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database);
  auto& schema = system.GetSchema(transaction, DEFAULT_SCHEMA);
  auto entry = schema.GetEntry(transaction, CatalogType::TABLE_FUNCTION_ENTRY, "read_csv_auto");
  if (!entry) throw duckdb::InternalException("the DuckDB library has no CSV reader");
  auto functions = entry->Cast<duckdb::TableFunctionCatalogEntry>().functions;
  functions.name = kCsvScan;
  duckdb::CreateTableFunctionInfo info(functions);
  schema.CreateTableFunction(transaction, info);
}

void set_connected_files(duckdb::Catalog& catalog, const ForeignSource& source,
                         PlannedFiles& files) {
  std::map<std::string, FileGroup> groups;
  for (const auto& file : source.files) {
    files.allow_descriptor(file.path, file.descriptor);
    FileGroup& group = groups[file.table];
    group.csv = file.csv;
    group.paths.emplace_back(file.path);
  }
  catalog.Cast<FilesCatalog>().set(std::move(groups));
}

int64_t rows_in_files(ClientContext& context, duckdb::TableCatalogEntry& table) {
  return table.Cast<FileTableEntry>().rows(context);
}

bool is_csv_scan(const duckdb::TableFunction& scan) { return scan.name == kCsvScanName; }

}  // namespace firn::query
