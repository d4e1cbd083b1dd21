#include "query/worker/lake_scan.h"

#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <set>

#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/function/partition_stats.hpp"
#include "duckdb/parser/parsed_data/create_table_function_info.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "query/worker/deleted_rows.h"
#include "query/worker/lake_filters.h"
#include "query/worker/lake_types.h"
#include "query/worker/planned_files.h"

namespace firn::query {
namespace {

using duckdb::ClientContext;
using duckdb::idx_t;
using duckdb::MultiFileColumnDefinition;
using duckdb::OpenFileInfo;

class LakeScanInfo final : public duckdb::TableFunctionInfo {
 public:
  explicit LakeScanInfo(std::shared_ptr<const LakeTable> table) : table(std::move(table)) {}
  const std::shared_ptr<const LakeTable> table;
};

// The files of one scan, planned by the server when they are first asked for.
class LakeFileList final : public duckdb::MultiFileList {
 public:
  LakeFileList(std::shared_ptr<const LakeTable> table, std::vector<Conjunct> conjuncts)
      : table_(std::move(table)), conjuncts_(std::move(conjuncts)) {}

  const ScanPlan& plan() const {
    std::lock_guard lock(mutex_);
    if (!plan_) {
      std::lock_guard lock(table_calls());
      auto plan = table_->query->tables->plan(table_->resolved.handle, conjuncts_);
      if (!plan.ok()) throw_error(plan.error());
      table_->query->files->allow(*plan, *table_->query->tables);
      plan_ = std::make_shared<const ScanPlan>(std::move(*plan));
    }
    return *plan_;
  }
  const LakeTable& table() const { return *table_; }

  duckdb::unique_ptr<MultiFileList> ComplexFilterPushdown(
      ClientContext&, const duckdb::MultiFileOptions&, duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const override {
    auto conjuncts = conjuncts_;
    for (const auto& filter : filters) {
      add_conjuncts(*filter, info, table_->resolved.columns, conjuncts);
    }
    if (conjuncts.size() == conjuncts_.size()) return nullptr;
    return duckdb::make_uniq<LakeFileList>(table_, std::move(conjuncts));
  }

  duckdb::vector<OpenFileInfo> GetAllFiles() const override {
    duckdb::vector<OpenFileInfo> files;
    for (idx_t i = 0; i < plan().files.size(); ++i) files.push_back(GetFile(i));
    return files;
  }
  duckdb::FileExpandResult GetExpandResult() const override {
    switch (plan().files.size()) {
      case 0: return duckdb::FileExpandResult::NO_FILES;
      case 1: return duckdb::FileExpandResult::SINGLE_FILE;
      default: return duckdb::FileExpandResult::MULTIPLE_FILES;
    }
  }
  idx_t GetTotalFileCount() const override { return plan().files.size(); }
  duckdb::MultiFileCount GetFileCount(idx_t) const override {
    return duckdb::MultiFileCount(plan().files.size());
  }
  // For EXPLAIN: where files lie is nobody's business.
  duckdb::vector<OpenFileInfo> GetDisplayFileList(duckdb::optional_idx) const override {
    return {};
  }

  duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(ClientContext&) const override {
    idx_t rows = 0;
    for (const auto& file : plan().files) rows += static_cast<idx_t>(file.record_count);
    return duckdb::make_uniq<duckdb::NodeStatistics>(rows, rows);
  }
  duckdb::unique_ptr<MultiFileList> Copy() const override {
    // Two scans of one plan find a row by its file's index: they need the same files.
    plan();
    auto copy = duckdb::make_uniq<LakeFileList>(table_, conjuncts_);
    std::lock_guard lock(mutex_);
    copy->plan_ = plan_;
    return copy;
  }

 protected:
  OpenFileInfo GetFile(idx_t i) const override {
    const auto& files = plan().files;
    if (i >= files.size()) return OpenFileInfo();
    OpenFileInfo info(files[i].path);
    info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    info.extended_info->options["file_size"] =
        duckdb::Value::UBIGINT(static_cast<uint64_t>(files[i].size_bytes));
    return info;
  }

 private:
  const std::shared_ptr<const LakeTable> table_;
  const std::vector<Conjunct> conjuncts_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const ScanPlan> plan_;
};

class DeletedRowsFilter final : public duckdb::DeleteFilter {
 public:
  explicit DeletedRowsFilter(std::shared_ptr<const DeletedRows> rows) : rows_(std::move(rows)) {}
  idx_t Filter(duckdb::row_t start, idx_t count, duckdb::SelectionVector& kept) override {
    kept.Initialize(STANDARD_VECTOR_SIZE);
    auto next = std::lower_bound(rows_->begin(), rows_->end(), start);
    idx_t n = 0;
    for (idx_t i = 0; i < count; ++i) {
      const auto row = static_cast<int64_t>(start + static_cast<duckdb::row_t>(i));
      if (next != rows_->end() && *next == row) {
        ++next;
      } else {
        kept.set_index(n++, i);
      }
    }
    return n;
  }

 private:
  const std::shared_ptr<const DeletedRows> rows_;
};

// Field ids for the columns of a file that has none: by the table's name mapping, or else by the
// names of its columns now.
class NameMapping {
 public:
  NameMapping(const std::string& json, const std::vector<iceberg::Field>& columns) {
    boost::system::error_code failed;
    const auto mapping = boost::json::parse(json, failed);
    if (!failed && mapping.is_array()) {
      add(mapping.as_array(), "", 0);
    } else {
      for (const auto& column : columns) add(column, "");
    }
  }

  void apply(duckdb::vector<MultiFileColumnDefinition>& columns, const std::string& parent) const {
    for (auto& column : columns) {
      // Parquet's own spelling of lists and maps.
      std::string name = column.name;
      if (name == "list" || name == "item" || name == "array") name = "element";
      const std::string path =
          name == "key_value" ? parent : (parent.empty() ? column.name : parent + "." + name);
      if (column.identifier.IsNull()) {
        const auto id = ids_.find(path);
        // An id that nothing has: the column is not of the table.
        column.identifier = duckdb::Value::INTEGER(id == ids_.end() ? -1 : id->second);
      }
      apply(column.children, path);
    }
  }

 private:
  void add(const iceberg::Field& field, const std::string& parent) {
    const std::string path = parent.empty() ? field.name : parent + "." + field.name;
    ids_[path] = field.id;
    for (const auto& child : field.type->fields) add(child, path);
  }
  void add(const boost::json::array& fields, const std::string& parent, int depth) {
    if (depth > 32) return;
    for (const auto& entry : fields) {
      if (!entry.is_object()) continue;
      const auto& object = entry.as_object();
      const auto* names = object.if_contains("names");
      const auto* id = object.if_contains("field-id");
      const auto* children = object.if_contains("fields");
      if (names == nullptr || !names->is_array()) continue;
      for (const auto& name : names->as_array()) {
        if (!name.is_string()) continue;
        const std::string path = parent.empty() ? std::string(name.as_string())
                                                : parent + "." + name.as_string().c_str();
        if (id != nullptr && id->is_int64()) ids_[path] = static_cast<int32_t>(id->as_int64());
        if (children != nullptr && children->is_array()) add(children->as_array(), path, depth + 1);
      }
    }
  }
  std::map<std::string, int32_t> ids_;
};

bool lacks_field_ids(const duckdb::vector<MultiFileColumnDefinition>& columns) {
  for (const auto& column : columns) {
    if (!column.identifier.IsNull()) return false;
  }
  return !columns.empty();
}

class LakeReader final : public duckdb::MultiFileReader {
 public:
  explicit LakeReader(std::shared_ptr<const LakeTable> table) : table_(std::move(table)) {}

  static duckdb::unique_ptr<MultiFileReader> create(const duckdb::TableFunction& function) {
    return duckdb::make_uniq<LakeReader>(function.function_info->Cast<LakeScanInfo>().table);
  }

  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(ClientContext&,
                                                           const duckdb::vector<std::string>&,
                                                           const duckdb::FileGlobInput&) override {
    return duckdb::make_shared_ptr<LakeFileList>(table_, std::vector<Conjunct>());
  }

  bool Bind(duckdb::MultiFileOptions&, duckdb::MultiFileList&,
            duckdb::vector<duckdb::LogicalType>& types, duckdb::vector<std::string>& names,
            duckdb::MultiFileReaderBindData& bind_data) override {
    for (const auto& column : table_->resolved.columns) {
      bind_data.schema.push_back(to_column_definition(column));
      types.push_back(bind_data.schema.back().type);
      names.push_back(column.name);
    }
    bind_data.mapping = duckdb::MultiFileColumnMappingMode::BY_FIELD_ID;
    return true;
  }

  duckdb::ReaderInitializeType InitializeReader(
      duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileBindData& bind_data,
      const duckdb::vector<MultiFileColumnDefinition>& global_columns,
      const duckdb::vector<duckdb::ColumnIndex>& global_column_ids,
      duckdb::optional_ptr<duckdb::TableFilterSet> filters, ClientContext& context,
      duckdb::MultiFileGlobalState& state) override {
    auto& reader = *reader_data.reader;
    const auto& plan = state.file_list.Cast<LakeFileList>().plan();
    const auto& file = plan.files.at(reader.file_list_idx.GetIndex());
    if (plan.fetched) count_reading(file);
    if (lacks_field_ids(reader.columns)) {
      NameMapping(plan.name_mapping, table_->resolved.columns).apply(reader.columns, "");
    }
    if (!file.deletes.empty()) {
      auto rows = table_->query->deleted_rows->find(plan, file, table_->resolved.columns);
      if (rows != nullptr) {
        reader.deletion_filter = duckdb::make_uniq<DeletedRowsFilter>(std::move(rows));
      }
    }
    return MultiFileReader::InitializeReader(reader_data, bind_data, global_columns,
                                             global_column_ids, filters, context, state);
  }

  duckdb::unique_ptr<MultiFileReader> Copy() const override {
    return duckdb::make_uniq<LakeReader>(table_);
  }

 private:
  // What is remembered of a file here need not be opened, but counts for the server's bounds.
  void count_reading(const PlannedFile& file) const {
    std::lock_guard lock(table_calls());
    const auto opened = table_->query->tables->planned_file(file.path);
    if (!opened.ok()) throw_error(opened.error());
  }

  const std::shared_ptr<const LakeTable> table_;
};

// Row counts are in the manifests: count(*) needs no file.
duckdb::vector<duckdb::PartitionStatistics> partition_statistics(
    ClientContext&, duckdb::GetPartitionStatsInput& input) {
  const auto& data = input.bind_data->Cast<duckdb::MultiFileBindData>();
  duckdb::vector<duckdb::PartitionStatistics> result;
  for (const auto& file : data.file_list->Cast<LakeFileList>().plan().files) {
    if (!file.deletes.empty()) return {};
    duckdb::PartitionStatistics statistics;
    statistics.count = static_cast<idx_t>(file.record_count);
    statistics.count_type = duckdb::CountType::COUNT_EXACT;
    result.push_back(std::move(statistics));
  }
  return result;
}

duckdb::InsertionOrderPreservingMap<std::string> describe(
    duckdb::TableFunctionToStringInput& input) {
  const auto& data = input.bind_data->Cast<duckdb::MultiFileBindData>();
  const auto& list = data.file_list->Cast<LakeFileList>();
  const auto& table = list.table().resolved;
  duckdb::InsertionOrderPreservingMap<std::string> result;
  result["Table"] = table.schema + "." + table.name;
  result["Snapshot"] = table.snapshot_id ? std::to_string(*table.snapshot_id) : "none";
  int64_t files = 0, hot_rows = 0;
  for (const auto& file : list.plan().files) {
    (file.hot ? hot_rows : files) += file.hot ? file.record_count : 1;
  }
  result["Files"] = std::to_string(files) + " of " + std::to_string(list.plan().files_total);
  if (hot_rows > 0) result["Hot rows"] = std::to_string(hot_rows);
  return result;
}

}  // namespace

std::recursive_mutex& table_calls() {
  static std::recursive_mutex instance;
  return instance;
}

void register_lake_scan(duckdb::DatabaseInstance& database) {
  auto& system = duckdb::Catalog::GetSystemCatalog(database);
  auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database);
  auto& schema = system.GetSchema(transaction, DEFAULT_SCHEMA);
  auto entry =
      schema.GetEntry(transaction, duckdb::CatalogType::TABLE_FUNCTION_ENTRY, "parquet_scan");
  if (!entry) throw duckdb::InternalException("the DuckDB library has no Parquet reader");
  auto functions = entry->Cast<duckdb::TableFunctionCatalogEntry>().functions;
  functions.name = kParquetScan;
  duckdb::CreateTableFunctionInfo info(functions);
  schema.CreateTableFunction(transaction, info);
}

duckdb::TableFunction lake_scan(ClientContext& context, std::shared_ptr<const LakeTable> table,
                                duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
  auto& system = duckdb::Catalog::GetSystemCatalog(context);
  auto& entry =
      system.GetEntry<duckdb::TableFunctionCatalogEntry>(context, DEFAULT_SCHEMA, kParquetScan);
  auto function = entry.functions.GetFunctionByArguments(context, {duckdb::LogicalType::VARCHAR});
  function.name = "lake_scan";
  function.function_info = duckdb::make_shared_ptr<LakeScanInfo>(std::move(table));
  function.get_multi_file_reader = LakeReader::create;
  function.get_partition_stats = partition_statistics;
  function.to_string = describe;
  function.dynamic_to_string = nullptr;
  function.statistics = nullptr;
  function.serialize = nullptr;
  function.deserialize = nullptr;

  duckdb::vector<duckdb::Value> arguments{duckdb::Value("")};
  duckdb::named_parameter_map_t parameters;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  duckdb::TableFunctionRef reference;
  duckdb::TableFunctionBindInput input(arguments, parameters, types, names, nullptr, nullptr,
                                       function, reference);
  duckdb::vector<duckdb::LogicalType> bound_types;
  duckdb::vector<std::string> bound_names;
  bind_data = function.bind(context, input, bound_types, bound_names);
  return function;
}

void throw_error(const Error& error) {
  const auto type = error.code() == ErrorCode::kNotFound ? duckdb::ExceptionType::CATALOG
                                                         : duckdb::ExceptionType::INVALID_INPUT;
  std::unordered_map<std::string, std::string> info{
      {std::string(kErrorCodeInfo), std::string(info_of(error.code()).wire_code)}};
  if (error.position()) info["position"] = std::to_string(*error.position());
  throw duckdb::Exception(info, type, error.message());
}

}  // namespace firn::query
