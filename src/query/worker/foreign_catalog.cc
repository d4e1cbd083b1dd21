#include "query/worker/foreign_catalog.h"

#include <set>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/catalog/entry_lookup_info.hpp"
#include "duckdb/catalog/similar_catalog_entry.hpp"
#include "duckdb/common/types.hpp"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/storage/database_size.hpp"
#include "duckdb/storage/statistics/base_statistics.hpp"
#include "duckdb/storage/table_storage_info.hpp"
#include "query/worker/file_tables.h"
#include "query/worker/foreign_scan.h"
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

constexpr const char* kStorageName = "firn_connection";

// What a catalog reads in one query.
class ForeignQuery {
 public:
  ForeignQuery(LakeQuery& query, ForeignSources& sources, std::string connection)
      : sources(sources),
        source_tables(*query.tables),
        lake_query(query),
        connection_(std::move(connection)) {}

  // The tables that the server knows of; asked for once.
  const std::vector<ForeignTable>& tables() {
    std::lock_guard lock(table_calls());
    if (!tables_) {
      auto tables = source_tables.foreign_tables(connection_);
      if (!tables.ok()) throw_error(tables.error());
      tables_ = std::move(*tables);
    }
    return *tables_;
  }
  int64_t row_estimate(const std::string& schema, const std::string& name) {
    for (const auto& table : tables()) {
      if (table.schema == schema && table.name == name) return table.row_estimate;
    }
    return -1;
  }

  ForeignSources& sources;
  TableSource& source_tables;
  const LakeQuery& lake_query;

 private:
  const std::string connection_;
  std::optional<std::vector<ForeignTable>> tables_;
};

// Stands for a table of the database. `inner` is the extension's own.
class ForeignTableEntry final : public duckdb::TableCatalogEntry {
 public:
  ForeignTableEntry(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
                    duckdb::CreateTableInfo& info, int64_t row_estimate,
                    duckdb::TableCatalogEntry& inner, const OpenedSource& opened)
      : TableCatalogEntry(catalog, schema, info),
        inner_(inner),
        opened_(opened),
        row_estimate_(row_estimate) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(ClientContext& context,
                                                           duckdb::column_t column) override {
    return inner_.GetStatistics(context, column);
  }
  duckdb::TableFunction GetScanFunction(
      ClientContext& context, duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override {
    try {
      return foreign_scan(inner_.GetScanFunction(context, bind_data), opened_, inner_,
                          row_estimate_);
    } catch (const std::exception& thrown) {
      rethrow_foreign(opened_.source, thrown);
    }
  }
  duckdb::TableStorageInfo GetStorageInfo(ClientContext& context) override {
    return inner_.GetStorageInfo(context);
  }
  duckdb::virtual_column_map_t GetVirtualColumns() const override {
    return inner_.GetVirtualColumns();
  }
  duckdb::vector<duckdb::column_t> GetRowIdColumns() const override {
    return inner_.GetRowIdColumns();
  }

 private:
  duckdb::TableCatalogEntry& inner_;
  const OpenedSource& opened_;
  const int64_t row_estimate_;
};

class ForeignSchema final : public ReadOnlySchema {
 public:
  ForeignSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info, ForeignQuery& query)
      : ReadOnlySchema(catalog, info), query_(query) {}

  optional_ptr<CatalogEntry> LookupEntry(CatalogTransaction transaction,
                                         const duckdb::EntryLookupInfo& lookup) override {
    if (lookup.GetCatalogType() != CatalogType::TABLE_ENTRY) return nullptr;
    if (lookup.GetAtClause()) {
      throw_error(Error(ErrorCode::kUnsupported,
                        "the connection " + catalog.GetName() +
                            " has no snapshots: AT works on tables of the lake only"));
    }
    if (auto* raw = find_raw(lookup.GetEntryName())) return raw;
    return find(transaction.GetContext(), lookup.GetEntryName());
  }

  void Scan(ClientContext& context, CatalogType type,
            const std::function<void(CatalogEntry&)>& callback) override {
    if (type != CatalogType::TABLE_ENTRY) return;
    list(context);
    for (auto& [table_name, entry] : listed_) callback(*entry);
  }
  void Scan(CatalogType, const std::function<void(CatalogEntry&)>&) override {}

  duckdb::SimilarCatalogEntry GetSimilarEntry(CatalogTransaction transaction,
                                              const duckdb::EntryLookupInfo& lookup) override {
    duckdb::SimilarCatalogEntry best;
    if (lookup.GetCatalogType() != CatalogType::TABLE_ENTRY) return best;
    list(transaction.GetContext());
    for (const auto& [table_name, entry] : listed_) {
      const double score = duckdb::StringUtil::SimilarityRating(table_name, lookup.GetEntryName());
      if (score > best.score) best.name = table_name, best.score = score, best.schema = this;
    }
    return best;
  }

 private:
  void list(ClientContext& context) {
    std::lock_guard lock(table_calls());
    if (is_listed_) return;
    listed_ = listed_tables(context, catalog, *this, query_.tables());
    is_listed_ = true;
  }

  optional_ptr<CatalogEntry> find(ClientContext& context, const std::string& table_name) {
    std::lock_guard lock(table_calls());
    if (const auto known = entries_.find(table_name); known != entries_.end()) {
      return known->second.get();
    }
    auto* inner = look_up(context, table_name);
    auto& slot = entries_[table_name];
    if (inner == nullptr) return nullptr;
    const auto& opened = query_.sources.open(catalog.GetName());
    auto access = query_.source_tables.foreign_read(catalog.GetName(), name, inner->name);
    if (!access.ok()) throw_error(access.error());
    slot = access->rules.any() ? restricted(*access, *inner, opened)
                               : whole(inner->name, *inner, opened);
    return slot.get();
  }

  duckdb::unique_ptr<CatalogEntry> whole(const std::string& entry_name,
                                         duckdb::TableCatalogEntry& inner,
                                         const OpenedSource& opened) {
    duckdb::CreateTableInfo info(*this, entry_name);
    info.columns = inner.GetColumns().Copy();
    return duckdb::make_uniq<ForeignTableEntry>(
        catalog, *this, info, query_.row_estimate(name, inner.name), inner, opened);
  }

  // As for tables of the lake: a view over it, and the table under a name that nobody can guess.
  duckdb::unique_ptr<CatalogEntry> restricted(const ForeignAccess& access,
                                              duckdb::TableCatalogEntry& inner,
                                              const OpenedSource& opened) {
    if (query_.lake_query.explains) {
      throw duckdb::PermissionException(
          "a policy hides rows or columns of %s from you: a plan would tell of them", inner.name);
    }
    if (query_.lake_query.nonce.empty()) {
      throw duckdb::InternalException("a restricted table needs a nonce");
    }
    RestrictedTable table{catalog.GetName(),        name,         inner.name, {},
                          access.rules.row_filters, access.caller};
    size_t ruled = 0;
    for (const auto& column : inner.GetColumns().Logical()) {
      RestrictedTable::Column shown{column.Name(), {}};
      const auto rule = access.rules.named_columns.find(auth::lower_case(column.Name()));
      if (rule != access.rules.named_columns.end()) shown.rule = rule->second, ++ruled;
      table.columns.push_back(std::move(shown));
    }
    // Renamed at the source, perhaps: what was hidden must not appear under another name.
    if (ruled < access.rules.named_columns.size()) {
      throw duckdb::PermissionException(
          "a policy names a column of %s that is not there any more: an admin has to look",
          inner.name);
    }
    const std::string raw_name = query_.lake_query.nonce + ":" + std::to_string(raw_.size());
    raw_[raw_name] = whole(raw_name, inner, opened);
    duckdb::CreateViewInfo info(*this, inner.name);
    info.query = restricted_select(table, raw_name);
    return duckdb::make_uniq<duckdb::ViewCatalogEntry>(catalog, *this, info);
  }

  CatalogEntry* find_raw(const std::string& entry_name) {
    std::lock_guard lock(table_calls());
    const auto found = raw_.find(entry_name);
    return found == raw_.end() ? nullptr : found->second.get();
  }

  duckdb::TableCatalogEntry* look_up(ClientContext& context, const std::string& table_name) {
    const auto& opened = query_.sources.open(catalog.GetName());
    try {
      auto& inner = opened.catalog();
      const auto transaction = inner.GetCatalogTransaction(context);
      const duckdb::EntryLookupInfo schema_lookup(CatalogType::SCHEMA_ENTRY, name);
      auto schema =
          inner.LookupSchema(transaction, schema_lookup, duckdb::OnEntryNotFound::RETURN_NULL);
      if (!schema) return nullptr;
      const duckdb::EntryLookupInfo lookup(CatalogType::TABLE_ENTRY, table_name);
      auto entry = schema->LookupEntry(transaction, lookup);
      if (!entry || entry->type != CatalogType::TABLE_ENTRY) return nullptr;
      return &entry->Cast<duckdb::TableCatalogEntry>();
    } catch (const std::exception& thrown) {
      rethrow_foreign(opened.source, thrown);
    }
  }

  ForeignQuery& query_;
  bool is_listed_ = false;
  ListedTables listed_;
  std::map<std::string, duckdb::unique_ptr<CatalogEntry>> entries_;  // null: not there
  std::map<std::string, duckdb::unique_ptr<CatalogEntry>> raw_;      // behind views
};

// Asked for a table with AT, its schemas say that there is no history.
class ForeignCatalog final : public ReadOnlyCatalog {
 public:
  explicit ForeignCatalog(duckdb::AttachedDatabase& database) : ReadOnlyCatalog(database) {}

  void begin(LakeQuery& query, ForeignSources& sources) {
    query_.emplace(query, sources, GetName());
  }
  void end() {
    forget_schemas();
    names_.clear();
    query_.reset();
  }

  std::string GetCatalogType() override { return kStorageName; }
  std::string GetDefaultSchema() const override {
    if (!query_) return "main";
    std::lock_guard lock(table_calls());
    return query_->sources.source(GetAttached().GetName()).default_schema;
  }

 private:
  // Those with tables, when somebody looked last; a newer one shows after a refresh.
  const std::vector<std::string>& schema_names() override {
    std::lock_guard lock(table_calls());
    if (!query_ || !names_.empty()) return names_;
    std::set<std::string> names;
    for (const auto& table : query_->tables()) names.insert(table.schema);
    if (names.empty()) names.insert(GetDefaultSchema());
    names_.assign(names.begin(), names.end());
    return names_;
  }
  duckdb::unique_ptr<ReadOnlySchema> make_schema(duckdb::CreateSchemaInfo& info) override {
    return duckdb::make_uniq<ForeignSchema>(*this, info, *query_);
  }

  std::optional<ForeignQuery> query_;
  std::vector<std::string> names_;
};

class InstalledForeignCatalogs final : public ForeignCatalogs {
 public:
  InstalledForeignCatalogs(duckdb::DatabaseInstance& database, ForeignSources& sources)
      : sources_(sources), attached_(database, kStorageName) {}

  void begin(ClientContext& context, const std::vector<std::string>& names,
             LakeQuery& query) override {
    sources_.begin(*query.tables, query.nonce);
    reset_foreign_scans();
    attached_.attach(context, names);
    attached_.each([&](ForeignCatalog& catalog) { catalog.begin(query, sources_); });
  }
  void end() override {
    attached_.each([](ForeignCatalog& catalog) { catalog.end(); });
    sources_.end();
  }

 private:
  ForeignSources& sources_;
  AttachedCatalogs<ForeignCatalog> attached_;
};

}  // namespace

std::unique_ptr<ForeignCatalogs> ForeignCatalogs::install(duckdb::DatabaseInstance& database,
                                                          ForeignSources& sources) {
  register_read_only_storage<ForeignCatalog>(database, kStorageName);
  register_file_tables(database);
  register_foreign_scans(database);
  return std::make_unique<InstalledForeignCatalogs>(database, sources);
}

}  // namespace firn::query
