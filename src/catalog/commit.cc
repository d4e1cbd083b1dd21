#include "catalog/commit.h"

#include <algorithm>
#include <set>

namespace firn::catalog {
namespace {

using iceberg::TableMetadata;
using Kind = TableRequirement::Kind;

Error requirement_failed(std::string_view what) {
  return Error(ErrorCode::kCommitConflict, "Requirement failed: " + std::string(what));
}

Error refused(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

// The message's number pair is what clients print when they give up.
Status require_equal(int64_t expected, int64_t actual, std::string_view what) {
  if (expected == actual) return {};
  return requirement_failed(std::string(what) + " changed: expected id " +
                            std::to_string(expected) + " != " + std::to_string(actual));
}

Status check_ref(const TableRequirement& requirement, const TableMetadata& base) {
  const auto found = base.refs.find(requirement.ref);
  if (found == base.refs.end()) {
    if (!requirement.value) return {};
    return requirement_failed("branch or tag " + requirement.ref + " is missing, expected " +
                              std::to_string(*requirement.value));
  }
  const std::string kind = found->second.is_branch ? "branch " : "tag ";
  if (!requirement.value) {
    return requirement_failed(kind + requirement.ref + " was created concurrently");
  }
  if (*requirement.value == found->second.snapshot_id) return {};
  return requirement_failed(kind + requirement.ref + " has changed: expected id " +
                            std::to_string(*requirement.value) +
                            " != " + std::to_string(found->second.snapshot_id));
}

}  // namespace

TableRequirement table_is(const Uuid& uuid) {
  TableRequirement requirement;
  requirement.kind = TableRequirement::Kind::kTableUuid;
  requirement.uuid = uuid;
  return requirement;
}

TableRequirement ref_is(const std::string& ref, std::optional<int64_t> snapshot_id) {
  TableRequirement requirement;
  requirement.kind = TableRequirement::Kind::kRefSnapshotId;
  requirement.ref = ref;
  requirement.value = snapshot_id;
  return requirement;
}

Status check_requirement(const TableRequirement& requirement, const TableMetadata* base) {
  if (requirement.kind == Kind::kAssertCreate) {
    if (base == nullptr) return {};
    return requirement_failed("table already exists");
  }
  // What a table that is not there was asked to be holds for none.
  if (base == nullptr) return requirement_failed("table does not exist");
  const int64_t expected = requirement.value.value_or(-1);
  switch (requirement.kind) {
    case Kind::kTableUuid:
      if (requirement.uuid == base->table_uuid) return {};
      return requirement_failed("UUID does not match: expected " + base->table_uuid.to_string() +
                                " != " + requirement.uuid.to_string());
    case Kind::kRefSnapshotId: return check_ref(requirement, *base);
    case Kind::kLastAssignedFieldId:
      return require_equal(expected, base->last_column_id, "last assigned field id");
    case Kind::kCurrentSchemaId:
      return require_equal(expected, base->current_schema_id, "current schema");
    case Kind::kLastAssignedPartitionId:
      return require_equal(expected, base->last_partition_id, "last assigned partition id");
    case Kind::kDefaultSpecId:
      return require_equal(expected, base->default_spec_id, "default partition spec");
    case Kind::kDefaultSortOrderId:
      return require_equal(expected, base->default_sort_order_id, "default sort order");
    case Kind::kAssertCreate: break;
  }
  return {};
}

MetadataBuilder::MetadataBuilder(TableMetadata base, int64_t now_ms)
    : metadata_(std::move(base)), now_ms_(std::max(now_ms, metadata_.last_updated_ms)) {}

MetadataBuilder::MetadataBuilder(int64_t now_ms) : now_ms_(now_ms), is_new_(true) {
  metadata_.current_schema_id = -1;
  metadata_.default_spec_id = -1;
  metadata_.default_sort_order_id = -1;
}

Status MetadataBuilder::apply(const TableUpdate& update_) {
  return std::visit([this](const auto& change) { return update(change); }, update_.change);
}

Result<TableMetadata> MetadataBuilder::finish() {
  if (is_new_) {
    if (metadata_.schemas.empty()) return refused("A new table needs a schema");
    if (metadata_.schema_by_id(metadata_.current_schema_id) == nullptr) {
      metadata_.current_schema_id = metadata_.schemas.back().schema_id;
    }
    if (metadata_.partition_specs.empty()) metadata_.partition_specs.emplace_back();
    if (metadata_.spec_by_id(metadata_.default_spec_id) == nullptr) {
      metadata_.default_spec_id = metadata_.partition_specs.back().spec_id;
    }
    if (metadata_.sort_orders.empty()) metadata_.sort_orders.emplace_back();
    if (metadata_.default_sort_order_id < 0) {
      metadata_.default_sort_order_id = metadata_.sort_orders.back().order_id;
    }
  }
  // A snapshot that was made current and replaced within one commit leaves no trace in the log.
  if (logged_.size() > 1 && !metadata_.snapshot_log.empty()) {
    const std::set<int64_t> passing(logged_.begin(), logged_.end() - 1);
    auto& log = metadata_.snapshot_log;
    const auto added =
        log.end() - static_cast<std::ptrdiff_t>(std::min(logged_.size(), log.size()));
    log.erase(
        std::remove_if(added, log.end() - 1,
                       [&](const auto& entry) { return passing.contains(entry.snapshot_id); }),
        log.end() - 1);
  }
  metadata_.last_updated_ms = now_ms_;
  return std::move(metadata_);
}

Status MetadataBuilder::update(const AssignUuid& change) {
  if (!is_new_ && metadata_.table_uuid != change.uuid) {
    return refused("Cannot reassign uuid: current value " + metadata_.table_uuid.to_string());
  }
  metadata_.table_uuid = change.uuid;
  return {};
}

Status MetadataBuilder::update(const UpgradeFormatVersion& change) {
  if (change.format_version > 3 || change.format_version < 1) {
    return refused("Cannot upgrade table to unsupported format version: v" +
                   std::to_string(change.format_version) + " (supported: v3)");
  }
  // New tables are of version 2 at least: every client reads it, and version 1 gains nothing.
  if (is_new_ && change.format_version < 2) return {};
  if (change.format_version < metadata_.format_version) {
    return refused("Cannot downgrade v" + std::to_string(metadata_.format_version) + " table to v" +
                   std::to_string(change.format_version));
  }
  changed_ = changed_ || change.format_version != metadata_.format_version;
  metadata_.format_version = change.format_version;
  if (change.format_version >= 3 && !metadata_.next_row_id) metadata_.next_row_id = 0;
  return {};
}

Status MetadataBuilder::update(const AddSchema& change) {
  iceberg::Schema schema = change.schema;
  int32_t next_id = 0;
  for (const iceberg::Schema& known : metadata_.schemas) {
    if (known.same_fields(schema)) {
      last_added_schema_ = known.schema_id;
      return {};
    }
    next_id = std::max(next_id, known.schema_id + 1);
  }
  schema.schema_id = next_id;
  metadata_.last_column_id = std::max(metadata_.last_column_id, schema.highest_field_id());
  metadata_.schemas.push_back(std::move(schema));
  last_added_schema_ = next_id;
  changed_ = true;
  return {};
}

Status MetadataBuilder::update(const SetCurrentSchema& change) {
  if (change.schema_id == -1 && !last_added_schema_) {
    return refused("Cannot set last added schema: no schema has been added");
  }
  const int32_t id = change.schema_id == -1 ? *last_added_schema_ : change.schema_id;
  if (metadata_.schema_by_id(id) == nullptr) {
    return refused("Cannot set current schema to unknown schema: " + std::to_string(id));
  }
  changed_ = changed_ || metadata_.current_schema_id != id;
  metadata_.current_schema_id = id;
  return {};
}

Status MetadataBuilder::update(const AddPartitionSpec& change) {
  iceberg::PartitionSpec spec = change.spec;
  int32_t next_id = 0;
  for (const iceberg::PartitionSpec& known : metadata_.partition_specs) {
    // Clients may leave the field ids to the server (-1 or absent); names and transforms decide.
    const bool same = known.fields.size() == spec.fields.size() &&
                      std::equal(known.fields.begin(), known.fields.end(), spec.fields.begin(),
                                 [](const auto& a, const auto& b) {
                                   return a.source_id == b.source_id && a.name == b.name &&
                                          a.transform == b.transform;
                                 });
    if (same) {
      last_added_spec_ = known.spec_id;
      return {};
    }
    next_id = std::max(next_id, known.spec_id + 1);
  }
  for (iceberg::PartitionField& field : spec.fields) {
    if (field.field_id < 1000) field.field_id = metadata_.last_partition_id + 1;
    metadata_.last_partition_id = std::max(metadata_.last_partition_id, field.field_id);
    const bool known_source = std::any_of(
        metadata_.schemas.begin(), metadata_.schemas.end(),
        [&](const iceberg::Schema& schema) { return schema.find(field.source_id) != nullptr; });
    if (!known_source && field.transform.kind != iceberg::TransformKind::kVoid) {
      return refused("Cannot find source column for partition field: " + field.name);
    }
  }
  spec.spec_id = next_id;
  metadata_.partition_specs.push_back(std::move(spec));
  last_added_spec_ = next_id;
  changed_ = true;
  return {};
}

Status MetadataBuilder::update(const SetDefaultSpec& change) {
  if (change.spec_id == -1 && !last_added_spec_) {
    return refused("Cannot set last added spec: no spec has been added");
  }
  const int32_t id = change.spec_id == -1 ? *last_added_spec_ : change.spec_id;
  if (metadata_.spec_by_id(id) == nullptr) {
    return refused("Cannot set default partition spec to unknown spec: " + std::to_string(id));
  }
  changed_ = changed_ || metadata_.default_spec_id != id;
  metadata_.default_spec_id = id;
  return {};
}

Status MetadataBuilder::update(const AddSortOrder& change) {
  iceberg::SortOrder order = change.order;
  int32_t next_id = 1;
  for (const iceberg::SortOrder& known : metadata_.sort_orders) {
    if (known.fields == order.fields) {
      last_added_order_ = known.order_id;
      return {};
    }
    next_id = std::max(next_id, known.order_id + 1);
  }
  order.order_id = order.fields.empty() ? 0 : next_id;  // 0 is reserved for "unsorted"
  last_added_order_ = order.order_id;
  metadata_.sort_orders.push_back(std::move(order));
  changed_ = true;
  return {};
}

Status MetadataBuilder::update(const SetDefaultSortOrder& change) {
  if (change.order_id == -1 && !last_added_order_) {
    return refused("Cannot set last added sort order: no sort order has been added");
  }
  const int32_t id = change.order_id == -1 ? *last_added_order_ : change.order_id;
  const bool known = std::any_of(metadata_.sort_orders.begin(), metadata_.sort_orders.end(),
                                 [&](const auto& order) { return order.order_id == id; });
  if (!known) {
    return refused("Cannot set default sort order to unknown sort order: " + std::to_string(id));
  }
  changed_ = changed_ || metadata_.default_sort_order_id != id;
  metadata_.default_sort_order_id = id;
  return {};
}

Status MetadataBuilder::update(const AddSnapshot& change) {
  iceberg::Snapshot snapshot = change.snapshot;
  if (metadata_.snapshot_by_id(snapshot.snapshot_id) != nullptr) {
    return refused("Snapshot already exists for id: " + std::to_string(snapshot.snapshot_id));
  }
  if (snapshot.manifest_list.empty() && snapshot.manifests.empty()) {
    return refused("A snapshot needs a manifest list");
  }
  if (metadata_.format_version >= 2) {
    // Retried by its client on top of a newer table, it would sort below what is there.
    if (snapshot.sequence_number <= metadata_.last_sequence_number && snapshot.parent_snapshot_id) {
      return Error(ErrorCode::kCommitConflict, "Cannot add snapshot with sequence number " +
                                                   std::to_string(snapshot.sequence_number) +
                                                   " older than last sequence number " +
                                                   std::to_string(metadata_.last_sequence_number));
    }
    metadata_.last_sequence_number =
        std::max(metadata_.last_sequence_number, snapshot.sequence_number);
  }
  if (metadata_.format_version >= 3) {
    const int64_t next_row_id = metadata_.next_row_id.value_or(0);
    if (!snapshot.first_row_id || !snapshot.added_rows || *snapshot.added_rows < 0) {
      return refused("Cannot add a snapshot: first-row-id or added-rows is missing");
    }
    if (*snapshot.first_row_id < next_row_id) {
      return Error(ErrorCode::kCommitConflict,
                   "Cannot add a snapshot, first-row-id is behind table next-row-id: " +
                       std::to_string(*snapshot.first_row_id) + " < " +
                       std::to_string(next_row_id));
    }
    metadata_.next_row_id = *snapshot.first_row_id + *snapshot.added_rows;
  }
  now_ms_ = std::max(now_ms_, snapshot.timestamp_ms);
  added_snapshots_.push_back(snapshot.snapshot_id);
  metadata_.snapshots.push_back(std::move(snapshot));
  changed_ = true;
  return {};
}

Status MetadataBuilder::update(const SetSnapshotRef& change) {
  const iceberg::Snapshot* snapshot = metadata_.snapshot_by_id(change.ref.snapshot_id);
  if (snapshot == nullptr) {
    return refused("Cannot set " + change.name +
                   " to unknown snapshot: " + std::to_string(change.ref.snapshot_id));
  }
  const auto known = metadata_.refs.find(change.name);
  const bool moves =
      known == metadata_.refs.end() || known->second.snapshot_id != change.ref.snapshot_id;
  metadata_.refs[change.name] = change.ref;
  changed_ = true;
  if (change.name != "main" || !moves) return {};
  if (!change.ref.is_branch) return refused("main has to be a branch");
  metadata_.current_snapshot_id = change.ref.snapshot_id;
  const bool is_added = std::find(added_snapshots_.begin(), added_snapshots_.end(),
                                  change.ref.snapshot_id) != added_snapshots_.end();
  // A new snapshot is current from its own time on, an old one again from now.
  const int64_t at_ms = is_added ? snapshot->timestamp_ms : now_ms_;
  metadata_.snapshot_log.push_back({at_ms, change.ref.snapshot_id});
  logged_.push_back(change.ref.snapshot_id);
  return {};
}

Status MetadataBuilder::update(const RemoveSnapshots& change) {
  const std::set<int64_t> gone(change.snapshot_ids.begin(), change.snapshot_ids.end());
  const size_t before = metadata_.snapshots.size();
  std::erase_if(metadata_.snapshots,
                [&](const auto& snapshot) { return gone.contains(snapshot.snapshot_id); });
  std::erase_if(metadata_.refs,
                [&](const auto& ref) { return gone.contains(ref.second.snapshot_id); });
  std::erase_if(metadata_.statistics,
                [&](const auto& entry) { return gone.contains(entry.first); });
  std::erase_if(metadata_.partition_statistics,
                [&](const auto& entry) { return gone.contains(entry.first); });
  if (metadata_.current_snapshot_id && gone.contains(*metadata_.current_snapshot_id)) {
    metadata_.current_snapshot_id.reset();
  }
  // History before a removed snapshot can no longer be told.
  auto& log = metadata_.snapshot_log;
  const auto last_gone = std::find_if(log.rbegin(), log.rend(), [&](const auto& entry) {
    return gone.contains(entry.snapshot_id);
  });
  log.erase(log.begin(), last_gone.base());
  changed_ = changed_ || metadata_.snapshots.size() != before;
  return {};
}

Status MetadataBuilder::update(const RemoveSnapshotRef& change) {
  changed_ = metadata_.refs.erase(change.name) > 0 || changed_;
  if (change.name == "main") metadata_.current_snapshot_id.reset();
  return {};
}

Status MetadataBuilder::update(const SetLocation& change) {
  std::string location = change.location;
  while (location.size() > 1 && location.back() == '/') location.pop_back();
  changed_ = changed_ || metadata_.location != location;
  metadata_.location = std::move(location);
  return {};
}

Status MetadataBuilder::update(const SetProperties& change) {
  for (const auto& [name, value] : change.updates) {
    // Reserved: it asks for an upgrade and is no property.
    if (name == "format-version") continue;
    metadata_.properties[name] = value;
    changed_ = true;
  }
  return {};
}

Status MetadataBuilder::update(const RemoveProperties& change) {
  for (const std::string& name : change.removals) {
    changed_ = metadata_.properties.erase(name) > 0 || changed_;
  }
  return {};
}

Status MetadataBuilder::update(const SetStatistics& change) {
  metadata_.statistics[change.snapshot_id] = change.json;
  changed_ = true;
  return {};
}

Status MetadataBuilder::update(const RemoveStatistics& change) {
  changed_ = metadata_.statistics.erase(change.snapshot_id) > 0 || changed_;
  return {};
}

Status MetadataBuilder::update(const SetPartitionStatistics& change) {
  metadata_.partition_statistics[change.snapshot_id] = change.json;
  changed_ = true;
  return {};
}

Status MetadataBuilder::update(const RemovePartitionStatistics& change) {
  changed_ = metadata_.partition_statistics.erase(change.snapshot_id) > 0 || changed_;
  return {};
}

Status MetadataBuilder::update(const RemovePartitionSpecs& change) {
  const std::set<int64_t> gone(change.spec_ids.begin(), change.spec_ids.end());
  if (gone.contains(metadata_.default_spec_id)) {
    return refused("Cannot remove the default partition spec");
  }
  const auto removed = std::erase_if(metadata_.partition_specs,
                                     [&](const auto& spec) { return gone.contains(spec.spec_id); });
  changed_ = changed_ || removed > 0;
  return {};
}

Status MetadataBuilder::update(const RemoveSchemas& change) {
  const std::set<int64_t> gone(change.schema_ids.begin(), change.schema_ids.end());
  if (gone.contains(metadata_.current_schema_id)) {
    return refused("Cannot remove the current schema");
  }
  const auto removed = std::erase_if(
      metadata_.schemas, [&](const auto& schema) { return gone.contains(schema.schema_id); });
  changed_ = changed_ || removed > 0;
  return {};
}

Status MetadataBuilder::update(const AddEncryptionKey& change) {
  metadata_.encryption_keys[change.key_id] = change.json;
  changed_ = true;
  return {};
}

Status MetadataBuilder::update(const RemoveEncryptionKey& change) {
  changed_ = metadata_.encryption_keys.erase(change.key_id) > 0 || changed_;
  return {};
}

}  // namespace firn::catalog
