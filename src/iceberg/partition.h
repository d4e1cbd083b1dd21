#pragma once

#include <string>
#include <vector>

#include "iceberg/types.h"

namespace firn::iceberg {

enum class TransformKind : uint8_t {
  kIdentity,
  kBucket,
  kTruncate,
  kYear,
  kMonth,
  kDay,
  kHour,
  kVoid,
  kUnknown
};

struct Transform {
  TransformKind kind = TransformKind::kIdentity;
  int32_t parameter = 0;     // buckets, or truncate's width
  std::string unknown_name;  // kUnknown: kept as read

  std::string to_string() const;  // "bucket[16]"
  static Result<Transform> parse(std::string_view text);
  bool operator==(const Transform&) const = default;

  // Whether the transform is defined for this source type.
  bool accepts(const Type& source) const;
  // The type of a partition value. Days are dates.
  TypePtr result_type(const TypePtr& source) const;
  // Null stays null. `value` is of type `source`, which the transform accepts.
  Value apply(const Type& source, const Value& value) const;
};

struct PartitionField {
  int32_t source_id = 0;
  int32_t field_id = 0;  // from 1000
  std::string name;
  Transform transform;
  bool operator==(const PartitionField&) const = default;
};

struct PartitionSpec {
  int32_t spec_id = 0;
  std::vector<PartitionField> fields;
  bool is_unpartitioned() const { return fields.empty(); }
};

struct SortField {
  int32_t source_id = 0;
  Transform transform;
  bool ascending = true;
  bool nulls_first = true;
  bool operator==(const SortField&) const = default;
};

struct SortOrder {
  int32_t order_id = 0;
  std::vector<SortField> fields;
};

// The struct type of partition tuples: an optional field for each field of the spec, in order.
// A source column that is gone gives an unknown type.
TypePtr partition_type(const PartitionSpec& spec, const Schema& schema);
// "day=2013-01-01/carrier=UA", for a file's folder: ASCII letters, digits, '.', '-' and '_' only,
// so that no reader has anything to unescape; two values may share a folder.
std::string partition_path(const PartitionSpec& spec, const Schema& schema,
                           const std::vector<Value>& values);

}  // namespace firn::iceberg
