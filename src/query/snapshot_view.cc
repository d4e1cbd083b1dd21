#include "query/snapshot_view.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "query/scan_planning.h"

namespace firn::query {
namespace {

using catalog::TableIdent;

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

class SnapshotView final : public TableView {
 public:
  SnapshotView(std::unique_ptr<SnapshotSource> source, const HotTier* hot, TableVersion as_of,
               std::shared_ptr<const std::vector<TableEvidence>> pins)
      : source_(std::move(source)), hot_(hot), as_of_(std::move(as_of)), pins_(std::move(pins)) {}

  Result<std::vector<std::string>> list_catalogs() override {
    std::vector<std::string> names;
    for (auto& catalog : TRY(source_->catalogs())) names.push_back(std::move(catalog.name));
    return names;
  }

  Result<std::vector<std::string>> list_schemas(const std::string& catalog) override {
    return source_->list_schemas(TRY(catalog_id(catalog)));
  }

  Result<std::vector<std::string>> list_tables(const std::string& catalog,
                                               const std::string& schema) override {
    return source_->list_tables(TRY(catalog_id(catalog)), schema);
  }

  Result<ResolvedTable> resolve(const std::string& catalog, const std::string& schema,
                                const std::string& name, const TableVersion& version) override;
  Result<ScanPlan> plan(uint64_t handle, const std::vector<Conjunct>& conjuncts) override;
  Result<std::shared_ptr<OwnedDescriptor>> planned_file(const std::string& path) override {
    return source_->planned_file(path);
  }

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
      TRY(hot_->rows.commit(pinned->table->metadata->table_uuid));
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
  Result<std::string> catalog_id(const std::string& name);
  Result<catalog::TablePtr> load(const TableIdent& ident);
  Status load_with_hot_rows(const TableIdent& ident, Pinned& pinned);
  Status choose_snapshot(const TableVersion& version, Pinned& pinned);
  Status choose_pinned_snapshot(Pinned& pinned);
  static void use_snapshot(const iceberg::Snapshot& snapshot, Pinned& pinned);

  const std::unique_ptr<SnapshotSource> source_;
  const HotTier* const hot_;  // null: every row is in a file
  const TableVersion as_of_;
  const std::shared_ptr<const std::vector<TableEvidence>> pins_;  // null: none
  std::vector<std::unique_ptr<Pinned>> pinned_;
  std::map<std::pair<TableIdent, std::string>, size_t> known_;
};

Result<std::string> SnapshotView::catalog_id(const std::string& name) {
  for (auto& catalog : TRY(source_->catalogs())) {
    if (catalog.name == name) return std::move(catalog.id);
  }
  return Error(ErrorCode::kNotFound, "there is no catalog '" + name + "'");
}

Result<catalog::TablePtr> SnapshotView::load(const TableIdent& ident) {
  auto table = source_->load_table(ident);
  if (table.ok() || table.error().code() != ErrorCode::kNotFound) return table;
  auto others = source_->list_tables(ident.catalog, catalog::namespace_text(ident.levels));
  if (!others.ok()) return table;
  const std::string* only = nullptr;
  for (const auto& other : *others) {
    if (!same_but_for_case(other, ident.name)) continue;
    if (only != nullptr) return table;
    only = &other;
  }
  if (only == nullptr) return table;
  return source_->load_table({ident.catalog, ident.levels, *only});
}

// The batches are taken before the metadata that says which of them are committed: a commit in
// between makes rows appear in both, and the watermark tells; the other way they would be lost.
Status SnapshotView::load_with_hot_rows(const TableIdent& ident, Pinned& pinned) {
  pinned.table = TRY(load(ident));
  if (hot_ == nullptr) return {};
  for (int i = 0; i < kHotRetriesMax; ++i) {
    const Uuid uuid = pinned.table->metadata->table_uuid;
    auto batches = hot_->rows.hot_batches(uuid);
    pinned.table = TRY(load(ident));
    // Dropped and made anew in between.
    if (pinned.table->metadata->table_uuid != uuid) continue;
    pinned.committed_lsn = hot_->rows.committed_lsn(*pinned.table->metadata);
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

Status SnapshotView::choose_snapshot(const TableVersion& version, Pinned& pinned) {
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

void SnapshotView::use_snapshot(const iceberg::Snapshot& snapshot, Pinned& pinned) {
  pinned.resolved.snapshot_id = snapshot.snapshot_id;
  const auto total = snapshot.summary.find("total-records");
  if (total == snapshot.summary.end()) return;
  std::from_chars(total->second.data(), total->second.data() + total->second.size(),
                  pinned.resolved.record_count);
}

Status SnapshotView::choose_pinned_snapshot(Pinned& pinned) {
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

Result<ResolvedTable> SnapshotView::resolve(const std::string& catalog, const std::string& schema,
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
  auto access = TRY(source_->access_to(*pinned->table));
  resolved.rules = std::move(access.rules);
  resolved.caller = std::move(access.caller);

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

Result<ScanPlan> SnapshotView::plan(uint64_t handle, const std::vector<Conjunct>& conjuncts) {
  if (handle >= pinned_.size()) return Error(ErrorCode::kInternal, "a table that is not pinned");
  Pinned& pinned = *pinned_[handle];
  ScanPlan plan;
  if (pinned.resolved.snapshot_id) {
    const auto files = TRY(source_->snapshot_files(*pinned.table, *pinned.resolved.snapshot_id));
    plan = TRY(plan_files(
        *files, *pinned.table->metadata, pinned.schema, conjuncts,
        [&](const iceberg::DataFile& file) { return source_->worker_path(*pinned.table, file); }));
    plan.fetched = source_->fetches();
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
         TRY(hot_->files.files(pinned.resolved.uuid, pinned.hot, pinned.committed_lsn))) {
      evidence.hot_rows += file.record_count;
      plan.files.push_back(std::move(file));
    }
  }
  return plan;
}

}  // namespace

std::unique_ptr<TableView> make_snapshot_view(
    std::unique_ptr<SnapshotSource> source, const HotTier* hot, const TableVersion& as_of,
    std::shared_ptr<const std::vector<TableEvidence>> pins) {
  return std::make_unique<SnapshotView>(std::move(source), hot, as_of, std::move(pins));
}

}  // namespace firn::query
