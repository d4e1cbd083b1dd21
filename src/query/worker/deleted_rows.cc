#include "query/worker/deleted_rows.h"

#include <algorithm>

#include "duckdb/main/connection.hpp"
#include "query/sql_type.h"
#include "query/worker/lake_scan.h"

namespace firn::query {
namespace {

constexpr size_t kRowsHeldMax = 16u << 20;

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

// Delete files name data files as their writer did, with or without a scheme.
std::string_view without_scheme(std::string_view path) {
  if (path.starts_with("file://")) return path.substr(7);
  if (path.starts_with("file:")) return path.substr(5);
  return path;
}

// Whether rows can be found by a column's values.
bool is_key(const iceberg::Type& type) {
  using iceberg::TypeId;
  return !type.is_nested() && type.id != TypeId::kTimestampNs &&
         type.id != TypeId::kTimestampTzNs && type.id != TypeId::kUnknown &&
         type.id != TypeId::kVariant;
}

void read_positions(duckdb::Connection& connection, const std::string& sql, DeletedRows& rows) {
  auto result = connection.Query(sql);
  if (result->HasError()) result->ThrowError();
  while (auto chunk = result->Fetch()) {
    for (duckdb::idx_t i = 0; i < chunk->size(); ++i) {
      rows.push_back(chunk->GetValue(0, i).GetValue<int64_t>());
    }
  }
}

std::string position_sql(const PlannedDelete& deletes, const PlannedFile& file) {
  return std::string("SELECT pos::BIGINT FROM ") + kParquetScan + "(" + quoted(deletes.path) +
         ") WHERE regexp_replace(file_path, '^file:(//)?', '') = " +
         quoted(without_scheme(file.location)) + " AND pos IS NOT NULL";
}

const iceberg::Field* column_by_id(const std::vector<iceberg::Field>& columns, int32_t id) {
  for (const auto& column : columns) {
    if (column.id == id) return &column;
  }
  return nullptr;
}

// Rows of `file` whose key columns equal those of a row of `deletes`; null equals null (spec,
// "Equality Delete Files").
std::string equality_sql(const PlannedDelete& deletes, const PlannedFile& file,
                         const std::vector<iceberg::Field>& columns) {
  std::string schema;
  std::string condition;
  for (const int32_t id : deletes.equality_ids) {
    const auto* column = column_by_id(columns, id);
    if (column == nullptr || !is_key(*column->type)) {
      throw_error(Error(ErrorCode::kUnsupported,
                        "the table has equality deletes by a column that is gone or of a type that "
                        "cannot be compared: compact the table to read it"));
    }
    const std::string name = "k" + std::to_string(id);
    if (!schema.empty()) schema += ", ", condition += " AND ";
    schema += std::to_string(id) + ": {name: '" + name + "', type: '" + sql_type(*column->type) +
              "', default_value: NULL}";
    condition += "d." + name + " IS NOT DISTINCT FROM e." + name;
  }
  if (schema.empty()) return {};
  const auto scan = [&](const std::string& path, bool numbered) {
    return std::string(kParquetScan) + "(" + quoted(path) + ", schema = MAP {" + schema + "}" +
           (numbered ? ", file_row_number = true" : "") + ")";
  };
  return "SELECT d.file_row_number FROM " + scan(file.path, true) +
         " d WHERE EXISTS (SELECT 1 FROM " + scan(deletes.path, false) + " e WHERE " + condition +
         ")";
}

}  // namespace

DeletedRows DeletedRowsCache::read(const ScanPlan& plan, const PlannedFile& file,
                                   const std::vector<iceberg::Field>& columns) {
  DeletedRows rows;
  duckdb::Connection connection(database_);
  for (const uint32_t index : file.deletes) {
    const auto& deletes = plan.deletes.at(index);
    const auto sql = deletes.content == iceberg::FileContent::kEqualityDeletes
                         ? equality_sql(deletes, file, columns)
                         : position_sql(deletes, file);
    if (!sql.empty()) read_positions(connection, sql, rows);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

std::shared_ptr<const DeletedRows> DeletedRowsCache::find(
    const ScanPlan& plan, const PlannedFile& file, const std::vector<iceberg::Field>& columns) {
  std::string key = file.path;
  for (const uint32_t index : file.deletes) key += '\n' + plan.deletes.at(index).path;
  {
    std::lock_guard lock(mutex_);
    if (const auto found = found_.find(key); found != found_.end()) return found->second;
  }
  auto rows = read(plan, file, columns);
  std::shared_ptr<const DeletedRows> shared;
  if (!rows.empty()) shared = std::make_shared<const DeletedRows>(std::move(rows));
  std::lock_guard lock(mutex_);
  const size_t size = shared ? shared->size() : 0;
  if (rows_held_ + size > kRowsHeldMax || found_.size() > 100'000) {
    found_.clear();
    rows_held_ = 0;
  }
  rows_held_ += size;
  found_[key] = shared;
  return shared;
}

}  // namespace firn::query
