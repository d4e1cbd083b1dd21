#include "iceberg/metadata.h"

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
  const Snapshot* found = nullptr;
  for (const SnapshotLogEntry& entry : snapshot_log) {
    if (entry.timestamp_ms > timestamp_ms) break;
    found = snapshot_by_id(entry.snapshot_id);
  }
  return found;
}

const Snapshot* TableMetadata::snapshot_of_ref(std::string_view name) const {
  const auto ref = refs.find(std::string(name));
  if (ref == refs.end()) return name == "main" ? current_snapshot() : nullptr;
  return snapshot_by_id(ref->second.snapshot_id);
}

}  // namespace firn::iceberg
