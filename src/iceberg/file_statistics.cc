#include "iceberg/file_statistics_internal.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <parquet/metadata.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace firn::iceberg {
namespace {

constexpr size_t kBoundUnits = 16;
// As write.metadata.metrics.max-inferred-column-defaults.
constexpr size_t kColumnsMax = 100;

bool is_continuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

// Bytes of the first 16 characters; whole where there are no more.
size_t prefix_length(const Type& type, std::string_view value) {
  if (type.id != TypeId::kString) return std::min(value.size(), kBoundUnits);
  size_t at = 0;
  for (size_t characters = 0; at < value.size(); ++at) {
    if (!is_continuation(value[at]) && characters++ == kBoundUnits) break;
  }
  return at;
}

uint32_t decode_code_point(std::string_view bytes) {
  const auto first = static_cast<uint8_t>(bytes[0]);
  uint32_t point = bytes.size() == 1   ? first
                   : bytes.size() == 2 ? first & 0x1fU
                   : bytes.size() == 3 ? first & 0x0fU
                                       : first & 0x07U;
  for (const char byte : bytes.substr(1)) point = point << 6 | (static_cast<uint8_t>(byte) & 0x3fU);
  return point;
}

std::string encode_code_point(uint32_t point) {
  const auto tail = [point](int shift) {
    return static_cast<char>(0x80 | (point >> shift & 0x3f));
  };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
}

// The least text above every text that starts with `prefix`, no longer than it.
std::optional<std::string> raised_text(std::string prefix) {
  while (!prefix.empty()) {
    size_t start = prefix.size() - 1;
    while (start > 0 && is_continuation(prefix[start])) --start;
    uint32_t point = decode_code_point(std::string_view(prefix).substr(start));
    prefix.resize(start);
    if (point >= 0x10ffff) continue;
    ++point;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xe000;  // surrogates are no characters
    return prefix + encode_code_point(point);
  }
  return std::nullopt;
}

std::optional<std::string> raised_bytes(std::string prefix) {
  while (!prefix.empty()) {
    if (static_cast<uint8_t>(prefix.back()) != 0xff) {
      prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return std::nullopt;
}

template <typename Array>
int64_t count_nans(const arrow::Array& array) {
  const auto& typed = static_cast<const Array&>(array);
  const auto* values = typed.raw_values();
  int64_t count = 0;
  if (array.null_count() == 0) {
    for (int64_t i = 0; i < array.length(); ++i) count += values[i] != values[i] ? 1 : 0;
    return count;
  }
  for (int64_t i = 0; i < array.length(); ++i) {
    count += values[i] != values[i] && !array.IsNull(i) ? 1 : 0;
  }
  return count;
}

void find_floats(const std::vector<Field>& fields, std::vector<size_t>& path, auto&& found) {
  for (size_t i = 0; i < fields.size(); ++i) {
    path.push_back(i);
    const TypeId type = fields[i].type->id;
    if (type == TypeId::kFloat || type == TypeId::kDouble) found(path, fields[i]);
    if (type == TypeId::kStruct) find_floats(fields[i].type->fields, path, found);
    path.pop_back();
  }
}

void collect_leaves(const std::vector<Field>& fields, std::vector<int32_t>& ids) {
  for (const Field& field : fields) {
    if (field.type->is_nested()) {
      collect_leaves(field.type->fields, ids);
    } else {
      ids.push_back(field.id);
    }
  }
}

bool is_bigger_endian(const parquet::ColumnDescriptor& column) {
  return column.physical_type() == parquet::Type::FIXED_LEN_BYTE_ARRAY;
}

// The footer has plain-encoded values: little-endian numbers, raw bytes, big-endian decimals.
Result<Value> footer_value(const Type& type, const parquet::ColumnDescriptor& column,
                           const std::string& bytes) {
  if (type.id != TypeId::kDecimal || is_bigger_endian(column)) {
    return deserialize_value(type, bytes);
  }
  const TypePtr integer =
      primitive(column.physical_type() == parquet::Type::INT32 ? TypeId::kInt : TypeId::kLong);
  const Value value = TRY(deserialize_value(*integer, bytes));
  if (const auto* narrow = std::get_if<int32_t>(&value)) return Value(DecimalValue{*narrow});
  return Value(DecimalValue{std::get<int64_t>(value)});
}

// One column over all row groups.
struct ColumnSummary {
  int64_t bytes = 0;
  int64_t values = 0;
  int64_t nulls = 0;
  bool bounds_known = true;
  Value lower;
  Value upper;
};

Status add_bounds(const Type& type, const parquet::ColumnDescriptor& column,
                  const parquet::EncodedStatistics& statistics, int64_t values,
                  ColumnSummary& into) {
  if (!statistics.has_min || !statistics.has_max) {
    // No bounds because there is nothing but nulls and NaNs is fine; otherwise they are unknown.
    const bool may_be_nan = type.id == TypeId::kFloat || type.id == TypeId::kDouble;
    if (statistics.null_count != values && !may_be_nan) into.bounds_known = false;
    return {};
  }
  const Value lower = TRY(footer_value(type, column, statistics.min()));
  const Value upper = TRY(footer_value(type, column, statistics.max()));
  if (into.lower.index() == 0 || compare_values(type, lower, into.lower) < 0) into.lower = lower;
  if (into.upper.index() == 0 || compare_values(type, upper, into.upper) > 0) into.upper = upper;
  return {};
}

Result<ColumnSummary> summarize_column(const parquet::FileMetaData& footer, int index,
                                       const Type& type) {
  ColumnSummary summary;
  const parquet::ColumnDescriptor& column = *footer.schema()->Column(index);
  // Bounds of what is within a list or a map help nobody to skip a file.
  if (column.max_repetition_level() > 0) summary.bounds_known = false;
  for (int group = 0; group < footer.num_row_groups(); ++group) {
    const auto chunk = footer.RowGroup(group)->ColumnChunk(index);
    summary.bytes += chunk->total_compressed_size();
    summary.values += chunk->num_values();
    const auto statistics = chunk->encoded_statistics();
    if (!statistics || !statistics->has_null_count) {
      summary.nulls = -1;
      summary.bounds_known = false;
      continue;
    }
    if (summary.nulls >= 0) summary.nulls += statistics->null_count;
    if (summary.bounds_known) {
      TRY(add_bounds(type, column, *statistics, chunk->num_values(), summary));
    }
  }
  return summary;
}

void set_bounds(const Type& type, int32_t id, const ColumnSummary& summary, DataFile& file) {
  if (!summary.bounds_known || summary.lower.index() == 0) return;
  const std::string lower = serialize_value(type, summary.lower);
  const std::string upper = serialize_value(type, summary.upper);
  if (type.id != TypeId::kString && type.id != TypeId::kBinary && type.id != TypeId::kFixed) {
    file.lower_bounds[id] = lower;
    file.upper_bounds[id] = upper;
    return;
  }
  file.lower_bounds[id] = truncated_lower_bound(type, lower);
  if (auto raised = truncated_upper_bound(type, upper)) file.upper_bounds[id] = *std::move(raised);
}

}  // namespace

std::string truncated_lower_bound(const Type& type, std::string_view value) {
  return std::string(value.substr(0, prefix_length(type, value)));
}

std::optional<std::string> truncated_upper_bound(const Type& type, std::string_view value) {
  const size_t length = prefix_length(type, value);
  if (length == value.size()) return std::string(value);
  std::string prefix(value.substr(0, length));
  return type.id == TypeId::kString ? raised_text(std::move(prefix))
                                    : raised_bytes(std::move(prefix));
}

NanCounter::NanCounter(const Schema& schema) {
  std::vector<size_t> path;
  find_floats(schema.fields, path, [this](const std::vector<size_t>& at, const Field& field) {
    columns_.push_back({at, field.id, field.type->id});
    counts_[field.id] = 0;
  });
}

void NanCounter::add(const arrow::RecordBatch& batch) {
  for (const Column& column : columns_) {
    std::shared_ptr<arrow::Array> array = batch.column(static_cast<int>(column.path[0]));
    bool known = true;
    for (size_t i = 1; i < column.path.size() && known; ++i) {
      auto child = static_cast<const arrow::StructArray&>(*array).GetFlattenedField(
          static_cast<int>(column.path[i]));
      known = child.ok();
      if (known) array = *child;
    }
    if (!known) continue;
    counts_[column.field_id] += column.type == TypeId::kFloat
                                    ? count_nans<arrow::FloatArray>(*array)
                                    : count_nans<arrow::DoubleArray>(*array);
  }
}

Status describe_parquet(const parquet::FileMetaData& footer, const Schema& schema, DataFile& file) {
  file.record_count = footer.num_rows();
  for (int group = 0; group < footer.num_row_groups(); ++group) {
    const auto first = footer.RowGroup(group)->ColumnChunk(0);
    file.split_offsets.push_back(
        first->has_dictionary_page()
            ? std::min(first->dictionary_page_offset(), first->data_page_offset())
            : first->data_page_offset());
  }
  std::vector<int32_t> leaves;
  collect_leaves(schema.fields, leaves);
  if (leaves.size() > kColumnsMax) leaves.resize(kColumnsMax);
  const std::set<int32_t> with_statistics(leaves.begin(), leaves.end());
  std::erase_if(file.nan_value_counts,
                [&](const auto& entry) { return !with_statistics.contains(entry.first); });
  for (int index = 0; index < footer.num_columns(); ++index) {
    const int32_t id = footer.schema()->Column(index)->schema_node()->field_id();
    const Field* field = schema.find(id);
    if (field == nullptr || field->type->is_nested()) continue;
    const ColumnSummary summary = TRY(summarize_column(footer, index, *field->type));
    file.column_sizes[id] = summary.bytes;
    if (!with_statistics.contains(id)) continue;
    file.value_counts[id] = summary.values;
    if (summary.nulls >= 0) file.null_value_counts[id] = summary.nulls;
    set_bounds(*field->type, id, summary, file);
  }
  return {};
}

}  // namespace firn::iceberg
