#include "query/lake_tables.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "query/scan_planning.h"

namespace firn::query {
namespace {

using catalog::TableIdent;

constexpr int kNamespaceDepthMax = 8;
constexpr int kHotRetriesMax = 5;

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

// A table of the query, at its version.
struct Pinned {
  ResolvedTable resolved;
  catalog::TablePtr table;
  iceberg::Schema schema;
  std::vector<HotBatch> hot;  // already without what is committed
  uint64_t committed_lsn = 0;
  TableEvidence evidence;
};

class LakeView final : public TableView {
 public:
  LakeView(catalog::Catalog& catalog, HotRows* hot_rows, HotFiles& hot_files, TableVersion as_of,
           std::shared_ptr<const Access> access,
           std::shared_ptr<const std::vector<TableEvidence>> pins)
      : catalog_(catalog),
        hot_rows_(hot_rows),
        hot_files_(hot_files),
        as_of_(std::move(as_of)),
        access_(std::move(access)),
        pins_(std::move(pins)) {}

  Result<std::vector<std::string>> list_catalogs() override {
    std::vector<std::string> names;
    for (auto& catalog : TRY(access_->catalogs())) names.push_back(std::move(catalog.name));
    return names;
  }

  Result<std::vector<std::string>> list_schemas(const std::string& catalog) override {
    std::vector<std::string> names;
    TRY(list_namespaces(TRY(catalog_id(catalog)), {}, 0, names));
    return names;
  }

  Result<std::vector<std::string>> list_tables(const std::string& catalog,
                                               const std::string& schema) override {
    std::vector<std::string> names;
    for (auto& ident :
         TRY(catalog_.list_tables(TRY(catalog_id(catalog)), catalog::parse_namespace(schema)))) {
      names.push_back(std::move(ident.name));
    }
    return names;
  }

  Result<ResolvedTable> resolve(const std::string& catalog, const std::string& schema,
                                const std::string& name, const TableVersion& version) override;
  Result<ScanPlan> plan(uint64_t handle, const std::vector<Conjunct>& conjuncts) override;

  std::vector<TableEvidence> evidence() const override {
    std::vector<TableEvidence> all;
    for (const auto& pinned : pinned_) all.push_back(pinned->evidence);
    return all;
  }

  int64_t rows_estimate() const override {
    int64_t rows = 0;
    for (const auto& pinned : pinned_) rows += pinned->resolved.record_count;
    return rows;
  }
  Status free_of_policies() const override {
    for (const auto& pinned : pinned_) {
      if (!pinned->resolved.rules.any()) continue;
      return Error(ErrorCode::kPermissionDenied,
                   "a policy hides rows or columns of " + name_of(*pinned) + " from you");
    }
    return {};
  }
  Result<bool> commit_hot_rows() override {
    bool any = false;
    for (const auto& pinned : pinned_) {
      if (pinned->hot.empty()) continue;
      TRY(hot_rows_->commit(pinned->table->metadata->table_uuid));
      any = true;
    }
    return any;
  }

  bool saw_snapshot(int64_t snapshot_id) const override {
    return std::any_of(pinned_.begin(), pinned_.end(), [&](const auto& pinned) {
      return pinned->table->metadata->snapshot_by_id(snapshot_id) != nullptr;
    });
  }

 private:
  static std::string name_of(const Pinned& pinned) {
    return pinned.resolved.schema + "." + pinned.resolved.name;
  }
  Status list_namespaces(const std::string& catalog, const catalog::Namespace& parent, int depth,
                         std::vector<std::string>& names) {
    for (const auto& levels : TRY(catalog_.list_namespaces(catalog, parent))) {
      names.push_back(catalog::namespace_text(levels));
      if (depth < kNamespaceDepthMax) TRY(list_namespaces(catalog, levels, depth + 1, names));
    }
    return {};
  }

  Result<std::string> catalog_id(const std::string& name) const;
  Result<catalog::TablePtr> load(const TableIdent& ident);
  Status apply_policies(const TableIdent& ident, ResolvedTable& resolved);
  Status load_with_hot_rows(const TableIdent& ident, Pinned& pinned);
  Status choose_snapshot(const TableVersion& version, Pinned& pinned);
  Status choose_pinned_snapshot(Pinned& pinned);
  static void use_snapshot(const iceberg::Snapshot& snapshot, Pinned& pinned);

  catalog::Catalog& catalog_;
  HotRows* const hot_rows_;
  HotFiles& hot_files_;
  const TableVersion as_of_;
  const std::shared_ptr<const Access> access_;
  const std::shared_ptr<const std::vector<TableEvidence>> pins_;  // null: none
  std::vector<std::unique_ptr<Pinned>> pinned_;
  std::map<std::pair<TableIdent, std::string>, size_t> known_;
};

Result<std::string> LakeView::catalog_id(const std::string& name) const {
  for (auto& catalog : TRY(access_->catalogs())) {
    if (catalog.name == name) return std::move(catalog.id);
  }
  return Error(ErrorCode::kNotFound, "there is no catalog '" + name + "'");
}

Status LakeView::apply_policies(const TableIdent& ident, ResolvedTable& resolved) {
  resolved.rules = TRY(access_->rules(ident.catalog, resolved.uuid));
  resolved.caller = access_->caller(ident.catalog);
  // Rejected rows are rows of the table that rejected them, as they came: no rule fits them.
  if (const auto base = catalog::base_of_rejected(ident.name)) {
    const auto owner = catalog_.load_table({ident.catalog, ident.levels, std::string(*base)});
    if (owner.ok() && TRY(access_->rules(ident.catalog, (*owner)->metadata->table_uuid)).any()) {
      return Error(ErrorCode::kPermissionDenied, "a policy hides rows or columns of " +
                                                     std::string(*base) +
                                                     " from you, and with them its rejected rows");
    }
  }
  return {};
}

Result<catalog::TablePtr> LakeView::load(const TableIdent& ident) {
  auto table = catalog_.load_table(ident);
  if (table.ok() || table.error().code() != ErrorCode::kNotFound) return table;
  auto others = catalog_.list_tables(ident.catalog, ident.levels);
  if (!others.ok()) return table;
  const TableIdent* only = nullptr;
  for (const auto& other : *others) {
    if (!same_but_for_case(other.name, ident.name)) continue;
    if (only != nullptr) return table;
    only = &other;
  }
  return only == nullptr ? std::move(table) : catalog_.load_table(*only);
}

// The batches are taken before the metadata that says which of them are committed: a commit in
// between makes rows appear in both, and the watermark tells; the other way they would be lost.
Status LakeView::load_with_hot_rows(const TableIdent& ident, Pinned& pinned) {
  pinned.table = TRY(load(ident));
  if (hot_rows_ == nullptr) return {};
  for (int i = 0; i < kHotRetriesMax; ++i) {
    const Uuid uuid = pinned.table->metadata->table_uuid;
    auto batches = hot_rows_->hot_batches(uuid);
    pinned.table = TRY(load(ident));
    // Dropped and made anew in between.
    if (pinned.table->metadata->table_uuid != uuid) continue;
    pinned.committed_lsn = hot_rows_->committed_lsn(*pinned.table->metadata);
    std::erase_if(batches, [&](const HotBatch& batch) {
      return batch.lsn <= pinned.committed_lsn || batch.rows == nullptr;
    });
    std::sort(batches.begin(), batches.end(),
              [](const HotBatch& a, const HotBatch& b) { return a.lsn < b.lsn; });
    pinned.hot = std::move(batches);
    return {};
  }
  return Error(ErrorCode::kUnavailable, "the table is being replaced over and over");
}

Status LakeView::choose_snapshot(const TableVersion& version, Pinned& pinned) {
  const auto& metadata = *pinned.table->metadata;
  const iceberg::Snapshot* snapshot = metadata.current_snapshot();
  const auto missing = [&](const std::string& what) {
    return Error(ErrorCode::kNotFound,
                 "the table " + pinned.table->ident.to_string() + " has " + what);
  };
  bool current_schema = false;
  switch (version.kind) {
    case TableVersion::Kind::kCurrent: current_schema = true; break;
    case TableVersion::Kind::kSnapshot:
      snapshot = metadata.snapshot_by_id(version.number);
      if (snapshot == nullptr) return missing("no snapshot " + std::to_string(version.number));
      break;
    case TableVersion::Kind::kTimestamp:
      snapshot = metadata.snapshot_as_of(version.number / 1000);
      if (snapshot == nullptr) return missing("no snapshot that is this old");
      break;
    case TableVersion::Kind::kRef: {
      snapshot = metadata.snapshot_of_ref(version.ref);
      const auto ref = metadata.refs.find(version.ref);
      current_schema = ref != metadata.refs.end() && ref->second.is_branch;
      int64_t number = 0;
      const auto* end = version.ref.data() + version.ref.size();
      const auto parsed = std::from_chars(version.ref.data(), end, number);
      if (snapshot == nullptr && parsed.ec == std::errc() && parsed.ptr == end) {
        snapshot = metadata.snapshot_by_id(number);
      }
      if (snapshot == nullptr) return missing("no tag, branch or snapshot \"" + version.ref + "\"");
      break;
    }
  }
  const auto* schema = &metadata.schema();
  if (!current_schema && snapshot != nullptr && snapshot->schema_id) {
    if (const auto* then = metadata.schema_by_id(*snapshot->schema_id)) schema = then;
  }
  pinned.schema = *schema;
  if (snapshot != nullptr) use_snapshot(*snapshot, pinned);
  return {};
}

void LakeView::use_snapshot(const iceberg::Snapshot& snapshot, Pinned& pinned) {
  pinned.resolved.snapshot_id = snapshot.snapshot_id;
  const auto total = snapshot.summary.find("total-records");
  if (total == snapshot.summary.end()) return;
  std::from_chars(total->second.data(), total->second.data() + total->second.size(),
                  pinned.resolved.record_count);
}

Status LakeView::choose_pinned_snapshot(Pinned& pinned) {
  const auto& metadata = *pinned.table->metadata;
  const auto gone = [&](const std::string& what) {
    return Error(ErrorCode::kNotFound, "the table " + pinned.table->ident.to_string() + " " + what);
  };
  const TableEvidence* pin = nullptr;
  for (const auto& candidate : *pins_) {
    if (candidate.uuid == metadata.table_uuid) pin = &candidate;
  }
  if (pin == nullptr) return gone("was not read then");
  const auto* schema = metadata.schema_by_id(pin->schema_id);
  if (schema == nullptr) return gone("does not have the schema any more that it had then");
  pinned.schema = *schema;
  if (!pin->snapshot_id) return {};
  const auto* snapshot = metadata.snapshot_by_id(*pin->snapshot_id);
  if (snapshot == nullptr) return gone("does not have the snapshot any more that was read then");
  use_snapshot(*snapshot, pinned);
  return {};
}

Result<ResolvedTable> LakeView::resolve(const std::string& catalog, const std::string& schema,
                                        const std::string& name, const TableVersion& version) {
  TableVersion wanted = version;
  if (version.kind == TableVersion::Kind::kCurrent) wanted = as_of_;
  const TableIdent ident{TRY(catalog_id(catalog)), catalog::parse_namespace(schema), name};
  const std::string version_key = std::to_string(static_cast<int>(wanted.kind)) + ":" +
                                  std::to_string(wanted.number) + ":" + wanted.ref;
  if (const auto known = known_.find({ident, version_key}); known != known_.end()) {
    return pinned_[known->second]->resolved;
  }
  auto pinned = std::make_unique<Pinned>();
  if (version.kind == TableVersion::Kind::kCurrent && wanted.is_staged() &&
      !TRY(load(ident))->metadata->refs.contains(wanted.ref)) {
    wanted = version;  // a change of another table
  }
  const bool is_current = wanted.kind == TableVersion::Kind::kCurrent;
  if (is_current && pins_ == nullptr) {
    TRY(load_with_hot_rows(ident, *pinned));
  } else {
    pinned->table = TRY(load(ident));
  }
  TRY(is_current && pins_ ? choose_pinned_snapshot(*pinned) : choose_snapshot(wanted, *pinned));
  for (const auto& column : pinned->schema.fields) {
    if (column.initial_default && *column.initial_default != "null") {
      return Error(ErrorCode::kUnsupported, "the column " + column.name +
                                                " has an initial default, which cannot be queried");
    }
  }
  auto& resolved = pinned->resolved;
  resolved.handle = pinned_.size();
  resolved.catalog = catalog;
  resolved.schema = schema;
  resolved.name = pinned->table->ident.name;
  resolved.uuid = pinned->table->metadata->table_uuid;
  resolved.schema_id = pinned->schema.schema_id;
  resolved.columns = pinned->schema.fields;
  TRY(apply_policies(pinned->table->ident, resolved));

  auto& evidence = pinned->evidence;
  evidence.catalog = catalog;
  evidence.schema = schema;
  evidence.name = resolved.name;
  evidence.uuid = resolved.uuid;
  evidence.snapshot_id = resolved.snapshot_id;
  evidence.schema_id = resolved.schema_id;
  known_[{ident, version_key}] = pinned_.size();
  pinned_.push_back(std::move(pinned));
  return pinned_.back()->resolved;
}

Result<ScanPlan> LakeView::plan(uint64_t handle, const std::vector<Conjunct>& conjuncts) {
  if (handle >= pinned_.size()) return Error(ErrorCode::kInternal, "a table that is not pinned");
  Pinned& pinned = *pinned_[handle];
  ScanPlan plan;
  if (pinned.resolved.snapshot_id) {
    const auto files = TRY(catalog_.snapshot_files(*pinned.table, *pinned.resolved.snapshot_id));
    plan = TRY(plan_files(*files, *pinned.table->metadata, pinned.schema, conjuncts));
  }
  auto& evidence = pinned.evidence;
  evidence.files = static_cast<int64_t>(plan.files.size());
  evidence.files_total = plan.files_total;
  evidence.bytes = evidence.rows = evidence.hot_rows = 0;
  for (const auto& file : plan.files) {
    evidence.bytes += file.size_bytes;
    evidence.rows += file.record_count;
  }
  if (!pinned.hot.empty()) {
    for (auto& file :
         TRY(hot_files_.files(pinned.resolved.uuid, pinned.hot, pinned.committed_lsn))) {
      evidence.hot_rows += file.record_count;
      plan.files.push_back(std::move(file));
    }
  }
  return plan;
}

class LakeTables final : public TableProvider {
 public:
  LakeTables(catalog::Catalog& catalog, HotRows* hot_rows, const LakeTablesOptions& options)
      : catalog_(catalog), hot_rows_(hot_rows), hot_files_(options.hot_bytes_max) {}

  std::unique_ptr<TableView> open_view(
      const TableVersion& as_of, std::shared_ptr<const Access> access,
      std::shared_ptr<const std::vector<TableEvidence>> pins) override {
    return std::make_unique<LakeView>(catalog_, hot_rows_, hot_files_, as_of, std::move(access),
                                      std::move(pins));
  }

 private:
  catalog::Catalog& catalog_;
  HotRows* const hot_rows_;
  HotFiles hot_files_;
};

}  // namespace

std::unique_ptr<TableProvider> make_lake_tables(catalog::Catalog& catalog, HotRows* hot_rows,
                                                const LakeTablesOptions& options) {
  return std::make_unique<LakeTables>(catalog, hot_rows, options);
}

}  // namespace firn::query
