#include "iceberg/partition_split_internal.h"

#include <arrow/array.h>
#include <arrow/compute/api.h>
#include <arrow/record_batch.h>
#include <arrow/util/decimal.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <unordered_map>

#include "base/bytes.h"

namespace firn::iceberg {
namespace {

template <typename Array>
auto raw(const arrow::Array& array, int64_t row) {
  return static_cast<const Array&>(array).Value(row);
}

// NaN has many bit patterns, -0.0 and 0.0 are two; a partition has one.
template <typename T>
T canonical(T value) {
  if (std::isnan(value)) return std::numeric_limits<T>::quiet_NaN();
  return value == 0 ? T{0} : value;
}

bool find_column(const std::vector<Field>& fields, int32_t id, std::vector<size_t>& path,
                 TypePtr& type) {
  for (size_t i = 0; i < fields.size(); ++i) {
    path.push_back(i);
    if (fields[i].id == id) {
      type = fields[i].type;
      return true;
    }
    if (fields[i].type->id == TypeId::kStruct &&
        find_column(fields[i].type->fields, id, path, type)) {
      return true;
    }
    path.pop_back();
  }
  return false;
}

// The column at a path, its parents' nulls applied.
Result<std::shared_ptr<arrow::Array>> column_at(const arrow::RecordBatch& batch,
                                                const std::vector<size_t>& path) {
  std::shared_ptr<arrow::Array> array = batch.column(static_cast<int>(path[0]));
  for (size_t i = 1; i < path.size(); ++i) {
    auto child =
        static_cast<const arrow::StructArray&>(*array).GetFlattenedField(static_cast<int>(path[i]));
    if (!child.ok()) return Error(ErrorCode::kInternal, "out of memory", child.status().ToString());
    array = *child;
  }
  return array;
}

void append_key(std::string& key, const Type& type, const Value& value) {
  if (value.index() == 0) {
    key.push_back('\0');
    return;
  }
  const std::string bytes = serialize_value(type, value);
  key.push_back('\1');
  append_le(key, static_cast<uint32_t>(bytes.size()));
  key += bytes;
}

struct Group {
  std::vector<Value> values;
  std::vector<int64_t> rows;
};

Result<std::shared_ptr<arrow::RecordBatch>> rows_of(
    const std::shared_ptr<arrow::RecordBatch>& batch, const std::vector<int64_t>& rows) {
  const int64_t count = static_cast<int64_t>(rows.size());
  if (count == batch->num_rows()) return batch;
  if (rows.back() - rows.front() + 1 == count) return batch->Slice(rows.front(), count);
  static std::once_flag once;
  std::call_once(once, [] { (void)arrow::compute::Initialize(); });
  const auto indices =
      std::make_shared<arrow::Int64Array>(count, arrow::Buffer::Wrap(rows.data(), rows.size()));
  auto taken = arrow::compute::Take(batch, indices, arrow::compute::TakeOptions::NoBoundsCheck());
  if (!taken.ok()) {
    return Error(ErrorCode::kInternal, "rows could not be split", taken.status().ToString());
  }
  return taken->record_batch();
}

}  // namespace

Value value_at(const arrow::Array& array, const Type& type, int64_t row) {
  if (array.IsNull(row)) return Value();
  switch (type.id) {
    case TypeId::kBoolean: return raw<arrow::BooleanArray>(array, row);
    case TypeId::kInt: return raw<arrow::Int32Array>(array, row);
    case TypeId::kDate: return raw<arrow::Date32Array>(array, row);
    case TypeId::kLong: return raw<arrow::Int64Array>(array, row);
    case TypeId::kTime: return raw<arrow::Time64Array>(array, row);
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return raw<arrow::TimestampArray>(array, row);
    case TypeId::kFloat: return canonical(raw<arrow::FloatArray>(array, row));
    case TypeId::kDouble: return canonical(raw<arrow::DoubleArray>(array, row));
    case TypeId::kDecimal: {
      const arrow::Decimal128 number(raw<arrow::Decimal128Array>(array, row));
      return DecimalValue{static_cast<Int128>(
          static_cast<unsigned __int128>(static_cast<uint64_t>(number.high_bits())) << 64 |
          number.low_bits())};
    }
    case TypeId::kString:
    case TypeId::kBinary:
      return std::string(static_cast<const arrow::BinaryArray&>(array).GetView(row));
    case TypeId::kUuid:
    case TypeId::kFixed:
      return std::string(static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(row));
    default: return Value();
  }
}

Result<PartitionSplitter> PartitionSplitter::create(const Schema& schema,
                                                    const PartitionSpec& spec) {
  PartitionSplitter splitter;
  for (const PartitionField& field : spec.fields) {
    Source source;
    source.transform = field.transform;
    if (field.transform.kind != TransformKind::kVoid) {
      const bool usable = find_column(schema.fields, field.source_id, source.column, source.type) &&
                          field.transform.accepts(*source.type);
      if (!usable) {
        return Error(ErrorCode::kUnsupported, "the table's partition field '" + field.name + "' (" +
                                                  field.transform.to_string() +
                                                  ") cannot be written");
      }
      source.result = field.transform.result_type(source.type);
    }
    splitter.sources_.push_back(std::move(source));
  }
  return splitter;
}

Result<std::vector<PartitionedRows>> PartitionSplitter::split(
    const std::shared_ptr<arrow::RecordBatch>& batch) {
  const int64_t row_count = batch->num_rows();
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const Source& source : sources_) {
    columns.push_back(source.column.empty() ? nullptr : TRY(column_at(*batch, source.column)));
  }
  std::unordered_map<std::string, Group> groups;
  std::vector<Value> last_sources(sources_.size());
  std::vector<Value> values(sources_.size());
  std::string key;
  Group* group = nullptr;
  for (int64_t row = 0; row < row_count; ++row) {
    // Neighbours are often alike: then neither transform nor look-up is needed.
    bool changed = group == nullptr;
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (columns[i] == nullptr) continue;
      Value source = value_at(*columns[i], *sources_[i].type, row);
      if (group != nullptr && source == last_sources[i]) continue;
      values[i] = sources_[i].transform.apply(*sources_[i].type, source);
      last_sources[i] = std::move(source);
      changed = true;
    }
    if (changed) {
      key.clear();
      for (size_t i = 0; i < sources_.size(); ++i) {
        if (columns[i] != nullptr) append_key(key, *sources_[i].result, values[i]);
      }
      const auto [found, added] = groups.try_emplace(key);
      group = &found->second;
      if (added) group->values = values;
    }
    group->rows.push_back(row);
  }
  std::vector<PartitionedRows> parts;
  for (auto& [group_key, part] : groups) {
    parts.push_back({group_key, std::move(part.values), TRY(rows_of(batch, part.rows))});
  }
  return parts;
}

}  // namespace firn::iceberg
