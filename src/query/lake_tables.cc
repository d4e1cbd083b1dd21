#include "query/lake_tables.h"

#include <optional>

#include "iceberg/data_writer.h"
#include "query/snapshot_view.h"

namespace firn::query {
namespace {

constexpr int kNamespaceDepthMax = 8;

// The lake's tables, for one reader.
class LakeSource final : public SnapshotSource {
 public:
  LakeSource(catalog::Catalog& catalog, std::shared_ptr<const Access> access)
      : catalog_(catalog), access_(std::move(access)) {}

  Result<std::vector<Access::CatalogName>> catalogs() override { return access_->catalogs(); }

  Result<std::vector<std::string>> list_schemas(const std::string& catalog_id) override {
    std::vector<std::string> names;
    TRY(list_namespaces(catalog_id, {}, 0, names));
    return names;
  }

  Result<std::vector<std::string>> list_tables(const std::string& catalog_id,
                                               const std::string& schema) override {
    std::vector<std::string> names;
    for (auto& ident : TRY(catalog_.list_tables(catalog_id, catalog::parse_namespace(schema)))) {
      names.push_back(std::move(ident.name));
    }
    return names;
  }

  Result<catalog::TablePtr> load_table(const catalog::TableIdent& ident) override {
    return catalog_.load_table(ident);
  }

  Result<std::shared_ptr<const catalog::Catalog::SnapshotFiles>> snapshot_files(
      const catalog::Table& table, int64_t snapshot_id) override {
    return catalog_.snapshot_files(table, snapshot_id);
  }

  Result<ForeignAccess> access_to(const catalog::Table& table) override {
    const auto& ident = table.ident;
    ForeignAccess access;
    access.rules = TRY(access_->rules(ident.catalog, table.metadata->table_uuid));
    access.caller = access_->caller(ident.catalog);
    // Rejected rows are rows of the table that rejected them, as they came: no rule fits them.
    if (const auto base = catalog::base_of_rejected(ident.name)) {
      const auto owner = catalog_.load_table({ident.catalog, ident.levels, std::string(*base)});
      if (!owner.ok() && owner.error().code() != ErrorCode::kNotFound) return owner.error();
      if (owner.ok() && TRY(access_->rules(ident.catalog, (*owner)->metadata->table_uuid)).any()) {
        return Error(ErrorCode::kPermissionDenied,
                     "a policy hides rows or columns of " + std::string(*base) +
                         " from you, and with them its rejected rows");
      }
    }
    return access;
  }

  Result<std::string> worker_path(const catalog::Table&, const iceberg::DataFile& file) override {
    return iceberg::local_path_of(file.file_path);
  }

 private:
  Status list_namespaces(const std::string& catalog, const catalog::Namespace& parent, int depth,
                         std::vector<std::string>& names) {
    for (const auto& levels : TRY(catalog_.list_namespaces(catalog, parent))) {
      names.push_back(catalog::namespace_text(levels));
      if (depth < kNamespaceDepthMax) TRY(list_namespaces(catalog, levels, depth + 1, names));
    }
    return {};
  }

  catalog::Catalog& catalog_;
  const std::shared_ptr<const Access> access_;
};

class LakeTables final : public TableProvider {
 public:
  LakeTables(catalog::Catalog& catalog, HotRows* hot_rows, const LakeTablesOptions& options)
      : catalog_(catalog), hot_files_(options.hot_bytes_max) {
    if (hot_rows != nullptr) hot_.emplace(HotTier{*hot_rows, hot_files_});
  }

  std::unique_ptr<TableView> open_view(
      const TableVersion& as_of, std::shared_ptr<const Access> access,
      std::shared_ptr<const std::vector<TableEvidence>> pins) override {
    return make_snapshot_view(std::make_unique<LakeSource>(catalog_, std::move(access)),
                              hot_ ? &*hot_ : nullptr, as_of, std::move(pins));
  }

 private:
  catalog::Catalog& catalog_;
  HotFiles hot_files_;
  std::optional<HotTier> hot_;
};

}  // namespace

std::unique_ptr<TableProvider> make_lake_tables(catalog::Catalog& catalog, HotRows* hot_rows,
                                                const LakeTablesOptions& options) {
  return std::make_unique<LakeTables>(catalog, hot_rows, options);
}

}  // namespace firn::query
