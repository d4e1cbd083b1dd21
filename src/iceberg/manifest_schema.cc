#include <set>

#include "iceberg/json_writer.h"
#include "iceberg/manifest_schema_internal.h"

namespace firn::iceberg {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Avro names are ASCII words; anything else is written as _xHEX, as other writers do.
std::string avro_name(std::string_view name) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : name) {
    if (is_letter(c) || (is_digit(c) && !out.empty())) {
      out += c;
    } else if (is_digit(c)) {
      out += '_';
      out += c;
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out += "_x";
      if (byte >= 16) out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out.empty() ? "_" : out;
}

class SchemaText {
 public:
  std::string take() { return std::move(text_); }
  JsonWriter& writer() { return writer_; }

  void begin_record(std::string_view name) {
    writer_.begin_object();
    writer_.field("type", "record");
    writer_.field("name", name);
    writer_.key("fields");
    writer_.begin_array();
  }
  void end_record() {
    writer_.end_array();
    writer_.end_object();
  }
  void required(int32_t id, std::string_view name, std::string_view type_json) {
    begin_field(name);
    writer_.raw_field("type", type_json);
    end_field(id);
  }
  void optional(int32_t id, std::string_view name, std::string_view type_json) {
    begin_field(name);
    writer_.raw_field("type", "[\"null\"," + std::string(type_json) + "]");
    writer_.raw_field("default", "null");
    end_field(id);
  }
  void begin_field(std::string_view name) {
    writer_.begin_object();
    writer_.field("name", name);
  }
  void end_field(int32_t id) {
    writer_.field("field-id", id);
    writer_.end_object();
  }

 private:
  std::string text_;
  JsonWriter writer_{text_};
};

// Maps with int keys are arrays of records in Avro, which has only string keys.
std::string int_map(int32_t key_id, int32_t value_id, std::string_view value_type) {
  const std::string name = "k" + std::to_string(key_id) + "_v" + std::to_string(value_id);
  return R"({"type":"array","logicalType":"map","items":{"type":"record","name":")" + name +
         R"(","fields":[{"name":"key","type":"int","field-id":)" + std::to_string(key_id) +
         R"(},{"name":"value","type":")" + std::string(value_type) + R"(","field-id":)" +
         std::to_string(value_id) + "}]}}";
}

std::string plain_array(int32_t element_id, std::string_view type) {
  return R"({"type":"array","items":")" + std::string(type) + R"(","element-id":)" +
         std::to_string(element_id) + "}";
}

std::string fixed_type(const std::string& name, int32_t bytes, std::string_view more) {
  return R"({"type":"fixed","name":")" + name + R"(","size":)" + std::to_string(bytes) +
         std::string(more) + "}";
}

// Names of fixed types are unique in a schema: readers differ in whether they resolve references.
std::string partition_avro_type(const Field& field, std::set<std::string>& names) {
  const auto unique = [&](std::string name) {
    if (!names.insert(name).second) name += "_r" + std::to_string(field.id);
    return name;
  };
  const Type& type = *field.type;
  switch (type.id) {
    case TypeId::kBoolean: return R"("boolean")";
    case TypeId::kInt: return R"("int")";
    case TypeId::kLong: return R"("long")";
    case TypeId::kFloat: return R"("float")";
    case TypeId::kDouble: return R"("double")";
    case TypeId::kDate: return R"({"type":"int","logicalType":"date"})";
    case TypeId::kTime: return R"({"type":"long","logicalType":"time-micros"})";
    case TypeId::kTimestamp:
      return R"({"type":"long","logicalType":"timestamp-micros","adjust-to-utc":false})";
    case TypeId::kTimestampTz:
      return R"({"type":"long","logicalType":"timestamp-micros","adjust-to-utc":true})";
    case TypeId::kTimestampNs:
      return R"({"type":"long","logicalType":"timestamp-nanos","adjust-to-utc":false})";
    case TypeId::kTimestampTzNs:
      return R"({"type":"long","logicalType":"timestamp-nanos","adjust-to-utc":true})";
    case TypeId::kUuid: return fixed_type(unique("uuid_fixed"), 16, R"(,"logicalType":"uuid")");
    case TypeId::kFixed:
      return fixed_type(unique("fixed_" + std::to_string(type.length)), type.length, "");
    case TypeId::kBinary: return R"("bytes")";
    case TypeId::kDecimal: {
      const std::string precision = std::to_string(type.precision);
      const std::string scale = std::to_string(type.scale);
      return fixed_type(
          unique("decimal_" + precision + "_" + scale), decimal_fixed_bytes(type.precision),
          R"(,"logicalType":"decimal","precision":)" + precision + R"(,"scale":)" + scale);
    }
    default: return R"("string")";
  }
}

std::string partition_record(const Type& partition) {
  SchemaText text;
  text.begin_record("r102");
  std::set<std::string> names;
  for (const Field& field : partition.fields) {
    const std::string name = avro_name(field.name);
    text.begin_field(name);
    text.writer().raw_field("type", "[\"null\"," + partition_avro_type(field, names) + "]");
    text.writer().raw_field("default", "null");
    if (name != field.name) text.writer().field("iceberg-field-name", field.name);
    text.end_field(field.id);
  }
  text.end_record();
  return text.take();
}

std::string data_file_record(const Type& partition, int32_t format_version) {
  SchemaText text;
  text.begin_record("r2");
  text.required(134, "content", R"("int")");
  text.required(100, "file_path", R"("string")");
  text.required(101, "file_format", R"("string")");
  text.required(102, "partition", partition_record(partition));
  text.required(103, "record_count", R"("long")");
  text.required(104, "file_size_in_bytes", R"("long")");
  text.optional(108, "column_sizes", int_map(117, 118, "long"));
  text.optional(109, "value_counts", int_map(119, 120, "long"));
  text.optional(110, "null_value_counts", int_map(121, 122, "long"));
  text.optional(137, "nan_value_counts", int_map(138, 139, "long"));
  text.optional(125, "lower_bounds", int_map(126, 127, "bytes"));
  text.optional(128, "upper_bounds", int_map(129, 130, "bytes"));
  text.optional(131, "key_metadata", R"("bytes")");
  text.optional(132, "split_offsets", plain_array(133, "long"));
  text.optional(135, "equality_ids", plain_array(136, "int"));
  text.optional(140, "sort_order_id", R"("int")");
  if (format_version >= 3) text.optional(142, "first_row_id", R"("long")");
  text.optional(143, "referenced_data_file", R"("string")");
  if (format_version >= 3) {
    text.optional(144, "content_offset", R"("long")");
    text.optional(145, "content_size_in_bytes", R"("long")");
  }
  text.end_record();
  return text.take();
}

}  // namespace

int32_t decimal_fixed_bytes(int32_t precision) {
  // The fewest bytes whose signed range holds that many digits.
  unsigned __int128 largest = 1;
  for (int32_t i = 0; i < precision; ++i) largest *= 10;
  int32_t bytes = 1;
  while (bytes < 16 && (static_cast<unsigned __int128>(1) << (8 * bytes - 1)) < largest) ++bytes;
  return bytes;
}

std::string manifest_entry_schema(const Type& partition, int32_t format_version) {
  SchemaText text;
  text.begin_record("manifest_entry");
  text.required(0, "status", R"("int")");
  text.optional(1, "snapshot_id", R"("long")");
  text.optional(3, "sequence_number", R"("long")");
  text.optional(4, "file_sequence_number", R"("long")");
  text.required(2, "data_file", data_file_record(partition, format_version));
  text.end_record();
  return text.take();
}

std::string manifest_list_schema(int32_t format_version) {
  SchemaText summary;
  summary.begin_record("r508");
  summary.required(509, "contains_null", R"("boolean")");
  summary.optional(518, "contains_nan", R"("boolean")");
  summary.optional(510, "lower_bound", R"("bytes")");
  summary.optional(511, "upper_bound", R"("bytes")");
  summary.end_record();

  SchemaText text;
  text.begin_record("manifest_file");
  text.required(500, "manifest_path", R"("string")");
  text.required(501, "manifest_length", R"("long")");
  text.required(502, "partition_spec_id", R"("int")");
  text.required(517, "content", R"("int")");
  text.required(515, "sequence_number", R"("long")");
  text.required(516, "min_sequence_number", R"("long")");
  text.required(503, "added_snapshot_id", R"("long")");
  text.required(504, "added_files_count", R"("int")");
  text.required(505, "existing_files_count", R"("int")");
  text.required(506, "deleted_files_count", R"("int")");
  text.required(512, "added_rows_count", R"("long")");
  text.required(513, "existing_rows_count", R"("long")");
  text.required(514, "deleted_rows_count", R"("long")");
  text.optional(507, "partitions",
                R"({"type":"array","items":)" + summary.take() + R"(,"element-id":508})");
  text.optional(519, "key_metadata", R"("bytes")");
  if (format_version >= 3) text.optional(520, "first_row_id", R"("long")");
  text.end_record();
  return text.take();
}

}  // namespace firn::iceberg
