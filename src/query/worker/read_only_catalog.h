#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "duckdb/catalog/entry_lookup_info.hpp"
#include "duckdb/main/attached_database.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parser/parsed_data/attach_info.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/storage/database_size.hpp"
#include "duckdb/storage/storage_extension.hpp"
#include "duckdb/transaction/transaction.hpp"
#include "duckdb/transaction/transaction_manager.hpp"
#include "query/worker/lake_scan.h"

// What catalogs that queries only read have in common. Everything that would change them throws
// duckdb::PermissionException.
namespace firn::query {

[[noreturn]] inline void read_only() {
  throw duckdb::PermissionException("the catalog is read-only for queries");
}

class ReadOnlySchema : public duckdb::SchemaCatalogEntry {
 public:
  using SchemaCatalogEntry::SchemaCatalogEntry;

  duckdb::optional_ptr<duckdb::CatalogEntry> CreateIndex(duckdb::CatalogTransaction,
                                                         duckdb::CreateIndexInfo&,
                                                         duckdb::TableCatalogEntry&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateFunction(duckdb::CatalogTransaction,
                                                            duckdb::CreateFunctionInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateTable(duckdb::CatalogTransaction,
                                                         duckdb::BoundCreateTableInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateView(duckdb::CatalogTransaction,
                                                        duckdb::CreateViewInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateSequence(duckdb::CatalogTransaction,
                                                            duckdb::CreateSequenceInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateTableFunction(
      duckdb::CatalogTransaction, duckdb::CreateTableFunctionInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateCopyFunction(
      duckdb::CatalogTransaction, duckdb::CreateCopyFunctionInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreatePragmaFunction(
      duckdb::CatalogTransaction, duckdb::CreatePragmaFunctionInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateCollation(
      duckdb::CatalogTransaction, duckdb::CreateCollationInfo&) override {
    read_only();
  }
  duckdb::optional_ptr<duckdb::CatalogEntry> CreateType(duckdb::CatalogTransaction,
                                                        duckdb::CreateTypeInfo&) override {
    read_only();
  }
  void DropEntry(duckdb::ClientContext&, duckdb::DropInfo&) override { read_only(); }
  void Alter(duckdb::CatalogTransaction, duckdb::AlterInfo&) override { read_only(); }
};

// A catalog whose schemas are known by name. They are made when they are looked up, and forgotten
// with forget_schemas().
class ReadOnlyCatalog : public duckdb::Catalog {
 public:
  using Catalog::Catalog;

  void Initialize(bool) override {}
  bool InMemory() override { return false; }
  std::string GetDBPath() override { return {}; }
  bool SupportsTimeTravel() const override { return true; }
  duckdb::DatabaseSize GetDatabaseSize(duckdb::ClientContext&) override { return {}; }

  duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LookupSchema(
      duckdb::CatalogTransaction, const duckdb::EntryLookupInfo& lookup,
      duckdb::OnEntryNotFound if_not_found) override {
    const auto& wanted = lookup.GetEntryName();
    for (const auto& name : schema_names()) {
      if (duckdb::StringUtil::CIEquals(name, wanted)) return schema(name);
    }
    if (if_not_found == duckdb::OnEntryNotFound::RETURN_NULL) return nullptr;
    throw duckdb::CatalogException(lookup.GetErrorContext(), "Schema with name %s does not exist!",
                                   wanted);
  }
  void ScanSchemas(duckdb::ClientContext&,
                   std::function<void(duckdb::SchemaCatalogEntry&)> callback) override {
    for (const auto& name : schema_names()) callback(*schema(name));
  }

  duckdb::optional_ptr<duckdb::CatalogEntry> CreateSchema(duckdb::CatalogTransaction,
                                                          duckdb::CreateSchemaInfo&) override {
    read_only();
  }
  void DropSchema(duckdb::ClientContext&, duckdb::DropInfo&) override { read_only(); }
  duckdb::PhysicalOperator& PlanCreateTableAs(duckdb::ClientContext&,
                                              duckdb::PhysicalPlanGenerator&,
                                              duckdb::LogicalCreateTable&,
                                              duckdb::PhysicalOperator&) override {
    read_only();
  }
  duckdb::PhysicalOperator& PlanInsert(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalInsert&,
                                       duckdb::optional_ptr<duckdb::PhysicalOperator>) override {
    read_only();
  }
  duckdb::PhysicalOperator& PlanDelete(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalDelete&, duckdb::PhysicalOperator&) override {
    read_only();
  }
  duckdb::PhysicalOperator& PlanUpdate(duckdb::ClientContext&, duckdb::PhysicalPlanGenerator&,
                                       duckdb::LogicalUpdate&, duckdb::PhysicalOperator&) override {
    read_only();
  }

 protected:
  // Valid until forget_schemas().
  virtual const std::vector<std::string>& schema_names() = 0;
  virtual duckdb::unique_ptr<ReadOnlySchema> make_schema(duckdb::CreateSchemaInfo& info) = 0;
  void forget_schemas() { schemas_.clear(); }

 private:
  duckdb::optional_ptr<duckdb::SchemaCatalogEntry> schema(const std::string& name) {
    std::lock_guard lock(table_calls());
    auto& slot = schemas_[name];
    if (!slot) {
      duckdb::CreateSchemaInfo info;
      info.schema = name;
      slot = make_schema(info);
    }
    return slot.get();
  }
  std::map<std::string, duckdb::unique_ptr<ReadOnlySchema>> schemas_;
};

// Queries only read, and what they read is pinned elsewhere: there is nothing to commit.
class ReadOnlyTransactions final : public duckdb::TransactionManager {
 public:
  explicit ReadOnlyTransactions(duckdb::AttachedDatabase& database)
      : TransactionManager(database) {}

  duckdb::Transaction& StartTransaction(duckdb::ClientContext& context) override {
    auto transaction = duckdb::make_uniq<duckdb::Transaction>(*this, context);
    auto& result = *transaction;
    std::lock_guard lock(mutex_);
    running_[&result] = std::move(transaction);
    return result;
  }
  duckdb::ErrorData CommitTransaction(duckdb::ClientContext&,
                                      duckdb::Transaction& transaction) override {
    RollbackTransaction(transaction);
    return duckdb::ErrorData();
  }
  void RollbackTransaction(duckdb::Transaction& transaction) override {
    std::lock_guard lock(mutex_);
    running_.erase(&transaction);
  }
  void Checkpoint(duckdb::ClientContext&, bool) override {}

 private:
  std::mutex mutex_;
  std::map<duckdb::Transaction*, duckdb::unique_ptr<duckdb::Transaction>> running_;
};

// Makes ATTACH ... (TYPE name) attach a `CatalogType`, which is made from its AttachedDatabase.
template <typename CatalogType>
void register_read_only_storage(duckdb::DatabaseInstance& database, const char* name) {
  using Info = duckdb::optional_ptr<duckdb::StorageExtensionInfo>;
  auto extension = duckdb::make_shared_ptr<duckdb::StorageExtension>();
  extension->attach = [](Info, duckdb::ClientContext&, duckdb::AttachedDatabase& attached,
                         const std::string&, duckdb::AttachInfo&,
                         duckdb::AttachOptions&) -> duckdb::unique_ptr<duckdb::Catalog> {
    return duckdb::make_uniq<CatalogType>(attached);
  };
  extension->create_transaction_manager =
      [](Info, duckdb::AttachedDatabase& attached,
         duckdb::Catalog&) -> duckdb::unique_ptr<duckdb::TransactionManager> {
    return duckdb::make_uniq<ReadOnlyTransactions>(attached);
  };
  duckdb::StorageExtension::Register(duckdb::DBConfig::GetConfig(database), name,
                                     std::move(extension));
}

// The catalogs of one storage that are attached now.
template <typename CatalogType>
class AttachedCatalogs {
 public:
  AttachedCatalogs(duckdb::DatabaseInstance& database, const char* storage)
      : database_(database), storage_(storage) {}

  // Attaches what is missing of `names`, and detaches what is not among them.
  void attach(duckdb::ClientContext& context, const std::vector<std::string>& names) {
    auto& manager = duckdb::DatabaseManager::Get(database_);
    const std::set<std::string> wanted(names.begin(), names.end());
    for (auto it = attached_.begin(); it != attached_.end();) {
      if (wanted.contains(it->first)) {
        ++it;
        continue;
      }
      manager.DetachDatabase(context, it->first, duckdb::OnEntryNotFound::RETURN_NULL);
      it = attached_.erase(it);
    }
    for (const auto& name : wanted) {
      if (attached_.contains(name)) continue;
      duckdb::AttachInfo info;
      info.name = name;
      duckdb::unordered_map<std::string, duckdb::Value> settings{{"type", duckdb::Value(storage_)}};
      duckdb::AttachOptions options(settings, duckdb::AccessMode::READ_ONLY);
      auto database = manager.AttachDatabase(context, info, options);
      attached_[name] = &database->GetCatalog().template Cast<CatalogType>();
    }
  }

  template <typename Body>
  void each(Body&& body) {
    for (auto& [name, catalog] : attached_) body(*catalog);
  }

 private:
  duckdb::DatabaseInstance& database_;
  const char* const storage_;
  std::map<std::string, CatalogType*> attached_;
};

}  // namespace firn::query
