#include "query/pruning.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace firn::query {
namespace {

using iceberg::TypeId;
using iceberg::Value;

// What is known of the values of one column, or one partition field, in one file.
struct Known {
  std::optional<Value> lower;
  std::optional<Value> upper;
  bool nulls_possible = true;
  bool values_possible = true;  // other than null
  bool nan_possible = true;
};

bool is_nan(const Value& value) {
  if (const auto* f = std::get_if<float>(&value)) return std::isnan(*f);
  if (const auto* d = std::get_if<double>(&value)) return std::isnan(*d);
  return false;
}

bool is_floating(const iceberg::Type& type) {
  return type.id == TypeId::kFloat || type.id == TypeId::kDouble;
}

// DuckDB holds -0.0 and 0.0 for equal.
Value without_negative_zero(Value value) {
  if (auto* f = std::get_if<float>(&value); f != nullptr && *f == 0) *f = 0;
  if (auto* d = std::get_if<double>(&value); d != nullptr && *d == 0) *d = 0;
  return value;
}

// A value as one of `type`, to which its own type was promoted; none where that is not so.
std::optional<Value> as_type(Value value, const iceberg::Type& type) {
  switch (type.id) {
    case TypeId::kLong:
      if (const auto* narrow = std::get_if<int32_t>(&value)) return Value(int64_t{*narrow});
      return std::holds_alternative<int64_t>(value) ? std::optional(value) : std::nullopt;
    case TypeId::kDouble:
      if (const auto* narrow = std::get_if<float>(&value)) value = double{*narrow};
      if (!std::holds_alternative<double>(value)) return std::nullopt;
      return without_negative_zero(std::move(value));
    case TypeId::kFloat:
      if (!std::holds_alternative<float>(value)) return std::nullopt;
      return without_negative_zero(std::move(value));
    case TypeId::kBoolean:
      return std::holds_alternative<bool>(value) ? std::optional(value) : std::nullopt;
    case TypeId::kInt:
    case TypeId::kDate:
      return std::holds_alternative<int32_t>(value) ? std::optional(value) : std::nullopt;
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
      return std::holds_alternative<int64_t>(value) ? std::optional(value) : std::nullopt;
    case TypeId::kDecimal:
      return std::holds_alternative<iceberg::DecimalValue>(value) ? std::optional(value)
                                                                  : std::nullopt;
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kFixed:
    case TypeId::kUuid:
      return std::holds_alternative<std::string>(value) ? std::optional(value) : std::nullopt;
    default: return std::nullopt;
  }
}

// A bound as manifests hold it, written when the column had this type or one promoted to it.
std::optional<Value> read_bound(const std::map<int32_t, std::string>& bounds, int32_t field_id,
                                const iceberg::Type& type) {
  const auto found = bounds.find(field_id);
  if (found == bounds.end()) return std::nullopt;
  TypeId written = type.id;
  if (type.id == TypeId::kLong && found->second.size() == 4) written = TypeId::kInt;
  if (type.id == TypeId::kDouble && found->second.size() == 4) written = TypeId::kFloat;
  const auto value = written == type.id
                         ? iceberg::deserialize_value(type, found->second)
                         : iceberg::deserialize_value(*iceberg::primitive(written), found->second);
  if (!value.ok() || is_nan(*value)) return std::nullopt;
  return as_type(*value, type);
}

bool range_may_hold(const Known& known, const iceberg::Type& type, CompareOp op, const Value& c) {
  const auto below = [&](const Value& a, const Value& b) {
    return iceberg::compare_values(type, a, b) < 0;
  };
  switch (op) {
    case CompareOp::kEqual:
      return !(known.lower && below(c, *known.lower)) && !(known.upper && below(*known.upper, c));
    case CompareOp::kLess: return !(known.lower && !below(*known.lower, c));
    case CompareOp::kLessEqual: return !(known.lower && below(c, *known.lower));
    // For DuckDB, NaN is greater than every number; bounds leave it out.
    case CompareOp::kGreater:
      return known.nan_possible || !(known.upper && !below(c, *known.upper));
    case CompareOp::kGreaterEqual:
      return known.nan_possible || !(known.upper && below(*known.upper, c));
    default: return true;
  }
}

bool starts_may_hold(const Known& known, const std::string& prefix) {
  const auto* lower = known.lower ? std::get_if<std::string>(&*known.lower) : nullptr;
  const auto* upper = known.upper ? std::get_if<std::string>(&*known.upper) : nullptr;
  // Everything with the prefix lies above a larger lower bound's own prefix, and the other way.
  if (lower != nullptr && lower->substr(0, prefix.size()) > prefix) return false;
  if (upper != nullptr && upper->substr(0, prefix.size()) < prefix) return false;
  return true;
}

// Constants are of `type`. kNotEqual only excludes where the bounds are exact.
bool may_hold(const Known& known, const iceberg::Type& type, CompareOp op,
              const std::vector<Value>& constants) {
  if (op == CompareOp::kIsNull) return known.nulls_possible;
  if (!known.values_possible) return false;
  if (op == CompareOp::kIsNotNull) return true;
  if (std::any_of(constants.begin(), constants.end(), is_nan)) return true;
  switch (op) {
    case CompareOp::kIn:
      return std::any_of(constants.begin(), constants.end(), [&](const Value& c) {
        return range_may_hold(known, type, CompareOp::kEqual, c);
      });
    case CompareOp::kStartsWith: {
      const auto* prefix = std::get_if<std::string>(&constants.at(0));
      return prefix == nullptr || starts_may_hold(known, *prefix);
    }
    case CompareOp::kNotEqual: {
      const bool exact = type.id != TypeId::kString && type.id != TypeId::kBinary &&
                         type.id != TypeId::kFixed && !is_floating(type);
      return !(exact && known.lower && known.upper &&
               iceberg::compare_values(type, *known.lower, *known.upper) == 0 &&
               iceberg::compare_values(type, *known.lower, constants.at(0)) == 0);
    }
    default: return range_may_hold(known, type, op, constants.at(0));
  }
}

Known known_of_column(const iceberg::DataFile& file, int32_t field_id, const iceberg::Type& type) {
  Known known;
  known.lower = read_bound(file.lower_bounds, field_id, type);
  known.upper = read_bound(file.upper_bounds, field_id, type);
  const auto nulls = file.null_value_counts.find(field_id);
  const auto values = file.value_counts.find(field_id);
  if (nulls != file.null_value_counts.end()) {
    known.nulls_possible = nulls->second != 0;
    known.values_possible = values == file.value_counts.end() || values->second != nulls->second;
  }
  const auto nans = file.nan_value_counts.find(field_id);
  known.nan_possible =
      is_floating(type) && !(nans != file.nan_value_counts.end() && nans->second == 0);
  return known;
}

bool is_time_transform(iceberg::TransformKind kind) {
  using iceberg::TransformKind;
  return kind == TransformKind::kYear || kind == TransformKind::kMonth ||
         kind == TransformKind::kDay || kind == TransformKind::kHour;
}

// Early writers rounded moments before 1970 towards zero: such a partition may be one too high.
void allow_rounding(Known& known) {
  if (auto* number = std::get_if<int32_t>(&*known.lower); number != nullptr && *number <= 0) {
    known.lower = Value(*number - 1);
  }
}

bool partition_may_hold(const iceberg::PartitionField& field, const Value& partition,
                        const iceberg::Type& source, const Conjunct& conjunct,
                        const std::vector<Value>& constants) {
  using iceberg::TransformKind;
  const auto kind = field.transform.kind;
  if (kind == TransformKind::kVoid || kind == TransformKind::kUnknown) return true;
  if (!field.transform.accepts(source)) return true;
  const bool is_null = std::holds_alternative<std::monostate>(partition);
  if (conjunct.op == CompareOp::kIsNull) return is_null;
  if (is_null) return false;
  if (conjunct.op == CompareOp::kIsNotNull) return true;
  if (std::any_of(constants.begin(), constants.end(), is_nan)) return true;

  const auto type = field.transform.result_type(std::make_shared<const iceberg::Type>(source));
  auto value = as_type(partition, *type);
  if (!value) return true;
  Known known;
  known.nan_possible = is_nan(*value);
  if (known.nan_possible) return true;
  known.lower = known.upper = *value;
  if (is_time_transform(kind)) allow_rounding(known);
  if (kind == TransformKind::kIdentity) return may_hold(known, *type, conjunct.op, constants);

  std::vector<Value> projected;
  for (const auto& constant : constants) {
    auto applied = as_type(field.transform.apply(source, constant), *type);
    if (!applied) return true;
    projected.push_back(std::move(*applied));
  }
  switch (conjunct.op) {
    case CompareOp::kEqual:
    case CompareOp::kIn: return may_hold(known, *type, conjunct.op, projected);
    case CompareOp::kLess:
    case CompareOp::kLessEqual:
      return kind == TransformKind::kBucket ||
             may_hold(known, *type, CompareOp::kLessEqual, projected);
    case CompareOp::kGreater:
    case CompareOp::kGreaterEqual:
      return kind == TransformKind::kBucket ||
             may_hold(known, *type, CompareOp::kGreaterEqual, projected);
    default: return true;
  }
}

}  // namespace

bool may_match(const iceberg::DataFile& file, const iceberg::PartitionSpec& spec,
               const iceberg::Schema& schema, const std::vector<Conjunct>& conjuncts) {
  for (const auto& conjunct : conjuncts) {
    const auto* column = schema.find(conjunct.field_id);
    if (column == nullptr || column->type->is_nested()) continue;
    const bool takes_constants =
        conjunct.op != CompareOp::kIsNull && conjunct.op != CompareOp::kIsNotNull;
    std::vector<Value> constants;
    for (const auto& constant : conjunct.constants) {
      auto typed = as_type(constant, *column->type);
      if (!typed) break;
      constants.push_back(std::move(*typed));
    }
    if (constants.size() != conjunct.constants.size()) continue;
    if (takes_constants && constants.empty()) continue;
    const auto known = known_of_column(file, column->id, *column->type);
    if (!may_hold(known, *column->type, conjunct.op, constants)) return false;
    for (size_t i = 0; i < spec.fields.size() && i < file.partition.size(); ++i) {
      if (spec.fields[i].source_id != column->id) continue;
      if (!partition_may_hold(spec.fields[i], file.partition[i], *column->type, conjunct,
                              constants)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace firn::query
