#include "query/worker/lake_catalog.h"

#include <map>
#include <set>

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/catalog/entry_lookup_info.hpp"
#include "duckdb/catalog/similar_catalog_entry.hpp"
#include "duckdb/main/attached_database.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/parsed_data/attach_info.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/planner/tableref/bound_at_clause.hpp"
#include "duckdb/storage/database_size.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"
#include "duckdb/storage/storage_extension.hpp"
#include "duckdb/storage/table_storage_info.hpp"
#include "duckdb/transaction/transaction.hpp"
#include "duckdb/transaction/transaction_manager.hpp"
#include "query/worker/lake_types.h"
#include "query/worker/listed_tables.h"
#include "query/worker/read_only_catalog.h"
#include "query/worker/restricted_table.h"

namespace firn::query {
namespace {

using duckdb::CatalogEntry;
using duckdb::CatalogTransaction;
using duckdb::CatalogType;
using duckdb::ClientContext;
using duckdb::optional_ptr;

constexpr const char* kStorageName = "firn";

class LakeTableEntry final : public duckdb::TableCatalogEntry {
 public:
  LakeTableEntry(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
                 duckdb::CreateTableInfo& info, std::shared_ptr<const LakeTable> table)
      : TableCatalogEntry(catalog, schema, info), table_(std::move(table)) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(ClientContext&,
                                                           duckdb::column_t) override {
    return nullptr;
  }
  duckdb::TableFunction GetScanFunction(
      ClientContext& context, duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override {
    return lake_scan(context, table_, bind_data);
  }
  duckdb::TableStorageInfo GetStorageInfo(ClientContext&) override {
    duckdb::TableStorageInfo info;
    info.cardinality = static_cast<duckdb::idx_t>(table_->resolved.record_count);
    return info;
  }

 private:
  const std::shared_ptr<const LakeTable> table_;
};

TableVersion version_of(ClientContext& context, optional_ptr<duckdb::BoundAtClause> at) {
  if (!at) return {};
  const auto& value = at->GetValue();
  if (value.IsNull()) throw duckdb::BinderException("AT needs a version that is not NULL");
  if (duckdb::StringUtil::CIEquals(at->Unit(), "timestamp")) {
    const auto moment = value.CastAs(context, duckdb::LogicalType::TIMESTAMP_TZ);
    return {TableVersion::Kind::kTimestamp, moment.GetValue<duckdb::timestamp_tz_t>().value, {}};
  }
  if (!duckdb::StringUtil::CIEquals(at->Unit(), "version")) {
    throw duckdb::BinderException("AT takes VERSION or TIMESTAMP, not %s", at->Unit());
  }
  if (value.type().IsIntegral()) {
    return {TableVersion::Kind::kSnapshot, value.GetValue<int64_t>(), {}};
  }
  return {TableVersion::Kind::kRef, 0, value.ToString()};
}

// Names that differ only in case are two columns for Iceberg and one for DuckDB.
std::vector<std::string> column_names(const ResolvedTable& table) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const auto& column : table.columns) {
    std::string unique = column.name;
    for (int i = 1; !taken.insert(duckdb::StringUtil::Lower(unique)).second; ++i) {
      unique = column.name + "_" + std::to_string(i);
    }
    names.push_back(std::move(unique));
  }
  return names;
}

RestrictedTable restricted_table(const ResolvedTable& table) {
  RestrictedTable restricted{table.catalog,           table.schema, table.name, {},
                             table.rules.row_filters, table.caller};
  const auto names = column_names(table);
  for (size_t i = 0; i < names.size(); ++i) {
    RestrictedTable::Column column{names[i], {}};
    const auto rule = table.rules.columns.find(table.columns[i].id);
    if (rule != table.rules.columns.end()) column.rule = rule->second;
    restricted.columns.push_back(std::move(column));
  }
  return restricted;
}

class LakeSchema final : public ReadOnlySchema {
 public:
  LakeSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info, LakeQuery& query)
      : ReadOnlySchema(catalog, info), query_(query) {}

  optional_ptr<CatalogEntry> LookupEntry(CatalogTransaction transaction,
                                         const duckdb::EntryLookupInfo& lookup) override {
    if (lookup.GetCatalogType() != CatalogType::TABLE_ENTRY) return nullptr;
    if (auto* raw = find_raw(lookup.GetEntryName())) return raw;
    const auto version = version_of(transaction.GetContext(), lookup.GetAtClause());
    return find(lookup.GetEntryName(), version);
  }

  void Scan(ClientContext& context, CatalogType type,
            const std::function<void(CatalogEntry&)>& callback) override {
    if (type != CatalogType::TABLE_ENTRY) return;
    if (query_.is_remote(catalog.GetName())) {
      for (const auto& [table_name, entry] : listed(context)) callback(*entry);
      return;
    }
    for (const auto& name : table_names()) {
      if (auto entry = find(name, {})) callback(*entry);
    }
  }
  void Scan(CatalogType, const std::function<void(CatalogEntry&)>&) override {}

  // Without loading every table for the sake of a "did you mean".
  duckdb::SimilarCatalogEntry GetSimilarEntry(CatalogTransaction,
                                              const duckdb::EntryLookupInfo& lookup) override {
    duckdb::SimilarCatalogEntry best;
    if (lookup.GetCatalogType() != CatalogType::TABLE_ENTRY) return best;
    for (const auto& name : table_names()) {
      const double score = duckdb::StringUtil::SimilarityRating(name, lookup.GetEntryName());
      if (score > best.score) best.name = name, best.score = score, best.schema = this;
    }
    return best;
  }

 private:
  // Loading every table of somebody else's catalog to show them would take too long.
  const ListedTables& listed(ClientContext& context) {
    std::lock_guard lock(table_calls());
    if (!listed_) {
      const auto tables = query_.tables->foreign_tables(catalog.GetName());
      if (!tables.ok()) throw_error(tables.error());
      listed_ = listed_tables(context, catalog, *this, *tables);
    }
    return *listed_;
  }

  const std::vector<std::string>& table_names() {
    std::lock_guard lock(table_calls());
    if (!names_) {
      auto names = query_.tables->list_tables(catalog.GetName(), name);
      if (!names.ok()) throw_error(names.error());
      names_ = std::move(*names);
    }
    return *names_;
  }

  optional_ptr<CatalogEntry> find(const std::string& table_name, const TableVersion& version) {
    std::lock_guard lock(table_calls());
    const std::string key = table_name + '\0' + std::to_string(static_cast<int>(version.kind)) +
                            ':' + std::to_string(version.number) + ':' + version.ref;
    if (const auto known = entries_.find(key); known != entries_.end()) return known->second.get();
    auto resolved = query_.tables->resolve(catalog.GetName(), name, table_name, version);
    if (!resolved.ok()) {
      // Of a table that is not there DuckDB tells more: where it looked, and what is near.
      const bool is_current = version.kind == TableVersion::Kind::kCurrent;
      if (resolved.error().code() == ErrorCode::kNotFound && is_current) {
        return entries_[key].get();
      }
      throw_error(resolved.error());
    }
    auto table = std::make_shared<LakeTable>();
    table->resolved = std::move(*resolved);
    table->query = &query_;
    auto& slot = entries_[key];
    slot = table->resolved.rules.any() ? restricted(table) : whole(table->resolved.name, table);
    return slot.get();
  }

  duckdb::unique_ptr<CatalogEntry> whole(const std::string& entry_name,
                                         const std::shared_ptr<const LakeTable>& table) {
    const auto names = column_names(table->resolved);
    duckdb::CreateTableInfo info(*this, entry_name);
    for (size_t i = 0; i < names.size(); ++i) {
      const auto& column = table->resolved.columns[i];
      if (column.required) {
        info.constraints.push_back(
            duckdb::make_uniq<duckdb::NotNullConstraint>(duckdb::LogicalIndex(i)));
      }
      info.columns.AddColumn(duckdb::ColumnDefinition(names[i], to_duckdb(*column.type)));
    }
    return duckdb::make_uniq<LakeTableEntry>(catalog, *this, info, table);
  }

  // In the table's place a view over it. The table itself gets a name that nobody can guess.
  duckdb::unique_ptr<CatalogEntry> restricted(const std::shared_ptr<const LakeTable>& table) {
    if (query_.explains) {
      throw duckdb::PermissionException(
          "a policy hides rows or columns of %s from you: a plan would tell of them",
          table->resolved.name);
    }
    if (query_.nonce.empty()) throw duckdb::InternalException("a restricted table needs a nonce");
    const std::string raw_name = query_.nonce + ":" + std::to_string(raw_.size());
    raw_[raw_name] = whole(raw_name, table);
    duckdb::CreateViewInfo info(*this, table->resolved.name);
    info.query = restricted_select(restricted_table(table->resolved), raw_name);
    return duckdb::make_uniq<duckdb::ViewCatalogEntry>(catalog, *this, info);
  }

  CatalogEntry* find_raw(const std::string& entry_name) {
    std::lock_guard lock(table_calls());
    const auto found = raw_.find(entry_name);
    return found == raw_.end() ? nullptr : found->second.get();
  }

  LakeQuery& query_;
  std::optional<std::vector<std::string>> names_;
  std::optional<ListedTables> listed_;                               // of a remote catalog
  std::map<std::string, duckdb::unique_ptr<CatalogEntry>> entries_;  // null: not there
  std::map<std::string, duckdb::unique_ptr<CatalogEntry>> raw_;      // behind views
};

class LakeCatalog final : public ReadOnlyCatalog {
 public:
  explicit LakeCatalog(duckdb::AttachedDatabase& database) : ReadOnlyCatalog(database) {}

  void begin(LakeQuery& query) { query_ = &query; }
  void end() {
    query_ = nullptr;
    forget_schemas();
    names_.reset();
  }

  std::string GetCatalogType() override { return kStorageName; }
  std::string GetDefaultSchema() const override { return "main"; }

 private:
  const std::vector<std::string>& schema_names() override {
    static const std::vector<std::string> kNone;
    if (query_ == nullptr) return kNone;
    std::lock_guard lock(table_calls());
    if (!names_) {
      auto names = query_->tables->list_schemas(GetName());
      if (!names.ok()) throw_error(names.error());
      names_ = std::move(*names);
    }
    return *names_;
  }
  duckdb::unique_ptr<ReadOnlySchema> make_schema(duckdb::CreateSchemaInfo& info) override {
    return duckdb::make_uniq<LakeSchema>(*this, info, *query_);
  }

  LakeQuery* query_ = nullptr;
  std::optional<std::vector<std::string>> names_;
};

class InstalledLakeCatalogs final : public LakeCatalogs {
 public:
  explicit InstalledLakeCatalogs(duckdb::DatabaseInstance& database)
      : attached_(database, kStorageName) {}

  void begin(ClientContext& context, const std::vector<std::string>& names,
             LakeQuery& query) override {
    attached_.attach(context, names);
    attached_.each([&](LakeCatalog& catalog) { catalog.begin(query); });
  }
  void end() override {
    attached_.each([](LakeCatalog& catalog) { catalog.end(); });
  }

 private:
  AttachedCatalogs<LakeCatalog> attached_;
};

}  // namespace

std::unique_ptr<LakeCatalogs> LakeCatalogs::install(duckdb::DatabaseInstance& database) {
  register_read_only_storage<LakeCatalog>(database, kStorageName);
  register_lake_scan(database);
  return std::make_unique<InstalledLakeCatalogs>(database);
}

}  // namespace firn::query
