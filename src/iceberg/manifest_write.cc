#include <algorithm>
#include <cmath>

#include "iceberg/avro.h"
#include "iceberg/json.h"
#include "iceberg/json_writer.h"
#include "iceberg/manifest.h"
#include "iceberg/manifest_schema_internal.h"

namespace firn::iceberg {
namespace {

void put_optional_long(avro::Encoder& out, const std::optional<int64_t>& value) {
  if (!value) return out.put_null();
  out.put_some();
  out.put_long(*value);
}

void put_optional_bytes(avro::Encoder& out, const std::optional<std::string>& value) {
  if (!value) return out.put_null();
  out.put_some();
  out.put_bytes(*value);
}

void put_value(avro::Encoder& out, int64_t value) { out.put_long(value); }
void put_value(avro::Encoder& out, int32_t value) { out.put_int(value); }
void put_value(avro::Encoder& out, const std::string& value) { out.put_bytes(value); }

// Missing statistics are null, not an empty map.
template <typename V>
void put_map(avro::Encoder& out, const std::map<int32_t, V>& map) {
  if (map.empty()) return out.put_null();
  out.put_some();
  out.begin_items(map.size());
  for (const auto& [key, value] : map) {
    out.put_int(key);
    put_value(out, value);
  }
  out.end_items();
}

template <typename V>
void put_list(avro::Encoder& out, const std::vector<V>& list) {
  if (list.empty()) return out.put_null();
  out.put_some();
  out.begin_items(list.size());
  for (const V& value : list) put_value(out, value);
  out.end_items();
}

// Sign-extended to the width of the fixed type.
std::string decimal_bytes(Int128 unscaled, int32_t width) {
  std::string bytes;
  for (int32_t i = width - 1; i >= 0; --i) {
    bytes.push_back(static_cast<char>(static_cast<uint8_t>(unscaled >> (8 * i))));
  }
  return bytes;
}

Status put_partition_value(avro::Encoder& out, const Type& type, const Value& value) {
  if (value.index() == 0) {
    out.put_null();
    return {};
  }
  out.put_some();
  switch (value.index()) {
    case 1: out.put_boolean(std::get<bool>(value)); return {};
    case 2: out.put_int(std::get<int32_t>(value)); return {};
    case 3: out.put_long(std::get<int64_t>(value)); return {};
    case 4: out.put_float(std::get<float>(value)); return {};
    case 5: out.put_double(std::get<double>(value)); return {};
    case 6:
      out.put_fixed(decimal_bytes(std::get<DecimalValue>(value).unscaled,
                                  decimal_fixed_bytes(type.precision)));
      return {};
    default: break;
  }
  const std::string& bytes = std::get<std::string>(value);
  if (type.id != TypeId::kUuid && type.id != TypeId::kFixed) {
    out.put_bytes(bytes);
    return {};
  }
  const int32_t length = type.id == TypeId::kUuid ? 16 : type.length;
  if (bytes.size() != static_cast<size_t>(length)) {
    return Error(ErrorCode::kInvalidData, "a partition value has the wrong length");
  }
  out.put_fixed(bytes);
  return {};
}

Status put_data_file(avro::Encoder& out, const DataFile& file, const Type& partition,
                     int32_t format_version) {
  if (file.partition.size() != partition.fields.size()) {
    return Error(ErrorCode::kInvalidData,
                 "a data file's partition values do not fit the partition spec");
  }
  out.put_int(static_cast<int32_t>(file.content));
  out.put_bytes(file.file_path);
  out.put_bytes(file.file_format);
  for (size_t i = 0; i < file.partition.size(); ++i) {
    TRY(put_partition_value(out, *partition.fields[i].type, file.partition[i]));
  }
  out.put_long(file.record_count);
  out.put_long(file.file_size_in_bytes);
  put_map(out, file.column_sizes);
  put_map(out, file.value_counts);
  put_map(out, file.null_value_counts);
  put_map(out, file.nan_value_counts);
  put_map(out, file.lower_bounds);
  put_map(out, file.upper_bounds);
  put_optional_bytes(out, file.key_metadata);
  put_list(out, file.split_offsets);
  put_list(out, file.equality_ids);
  put_optional_long(out, file.sort_order_id);
  if (format_version >= 3) put_optional_long(out, file.first_row_id);
  put_optional_bytes(out, file.referenced_data_file);
  if (format_version >= 3) {
    put_optional_long(out, file.content_offset);
    put_optional_long(out, file.content_size_in_bytes);
  }
  return {};
}

bool is_nan(const Value& value) {
  if (const auto* narrow = std::get_if<float>(&value)) return std::isnan(*narrow);
  if (const auto* wide = std::get_if<double>(&value)) return std::isnan(*wide);
  return false;
}

class SummaryBuilder {
 public:
  explicit SummaryBuilder(const Type& type) : type_(type) {
    if (type.id == TypeId::kFloat || type.id == TypeId::kDouble) summary_.contains_nan = false;
  }

  void add(const Value& value) {
    if (value.index() == 0) {
      summary_.contains_null = true;
    } else if (is_nan(value)) {
      summary_.contains_nan = true;
    } else {
      if (lower_.index() == 0 || compare_values(type_, value, lower_) < 0) lower_ = value;
      if (upper_.index() == 0 || compare_values(type_, value, upper_) > 0) upper_ = value;
    }
  }

  FieldSummary finish() {
    if (lower_.index() != 0) {
      summary_.lower_bound = serialize_value(type_, lower_);
      summary_.upper_bound = serialize_value(type_, upper_);
    }
    return std::move(summary_);
  }

 private:
  const Type& type_;
  FieldSummary summary_;
  Value lower_;
  Value upper_;
};

std::string spec_fields_text(const PartitionSpec& spec) {
  std::string text;
  JsonWriter writer(text);
  write_spec_fields(writer, spec);
  return text;
}

}  // namespace

Result<std::string> write_manifest(const std::vector<ManifestEntry>& entries, const Schema& schema,
                                   const PartitionSpec& spec, const ManifestWriteOptions& options) {
  const TypePtr partition = partition_type(spec, schema);
  const std::map<std::string, std::string> metadata = {
      {"schema", schema_to_json(schema)},
      {"schema-id", std::to_string(schema.schema_id)},
      {"partition-spec", spec_fields_text(spec)},
      {"partition-spec-id", std::to_string(spec.spec_id)},
      {"format-version", std::to_string(options.format_version)},
      {"content", options.content == ManifestContent::kData ? "data" : "deletes"}};
  avro::FileWriter writer(manifest_entry_schema(*partition, options.format_version), metadata,
                          options.codec);
  for (const ManifestEntry& entry : entries) {
    avro::Encoder& out = writer.record();
    out.put_int(static_cast<int32_t>(entry.status));
    put_optional_long(out, entry.snapshot_id);
    put_optional_long(out, entry.sequence_number);
    put_optional_long(out, entry.file_sequence_number);
    TRY(put_data_file(out, entry.data_file, *partition, options.format_version));
    TRY(writer.end_record());
  }
  return writer.finish();
}

Result<std::string> write_manifest_list(const std::vector<ManifestFile>& manifests,
                                        const ManifestListHeader& header) {
  std::map<std::string, std::string> metadata = {
      {"snapshot-id", std::to_string(header.snapshot_id)},
      {"parent-snapshot-id",
       header.parent_snapshot_id ? std::to_string(*header.parent_snapshot_id) : "null"},
      {"sequence-number", std::to_string(header.sequence_number)},
      {"format-version", std::to_string(header.format_version)}};
  if (header.first_row_id) metadata["first-row-id"] = std::to_string(*header.first_row_id);
  avro::FileWriter writer(manifest_list_schema(header.format_version), metadata, "deflate");
  for (const ManifestFile& manifest : manifests) {
    avro::Encoder& out = writer.record();
    out.put_bytes(manifest.manifest_path);
    out.put_long(manifest.manifest_length);
    out.put_int(manifest.partition_spec_id);
    out.put_int(static_cast<int32_t>(manifest.content));
    out.put_long(manifest.sequence_number);
    out.put_long(manifest.min_sequence_number);
    out.put_long(manifest.added_snapshot_id);
    out.put_int(manifest.added_files_count);
    out.put_int(manifest.existing_files_count);
    out.put_int(manifest.deleted_files_count);
    out.put_long(manifest.added_rows_count);
    out.put_long(manifest.existing_rows_count);
    out.put_long(manifest.deleted_rows_count);
    out.put_some();
    out.begin_items(manifest.partitions.size());
    for (const FieldSummary& summary : manifest.partitions) {
      out.put_boolean(summary.contains_null);
      if (summary.contains_nan) {
        out.put_some();
        out.put_boolean(*summary.contains_nan);
      } else {
        out.put_null();
      }
      put_optional_bytes(out, summary.lower_bound);
      put_optional_bytes(out, summary.upper_bound);
    }
    out.end_items();
    put_optional_bytes(out, manifest.key_metadata);
    if (header.format_version >= 3) put_optional_long(out, manifest.first_row_id);
    TRY(writer.end_record());
  }
  return writer.finish();
}

ManifestFile summarize_manifest(const std::vector<ManifestEntry>& entries,
                                const PartitionSpec& spec, const Schema& schema) {
  ManifestFile manifest;
  manifest.partition_spec_id = spec.spec_id;
  const TypePtr partition = partition_type(spec, schema);
  std::vector<SummaryBuilder> builders;
  for (const Field& field : partition->fields) builders.emplace_back(*field.type);
  for (const ManifestEntry& entry : entries) {
    const int64_t rows = entry.data_file.record_count;
    switch (entry.status) {
      case EntryStatus::kAdded:
        ++manifest.added_files_count;
        manifest.added_rows_count += rows;
        break;
      case EntryStatus::kExisting:
        ++manifest.existing_files_count;
        manifest.existing_rows_count += rows;
        break;
      case EntryStatus::kDeleted:
        ++manifest.deleted_files_count;
        manifest.deleted_rows_count += rows;
        break;
    }
    for (size_t i = 0; i < builders.size() && i < entry.data_file.partition.size(); ++i) {
      builders[i].add(entry.data_file.partition[i]);
    }
    if (entry.data_file.content != FileContent::kData) manifest.content = ManifestContent::kDeletes;
  }
  for (SummaryBuilder& builder : builders) manifest.partitions.push_back(builder.finish());
  return manifest;
}

}  // namespace firn::iceberg
