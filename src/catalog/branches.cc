#include <algorithm>
#include <map>
#include <set>

#include "catalog/catalog_internal.h"
#include "catalog/commit.h"
#include "iceberg/data_writer.h"

namespace firn::catalog {
namespace {

using iceberg::Snapshot;
using iceberg::TableMetadata;

constexpr const char* kMain = "main";

// A branch, and the snapshot that its own one stands on.
struct Branch {
  const Snapshot* head = nullptr;
  const Snapshot* base = nullptr;
};

Result<TablePtr> load_same(Catalog& catalog, const TableIdent& ident, const Uuid& expected_uuid) {
  auto table = TRY(catalog.load_table(ident));
  if (table->metadata->table_uuid != expected_uuid) {
    return Error(ErrorCode::kNotFound, "Table does not exist: " + ident.to_string(),
                 "another table has the name now");
  }
  return table;
}

Result<Branch> find_branch(const TableMetadata& metadata, const std::string& name) {
  const auto ref = metadata.refs.find(name);
  if (ref == metadata.refs.end() || !ref->second.is_branch) {
    return Error(ErrorCode::kNotFound, "the table has no branch '" + name + "'");
  }
  Branch branch;
  branch.head = metadata.snapshot_by_id(ref->second.snapshot_id);
  if (branch.head != nullptr && branch.head->parent_snapshot_id) {
    branch.base = metadata.snapshot_by_id(*branch.head->parent_snapshot_id);
  }
  if (branch.base == nullptr) {
    return Error(ErrorCode::kConflict, "what the branch '" + name + "' stands on is gone");
  }
  return branch;
}

struct LiveFiles {
  std::map<std::string, const iceberg::DataFile*> data;
  std::set<std::string> deletes;
  std::shared_ptr<const Catalog::SnapshotFiles> holder;  // of what the pointers point at
};

Result<LiveFiles> live_files(Catalog& catalog, const Table& table, int64_t snapshot_id) {
  LiveFiles live;
  live.holder = TRY(catalog.snapshot_files(table, snapshot_id));
  for (const auto& manifest : live.holder->data_manifests) {
    for (const auto& entry : *manifest) live.data[entry.data_file.file_path] = &entry.data_file;
  }
  for (const auto& manifest : live.holder->delete_manifests) {
    for (const auto& entry : *manifest) live.deletes.insert(entry.data_file.file_path);
  }
  return live;
}

// Main becomes the branch's snapshot. CommitConflict where main has moved.
Result<TablePtr> fast_forward(Catalog& catalog, const Table& table, const std::string& name,
                              const Branch& branch) {
  iceberg::SnapshotRef main = table.metadata->refs.at(kMain);
  main.snapshot_id = branch.head->snapshot_id;
  Catalog::TableChange change{
      table.ident,
      {table_is(table.metadata->table_uuid), ref_is(kMain, branch.base->snapshot_id)},
      {{SetSnapshotRef{kMain, main}}, {RemoveSnapshotRef{name}}}};
  auto tables = TRY(catalog.commit({std::move(change)}));
  return std::move(tables.front());
}

// The branch's change, made to what main is now.
Result<AppendRequest> rebased(Catalog& catalog, const Table& table, const std::string& name,
                              const Branch& branch) {
  const LiveFiles before = TRY(live_files(catalog, table, branch.base->snapshot_id));
  const LiveFiles after = TRY(live_files(catalog, table, branch.head->snapshot_id));
  const LiveFiles now = TRY(live_files(catalog, table, *table.metadata->current_snapshot_id));
  AppendRequest request;
  request.dropped_ref = name;
  for (const auto& [path, file] : after.data) {
    if (!before.data.contains(path)) request.files.push_back(*file);
  }
  for (const auto& [path, file] : before.data) {
    if (!after.data.contains(path)) request.removed_files.insert(path);
  }
  for (const std::string& path : now.deletes) {
    // Rows that were deleted since would be there again.
    if (!request.removed_files.empty() && !before.deletes.contains(path)) {
      return Error(ErrorCode::kConflict, "rows that the change replaces were deleted since");
    }
  }
  constexpr std::string_view kCounts[] = {"added-", "deleted-", "removed-", "total-", "changed-"};
  for (const auto& [key, value] : branch.head->summary) {
    const bool is_count =
        std::any_of(std::begin(kCounts), std::end(kCounts),
                    [&](std::string_view start) { return key.starts_with(start); });
    if (!is_count && key != "operation") request.summary[key] = value;
  }
  return request;
}

}  // namespace

Result<TablePtr> Catalog::publish_branch(const TableIdent& ident, const Uuid& expected_uuid,
                                         const std::string& name) {
  const TablePtr table = TRY(load_same(*this, ident, expected_uuid));
  const Branch branch = TRY(find_branch(*table->metadata, name));
  if (table->metadata->current_snapshot_id == branch.base->snapshot_id) {
    auto moved = fast_forward(*this, *table, name, branch);
    if (moved.ok() || moved.error().code() != ErrorCode::kCommitConflict) return moved;
  }
  const TablePtr now = TRY(load_same(*this, ident, expected_uuid));
  return append(ident, expected_uuid,
                TRY(rebased(*this, *now, name, TRY(find_branch(*now->metadata, name)))));
}

Status Catalog::discard_branch(const TableIdent& ident, const Uuid& expected_uuid,
                               const std::string& name) {
  const TablePtr table = TRY(load_same(*this, ident, expected_uuid));
  const TableMetadata& metadata = *table->metadata;
  const auto ref = metadata.refs.find(name);
  if (ref == metadata.refs.end()) return {};
  TableChange change{ident, {table_is(expected_uuid)}, {{RemoveSnapshotRef{name}}}};
  const auto branch = find_branch(metadata, name);
  bool shared = !branch.ok() || branch->head->snapshot_id == metadata.current_snapshot_id;
  for (const auto& [other, at] : metadata.refs) {
    shared = shared || (other != name && at.snapshot_id == ref->second.snapshot_id);
  }
  for (const auto& snapshot : metadata.snapshots) {
    shared = shared || snapshot.parent_snapshot_id == ref->second.snapshot_id;
  }
  if (shared) {
    TRY(commit({std::move(change)}));
    return {};
  }
  change.requirements.push_back(ref_is(name, branch->head->snapshot_id));
  change.updates.push_back({RemoveSnapshots{{branch->head->snapshot_id}}});

  std::vector<std::string> paths = {TRY(iceberg::local_path_of(branch->head->manifest_list))};
  for (const auto& manifest : *TRY(impl_->manifests_of(metadata, *branch->head))) {
    if (manifest.added_snapshot_id != branch->head->snapshot_id) continue;
    paths.push_back(TRY(iceberg::local_path_of(manifest.manifest_path)));
  }
  const LiveFiles before = TRY(live_files(*this, *table, branch->base->snapshot_id));
  const LiveFiles after = TRY(live_files(*this, *table, branch->head->snapshot_id));
  for (const auto& [path, file] : after.data) {
    if (!before.data.contains(path)) paths.push_back(TRY(iceberg::local_path_of(path)));
  }
  TRY(commit({std::move(change)}));
  impl_->remove_files(paths);
  return {};
}

}  // namespace firn::catalog
