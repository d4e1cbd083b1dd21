#pragma once

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/json/from_string.h>
#include <parquet/arrow/writer.h>
#include <strings.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "platform/testing.h"
#include "query/tables.h"

namespace firn::query::testing {

inline std::shared_ptr<arrow::Field> with_id(const std::string& name,
                                             std::shared_ptr<arrow::DataType> type, int id) {
  return arrow::field(name, std::move(type), true,
                      arrow::key_value_metadata({"PARQUET:field_id"}, {std::to_string(id)}));
}

// A Parquet file of these fields, its rows as a JSON array of objects or arrays.
inline PlannedFile write_parquet(const std::string& path,
                                 const std::vector<std::shared_ptr<arrow::Field>>& fields,
                                 const std::string& rows) {
  auto array = arrow::json::ArrayFromJSONString(arrow::struct_(fields), rows).ValueOrDie();
  auto batch = arrow::RecordBatch::FromStructArray(array).ValueOrDie();
  auto table =
      arrow::Table::FromRecordBatches(arrow::schema(fields), {batch->ReplaceSchemaMetadata({})})
          .ValueOrDie();
  auto out = arrow::io::FileOutputStream::Open(path).ValueOrDie();
  auto status = parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out);
  if (!status.ok() || !out->Close().ok()) std::abort();
  PlannedFile file;
  file.path = path;
  file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(path));
  file.record_count = table->num_rows();
  return file;
}

inline iceberg::Field column(int id, const std::string& name, iceberg::TypePtr type) {
  iceberg::Field field;
  field.id = id;
  field.name = name;
  field.type = std::move(type);
  return field;
}

struct FakeVersion {
  std::vector<iceberg::Field> columns;
  ScanPlan plan;
};

struct FakeTable {
  std::map<int64_t, FakeVersion> versions;  // by snapshot id; the last one is current
  std::map<std::string, int64_t> refs;
  auth::TableRules rules;
};

// Tables of one catalog "lake", by "schema.name".
class FakeProvider final : public TableProvider {
 public:
  std::map<std::string, FakeTable> tables;
  std::vector<Conjunct> last_conjuncts;

  std::unique_ptr<TableView> open_view(
      const TableVersion& as_of, std::shared_ptr<const Access> access = nullptr,
      std::shared_ptr<const std::vector<TableEvidence>> pins = nullptr) override;
};

// Somebody who may see everything of the catalog "lake".
class FullAccess final : public Access {
 public:
  Result<std::vector<CatalogName>> catalogs() const override {
    return std::vector<CatalogName>{{"lake", "lake"}};
  }
  Result<auth::TableRules> rules(const std::string&, const Uuid&) const override {
    return auth::TableRules{};
  }
  Caller caller(const std::string&) const override { return {"1", "a@b.c", "owner"}; }
};

class FakeView final : public TableView {
 public:
  FakeView(FakeProvider& provider, TableVersion as_of) : provider_(provider), as_of_(as_of) {}

  Result<std::vector<std::string>> list_catalogs() override {
    return std::vector<std::string>{"lake"};
  }
  Result<std::vector<std::string>> list_schemas(const std::string&) override {
    std::set<std::string> names{"main"};
    for (const auto& [key, table] : provider_.tables) names.insert(key.substr(0, key.find('.')));
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<std::vector<std::string>> list_tables(const std::string&,
                                               const std::string& schema) override {
    std::vector<std::string> names;
    for (const auto& [key, table] : provider_.tables) {
      if (key.starts_with(schema + ".")) names.push_back(key.substr(schema.size() + 1));
    }
    return names;
  }
  Result<ResolvedTable> resolve(const std::string& catalog, const std::string& schema,
                                const std::string& name, const TableVersion& version) override {
    auto found = provider_.tables.find(schema + "." + name);
    for (auto it = provider_.tables.begin(); found == provider_.tables.end() && it != found; ++it) {
      if (::strcasecmp(it->first.c_str(), (schema + "." + name).c_str()) == 0) found = it;
    }
    if (found == provider_.tables.end()) {
      return Error(ErrorCode::kNotFound, "Table does not exist: " + schema + "." + name);
    }
    const auto wanted = version.kind == TableVersion::Kind::kCurrent ? as_of_ : version;
    int64_t snapshot = found->second.versions.rbegin()->first;
    if (wanted.kind == TableVersion::Kind::kSnapshot) snapshot = wanted.number;
    if (wanted.kind == TableVersion::Kind::kRef) {
      const auto ref = found->second.refs.find(wanted.ref);
      if (ref == found->second.refs.end()) {
        return Error(ErrorCode::kNotFound, "no tag or branch named " + wanted.ref);
      }
      snapshot = ref->second;
    }
    const auto at = found->second.versions.find(snapshot);
    if (at == found->second.versions.end()) {
      return Error(ErrorCode::kNotFound, "no snapshot " + std::to_string(snapshot));
    }
    ResolvedTable table;
    table.handle = pinned_.size();
    table.catalog = catalog;
    table.schema = schema;
    table.name = name;
    table.snapshot_id = snapshot;
    table.columns = at->second.columns;
    table.rules = found->second.rules;
    table.caller = {"p1", "ann@example.org", "viewer"};
    pinned_.push_back(&at->second);
    TableEvidence evidence;
    evidence.catalog = catalog;
    evidence.schema = schema;
    evidence.name = name;
    evidence.snapshot_id = snapshot;
    evidence_.push_back(evidence);
    return table;
  }
  Result<ScanPlan> plan(uint64_t handle, const std::vector<Conjunct>& conjuncts) override {
    provider_.last_conjuncts = conjuncts;
    return pinned_.at(handle)->plan;
  }
  std::vector<TableEvidence> evidence() const override { return evidence_; }
  bool saw_snapshot(int64_t snapshot_id) const override {
    for (const auto& entry : evidence_) {
      if (entry.snapshot_id == snapshot_id) return true;
    }
    return false;
  }

 private:
  FakeProvider& provider_;
  const TableVersion as_of_;
  std::vector<const FakeVersion*> pinned_;
  std::vector<TableEvidence> evidence_;
};

inline std::unique_ptr<TableView> FakeProvider::open_view(
    const TableVersion& as_of, std::shared_ptr<const Access>,
    std::shared_ptr<const std::vector<TableEvidence>>) {
  return std::make_unique<FakeView>(*this, as_of);
}

}  // namespace firn::query::testing
