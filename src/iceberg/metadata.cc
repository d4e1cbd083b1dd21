#include "iceberg/metadata.h"

#include <unordered_map>

#include "base/check.h"

namespace firn::iceberg {

const Schema& TableMetadata::schema() const {
  const Schema* current = schema_by_id(current_schema_id);
  CHECK(current != nullptr);  // the parser and every update see to it
  return *current;
}

const PartitionSpec& TableMetadata::spec() const {
  const PartitionSpec* current = spec_by_id(default_spec_id);
  CHECK(current != nullptr);
  return *current;
}

const Schema* TableMetadata::schema_by_id(int32_t id) const {
  for (const Schema& schema : schemas) {
    if (schema.schema_id == id) return &schema;
  }
  return nullptr;
}

const PartitionSpec* TableMetadata::spec_by_id(int32_t id) const {
  for (const PartitionSpec& spec : partition_specs) {
    if (spec.spec_id == id) return &spec;
  }
  return nullptr;
}

const Snapshot* TableMetadata::snapshot_by_id(int64_t id) const {
  // The wanted one is nearly always among the newest.
  for (auto snapshot = snapshots.rbegin(); snapshot != snapshots.rend(); ++snapshot) {
    if (snapshot->snapshot_id == id) return &*snapshot;
  }
  return nullptr;
}

const Snapshot* TableMetadata::current_snapshot() const {
  return current_snapshot_id ? snapshot_by_id(*current_snapshot_id) : nullptr;
}

const Snapshot* TableMetadata::snapshot_as_of(int64_t timestamp_ms) const {
  const SnapshotLogEntry* found = nullptr;
  for (const SnapshotLogEntry& entry : snapshot_log) {
    if (entry.timestamp_ms > timestamp_ms) break;
    found = &entry;
  }
  return found == nullptr ? nullptr : snapshot_by_id(found->snapshot_id);
}

std::vector<const Snapshot*> TableMetadata::ancestry() const {
  std::unordered_map<int64_t, const Snapshot*> left;
  for (const Snapshot& snapshot : snapshots) left.emplace(snapshot.snapshot_id, &snapshot);
  std::vector<const Snapshot*> found;
  for (auto next = current_snapshot_id; next;) {
    const auto at = left.find(*next);
    if (at == left.end()) break;
    found.push_back(at->second);
    next = at->second->parent_snapshot_id;
    left.erase(at);  // so that hostile metadata cannot send us in a circle
  }
  return found;
}

const Snapshot* TableMetadata::snapshot_of_ref(std::string_view name) const {
  const auto ref = refs.find(std::string(name));
  if (ref == refs.end()) return name == "main" ? current_snapshot() : nullptr;
  return snapshot_by_id(ref->second.snapshot_id);
}

}  // namespace firn::iceberg
