#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "iceberg/metadata.h"

// Requirements and updates of the REST catalog OpenAPI, and what they do to table metadata.
namespace firn::catalog {

struct TableRequirement {
  enum class Kind {
    kAssertCreate,
    kTableUuid,
    kRefSnapshotId,
    kLastAssignedFieldId,
    kCurrentSchemaId,
    kLastAssignedPartitionId,
    kDefaultSpecId,
    kDefaultSortOrderId
  };
  Kind kind = Kind::kAssertCreate;
  Uuid uuid;
  std::string ref;
  std::optional<int64_t> value;  // kRefSnapshotId: none is "the ref must not exist"
};

// The table is still this one.
TableRequirement table_is(const Uuid& uuid);
// The ref is at this snapshot; none: there is no such ref.
TableRequirement ref_is(const std::string& ref, std::optional<int64_t> snapshot_id);

struct AssignUuid {
  Uuid uuid;
};
struct UpgradeFormatVersion {
  int32_t format_version = 2;
};
// Ids of -1 mean "the one last added in this commit".
struct AddSchema {
  iceberg::Schema schema;
};
struct SetCurrentSchema {
  int32_t schema_id = -1;
};
struct AddPartitionSpec {
  iceberg::PartitionSpec spec;
};
struct SetDefaultSpec {
  int32_t spec_id = -1;
};
struct AddSortOrder {
  iceberg::SortOrder order;
};
struct SetDefaultSortOrder {
  int32_t order_id = -1;
};
struct AddSnapshot {
  iceberg::Snapshot snapshot;
};
struct SetSnapshotRef {
  std::string name;
  iceberg::SnapshotRef ref;
};
struct RemoveSnapshots {
  std::vector<int64_t> snapshot_ids;
};
struct RemoveSnapshotRef {
  std::string name;
};
struct SetLocation {
  std::string location;
};
struct SetProperties {
  iceberg::Properties updates;
};
struct RemoveProperties {
  std::vector<std::string> removals;
};
struct SetStatistics {
  int64_t snapshot_id = 0;
  std::string json;
};
struct RemoveStatistics {
  int64_t snapshot_id = 0;
};
struct SetPartitionStatistics {
  int64_t snapshot_id = 0;
  std::string json;
};
struct RemovePartitionStatistics {
  int64_t snapshot_id = 0;
};
struct RemovePartitionSpecs {
  std::vector<int64_t> spec_ids;
};
struct RemoveSchemas {
  std::vector<int64_t> schema_ids;
};
struct AddEncryptionKey {
  std::string key_id;
  std::string json;
};
struct RemoveEncryptionKey {
  std::string key_id;
};

struct TableUpdate {
  std::variant<AssignUuid, UpgradeFormatVersion, AddSchema, SetCurrentSchema, AddPartitionSpec,
               SetDefaultSpec, AddSortOrder, SetDefaultSortOrder, AddSnapshot, SetSnapshotRef,
               RemoveSnapshots, RemoveSnapshotRef, SetLocation, SetProperties, RemoveProperties,
               SetStatistics, RemoveStatistics, SetPartitionStatistics, RemovePartitionStatistics,
               RemovePartitionSpecs, RemoveSchemas, AddEncryptionKey, RemoveEncryptionKey>
      change;
};

// `base` is null where there is no table. Errors: CommitConflict "Requirement failed: ...".
Status check_requirement(const TableRequirement& requirement, const iceberg::TableMetadata* base);

// Applies updates one after the other. Not thread-safe. Errors: InvalidArgument for an update that
// cannot be applied to this table.
class MetadataBuilder {
 public:
  // Of a table as it is, or of one that does not exist yet.
  MetadataBuilder(iceberg::TableMetadata base, int64_t now_ms);
  explicit MetadataBuilder(int64_t now_ms);

  Status apply(const TableUpdate& update);
  // Errors: InvalidArgument where a new table lacks a schema.
  Result<iceberg::TableMetadata> finish();
  bool changed() const { return changed_; }

 private:
  Status update(const AssignUuid& change);
  Status update(const UpgradeFormatVersion& change);
  Status update(const AddSchema& change);
  Status update(const SetCurrentSchema& change);
  Status update(const AddPartitionSpec& change);
  Status update(const SetDefaultSpec& change);
  Status update(const AddSortOrder& change);
  Status update(const SetDefaultSortOrder& change);
  Status update(const AddSnapshot& change);
  Status update(const SetSnapshotRef& change);
  Status update(const RemoveSnapshots& change);
  Status update(const RemoveSnapshotRef& change);
  Status update(const SetLocation& change);
  Status update(const SetProperties& change);
  Status update(const RemoveProperties& change);
  Status update(const SetStatistics& change);
  Status update(const RemoveStatistics& change);
  Status update(const SetPartitionStatistics& change);
  Status update(const RemovePartitionStatistics& change);
  Status update(const RemovePartitionSpecs& change);
  Status update(const RemoveSchemas& change);
  Status update(const AddEncryptionKey& change);
  Status update(const RemoveEncryptionKey& change);

  iceberg::TableMetadata metadata_;
  int64_t now_ms_;
  bool is_new_ = false;
  bool changed_ = false;
  std::optional<int32_t> last_added_schema_;
  std::optional<int32_t> last_added_spec_;
  std::optional<int32_t> last_added_order_;
  std::vector<int64_t> added_snapshots_;
  std::vector<int64_t> logged_;  // snapshots that this commit made current
};

}  // namespace firn::catalog
