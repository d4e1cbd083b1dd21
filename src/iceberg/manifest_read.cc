#include <limits>

#include "base/ids.h"
#include "iceberg/avro.h"
#include "iceberg/manifest.h"

namespace firn::iceberg {
namespace {

using avro::Datum;
using avro::Kind;

Error wrong_field(int32_t id) {
  return Error(ErrorCode::kInvalidData,
               "a manifest's field " + std::to_string(id) + " is missing or of the wrong type");
}

bool is_integer(const Datum& datum) {
  return datum.kind == Kind::kInt || datum.kind == Kind::kLong || datum.kind == Kind::kBoolean;
}
bool is_text(const Datum& datum) {
  return datum.kind == Kind::kBytes || datum.kind == Kind::kString || datum.kind == Kind::kFixed;
}

Result<std::optional<int64_t>> find_long(const Datum& record, int32_t id) {
  const Datum* datum = record.field(id);
  if (datum == nullptr) return std::optional<int64_t>();
  if (!is_integer(*datum)) return wrong_field(id);
  return std::optional<int64_t>(datum->integer);
}

Result<int64_t> get_long(const Datum& record, int32_t id) {
  const auto value = TRY(find_long(record, id));
  if (!value) return wrong_field(id);
  return *value;
}

// Counts and sizes: never negative, whatever a file says.
Result<int64_t> get_count(const Datum& record, int32_t id, int64_t if_missing) {
  const int64_t value = TRY(find_long(record, id)).value_or(if_missing);
  if (value < 0) return wrong_field(id);
  return value;
}

Result<int32_t> get_int(const Datum& record, int32_t id, std::optional<int32_t> if_missing) {
  const auto value = TRY(find_long(record, id));
  if (!value && if_missing) return *if_missing;
  if (!value || *value < std::numeric_limits<int32_t>::min() ||
      *value > std::numeric_limits<int32_t>::max()) {
    return wrong_field(id);
  }
  return static_cast<int32_t>(*value);
}

Result<std::optional<std::string>> find_text(const Datum& record, int32_t id) {
  const Datum* datum = record.field(id);
  if (datum == nullptr) return std::optional<std::string>();
  if (!is_text(*datum)) return wrong_field(id);
  return std::optional<std::string>(std::string(datum->bytes));
}

Result<std::string> get_text(const Datum& record, int32_t id) {
  auto value = TRY(find_text(record, id));
  if (!value) return wrong_field(id);
  return *std::move(value);
}

// An array of {key, value} records; some writers use Avro maps for string keys only.
template <typename V, typename Take>
Status read_map(const Datum& record, int32_t id, std::map<int32_t, V>& into, Take take) {
  const Datum* map = record.field(id);
  if (map == nullptr) return {};
  if (map->kind != Kind::kArray) return wrong_field(id);
  for (const Datum& item : map->items) {
    if (item.kind != Kind::kRecord || item.items.size() != 2 || !is_integer(item.items[0])) {
      return wrong_field(id);
    }
    if (!take(item.items[1], into[static_cast<int32_t>(item.items[0].integer)])) {
      return wrong_field(id);
    }
  }
  return {};
}

Status read_counts(const Datum& record, int32_t id, std::map<int32_t, int64_t>& into) {
  return read_map(record, id, into, [](const Datum& datum, int64_t& value) {
    value = datum.integer;
    return is_integer(datum);
  });
}

Status read_bounds(const Datum& record, int32_t id, std::map<int32_t, std::string>& into) {
  return read_map(record, id, into, [](const Datum& datum, std::string& value) {
    value = std::string(datum.bytes);
    return is_text(datum);
  });
}

template <typename V>
Status read_list(const Datum& record, int32_t id, std::vector<V>& into) {
  const Datum* list = record.field(id);
  if (list == nullptr) return {};
  if (list->kind != Kind::kArray) return wrong_field(id);
  for (const Datum& item : list->items) {
    if (!is_integer(item)) return wrong_field(id);
    into.push_back(static_cast<V>(item.integer));
  }
  return {};
}

Result<Value> partition_value(const Type& type, const Datum& datum) {
  const Error wrong(ErrorCode::kInvalidData, "a partition value is not of type " + type_name(type));
  switch (type.id) {
    case TypeId::kBoolean:
      if (!is_integer(datum)) return wrong;
      return Value(datum.integer != 0);
    case TypeId::kInt:
    case TypeId::kDate:
      if (!is_integer(datum)) return wrong;
      return Value(static_cast<int32_t>(datum.integer));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
      if (!is_integer(datum)) return wrong;
      return Value(datum.integer);
    case TypeId::kFloat:
      if (datum.kind != Kind::kFloat && datum.kind != Kind::kDouble) return wrong;
      return Value(static_cast<float>(datum.floating));
    case TypeId::kDouble:
      if (datum.kind != Kind::kFloat && datum.kind != Kind::kDouble) return wrong;
      return Value(datum.floating);
    case TypeId::kUnknown: return Value();
    case TypeId::kUuid:
      // Some writers store the text.
      if (is_text(datum) && datum.bytes.size() == 36) {
        const Uuid uuid = TRY(Uuid::parse(datum.bytes));
        return Value(std::string(uuid.bytes.begin(), uuid.bytes.end()));
      }
      [[fallthrough]];
    default:
      if (!is_text(datum)) return wrong;
      return deserialize_value(type, datum.bytes);
  }
}

Status read_partition(const Datum& record, const Type& partition, std::vector<Value>& into) {
  const Datum* tuple = record.field(102);
  into.resize(partition.fields.size());
  if (tuple == nullptr) return partition.fields.empty() ? Status() : Status(wrong_field(102));
  for (size_t i = 0; i < partition.fields.size(); ++i) {
    const Datum* datum = tuple->field(partition.fields[i].id);
    if (datum != nullptr) into[i] = TRY(partition_value(*partition.fields[i].type, *datum));
  }
  return {};
}

Status read_statistics(const Datum& record, DataFile& file) {
  TRY(read_counts(record, 108, file.column_sizes));
  TRY(read_counts(record, 109, file.value_counts));
  TRY(read_counts(record, 110, file.null_value_counts));
  TRY(read_counts(record, 137, file.nan_value_counts));
  TRY(read_bounds(record, 125, file.lower_bounds));
  TRY(read_bounds(record, 128, file.upper_bounds));
  TRY(read_list(record, 132, file.split_offsets));
  return read_list(record, 135, file.equality_ids);
}

Result<DataFile> read_data_file(const Datum& record, const Type& partition) {
  DataFile file;
  const int32_t content = TRY(get_int(record, 134, 0));
  if (content < 0 || content > 2) return wrong_field(134);
  file.content = static_cast<FileContent>(content);
  file.file_path = TRY(get_text(record, 100));
  file.file_format = TRY(get_text(record, 101));
  // Some writers use lower case.
  for (char& c : file.file_format) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  TRY(read_partition(record, partition, file.partition));
  file.record_count = TRY(get_count(record, 103, -1));
  file.file_size_in_bytes = TRY(get_count(record, 104, -1));
  TRY(read_statistics(record, file));
  file.key_metadata = TRY(find_text(record, 131));
  if (TRY(find_long(record, 140))) file.sort_order_id = TRY(get_int(record, 140, std::nullopt));
  file.first_row_id = TRY(find_long(record, 142));
  file.referenced_data_file = TRY(find_text(record, 143));
  file.content_offset = TRY(find_long(record, 144));
  file.content_size_in_bytes = TRY(find_long(record, 145));
  return file;
}

// Spec, "Sequence Number Inheritance" and "First Row ID Inheritance".
void inherit(ManifestEntry& entry, const ManifestFile& from, int64_t& next_row_id) {
  if (!entry.snapshot_id) entry.snapshot_id = from.added_snapshot_id;
  const bool inherits = entry.status == EntryStatus::kAdded || from.sequence_number == 0;
  if (inherits && !entry.sequence_number) entry.sequence_number = from.sequence_number;
  if (inherits && !entry.file_sequence_number) entry.file_sequence_number = from.sequence_number;
  entry.data_file.spec_id = from.partition_spec_id;
  const bool takes_rows = from.first_row_id && !entry.data_file.first_row_id &&
                          entry.status != EntryStatus::kDeleted &&
                          entry.data_file.content == FileContent::kData;
  if (takes_rows) {
    entry.data_file.first_row_id = next_row_id;
    // Unsigned: a hostile file's counts may add up to anything.
    next_row_id = static_cast<int64_t>(static_cast<uint64_t>(next_row_id) +
                                       static_cast<uint64_t>(entry.data_file.record_count));
  }
}

Status read_summaries(const Datum& record, std::vector<FieldSummary>& into) {
  const Datum* list = record.field(507);
  if (list == nullptr) return {};
  if (list->kind != Kind::kArray) return wrong_field(507);
  for (const Datum& item : list->items) {
    FieldSummary summary;
    summary.contains_null = TRY(get_long(item, 509)) != 0;
    if (const auto nan = TRY(find_long(item, 518))) summary.contains_nan = *nan != 0;
    summary.lower_bound = TRY(find_text(item, 510));
    summary.upper_bound = TRY(find_text(item, 511));
    into.push_back(std::move(summary));
  }
  return {};
}

Result<ManifestFile> read_manifest_file(const Datum& record) {
  ManifestFile manifest;
  manifest.manifest_path = TRY(get_text(record, 500));
  manifest.manifest_length = TRY(get_count(record, 501, -1));
  manifest.partition_spec_id = TRY(get_int(record, 502, std::nullopt));
  const int32_t content = TRY(get_int(record, 517, 0));
  if (content < 0 || content > 1) return wrong_field(517);
  manifest.content = static_cast<ManifestContent>(content);
  manifest.sequence_number = TRY(get_count(record, 515, 0));
  manifest.min_sequence_number = TRY(get_count(record, 516, 0));
  manifest.added_snapshot_id = TRY(find_long(record, 503)).value_or(0);
  manifest.added_files_count = TRY(get_int(record, 504, 0));
  manifest.existing_files_count = TRY(get_int(record, 505, 0));
  manifest.deleted_files_count = TRY(get_int(record, 506, 0));
  manifest.added_rows_count = TRY(get_count(record, 512, 0));
  manifest.existing_rows_count = TRY(get_count(record, 513, 0));
  manifest.deleted_rows_count = TRY(get_count(record, 514, 0));
  // v1 writers may leave the counts out; such a manifest has to be looked into.
  if (record.field(504) == nullptr && record.field(505) == nullptr) manifest.added_files_count = 1;
  TRY(read_summaries(record, manifest.partitions));
  manifest.key_metadata = TRY(find_text(record, 519));
  manifest.first_row_id = TRY(find_long(record, 520));
  return manifest;
}

}  // namespace

Result<std::vector<ManifestEntry>> read_manifest(std::string_view bytes, const ManifestFile& from,
                                                 const PartitionSpec& spec, const Schema& schema) {
  auto reader = TRY(avro::FileReader::open(bytes));
  const TypePtr partition = partition_type(spec, schema);
  std::vector<ManifestEntry> entries;
  int64_t next_row_id = from.first_row_id.value_or(0);
  Datum record;
  while (TRY(reader.next(record))) {
    ManifestEntry entry;
    const int32_t status = TRY(get_int(record, 0, std::nullopt));
    if (status < 0 || status > 2) return wrong_field(0);
    entry.status = static_cast<EntryStatus>(status);
    entry.snapshot_id = TRY(find_long(record, 1));
    entry.sequence_number = TRY(find_long(record, 3));
    entry.file_sequence_number = TRY(find_long(record, 4));
    const Datum* file = record.field(2);
    if (file == nullptr) return wrong_field(2);
    entry.data_file = TRY(read_data_file(*file, *partition));
    inherit(entry, from, next_row_id);
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<ManifestFile>> read_manifest_list(std::string_view bytes) {
  auto reader = TRY(avro::FileReader::open(bytes));
  std::vector<ManifestFile> manifests;
  Datum record;
  while (TRY(reader.next(record))) manifests.push_back(TRY(read_manifest_file(record)));
  return manifests;
}

}  // namespace firn::iceberg
