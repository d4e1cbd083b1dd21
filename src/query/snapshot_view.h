#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "query/hot_files.h"
#include "query/hot_rows.h"
#include "query/tables.h"

namespace firn::query {

// Where a view finds Iceberg tables: the lake's catalog, or another one. For one reader and one
// query; not thread-safe. Errors: NotFound, and those of wherever the tables are.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;
  // Those that the reader may read.
  virtual Result<std::vector<Access::CatalogName>> catalogs() = 0;
  virtual Result<std::vector<std::string>> list_schemas(const std::string& catalog_id) = 0;
  virtual Result<std::vector<std::string>> list_tables(const std::string& catalog_id,
                                                       const std::string& schema) = 0;
  // Exactly of that name.
  virtual Result<catalog::TablePtr> load_table(const catalog::TableIdent& ident) = 0;
  virtual Result<std::shared_ptr<const catalog::Catalog::SnapshotFiles>> snapshot_files(
      const catalog::Table& table, int64_t snapshot_id) = 0;
  // What holds for the reader; PermissionDenied where it may not read the table at all.
  virtual Result<ForeignAccess> access_to(const catalog::Table& table) = 0;
  // What workers know a file of the table by.
  virtual Result<std::string> worker_path(const catalog::Table& table,
                                          const iceberg::DataFile& file) = 0;
  // Whether that is a name only (ScanPlan::fetched), which planned_file() opens.
  virtual bool fetches() const { return false; }
  virtual Result<std::shared_ptr<OwnedDescriptor>> planned_file(const std::string&) {
    return Error(ErrorCode::kPermissionDenied, "the query planned no such file");
  }
};

// The acknowledged rows that are in no file yet.
struct HotTier {
  HotRows& rows;
  HotFiles& files;
};

// Tables of `source`, each pinned at its first look-up. `hot` (may be null) outlives the view. See
// TableProvider::open_view for `as_of` and `pins`.
std::unique_ptr<TableView> make_snapshot_view(
    std::unique_ptr<SnapshotSource> source, const HotTier* hot, const TableVersion& as_of,
    std::shared_ptr<const std::vector<TableEvidence>> pins);

}  // namespace firn::query
