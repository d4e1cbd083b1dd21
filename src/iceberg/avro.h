#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Avro 1.11: schemas, binary encoding and object container files, as far as Iceberg uses them.
// Hostile bytes give InvalidData: lengths are checked before anything is allocated, types cannot
// contain themselves, and one record decodes to a bounded number of values.
namespace firn::iceberg::avro {

enum class Kind : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kFixed,
  kEnum,
  kArray,
  kMap,
  kRecord,
  kUnion
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct RecordField {
  std::string name;
  int32_t field_id = -1;
  NodePtr type;
};

// A parsed schema. Immutable.
struct Node {
  Kind kind = Kind::kNull;
  int32_t fixed_bytes = 0;
  std::vector<RecordField> fields;  // records
  std::vector<NodePtr> branches;    // unions; the one item of arrays, the value of maps
  size_t symbols = 0;               // enums
};

Result<NodePtr> parse_schema(std::string_view json);

// One decoded value; a union's value stands for itself. Texts point into the block that it came
// from, so a Datum lives no longer than until the reader's next call.
struct Datum {
  Kind kind = Kind::kNull;
  const Node* node = nullptr;
  int64_t integer = 0;  // booleans, ints, longs, enums
  double floating = 0;
  std::string_view bytes;    // bytes, strings, fixed
  std::vector<Datum> items;  // records: by field; arrays; maps: key, value, key, value ...

  bool is_null() const { return kind == Kind::kNull; }
  // A record's field by id; null where the writer had none or its value is null.
  const Datum* field(int32_t field_id) const;
};

// Reads an object container file (codecs null, deflate, zstandard, snappy). `bytes` must outlive
// the reader. Not thread-safe.
class FileReader {
 public:
  static Result<FileReader> open(std::string_view bytes);

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  // Decodes the next record; false at the end of the file.
  Result<bool> next(Datum& record);

 private:
  Status read_block();

  std::map<std::string, std::string> metadata_;
  NodePtr schema_;
  std::string codec_;
  std::string_view sync_;
  std::string_view rest_;  // of the file
  std::string block_;      // decompressed
  std::string_view block_rest_;
  int64_t block_records_ = 0;
};

// The binary encoding of single values.
class Encoder {
 public:
  void put_long(int64_t value);
  void put_int(int32_t value) { put_long(value); }
  void put_boolean(bool value) { out_.push_back(value ? '\1' : '\0'); }
  void put_float(float value);
  void put_double(double value);
  void put_bytes(std::string_view bytes);
  void put_fixed(std::string_view bytes) { out_ += bytes; }
  // The branch of a union ["null", T].
  void put_null() { out_.push_back('\0'); }
  void put_some() { out_.push_back('\2'); }
  // An array or map: the count (which may be 0), the items, then the end.
  void begin_items(size_t count) {
    if (count > 0) put_long(static_cast<int64_t>(count));
  }
  void end_items() { out_.push_back('\0'); }

  std::string& bytes() { return out_; }

 private:
  std::string out_;
};

// Writes an object container file in memory.
class FileWriter {
 public:
  // `codec` is null, deflate or zstandard.
  FileWriter(std::string_view schema_json, const std::map<std::string, std::string>& metadata,
             std::string codec);
  // Where the next record's values go, in the schema's order; end_record() closes it.
  Encoder& record() { return block_; }
  Status end_record();
  // The whole file.
  Result<std::string> finish();

 private:
  Status flush();

  std::string codec_;
  std::string sync_;
  Encoder block_;
  int64_t block_records_ = 0;
  std::string file_;
};

// For the codecs' own tests. `codec` as in the file header.
Result<std::string> compress(std::string_view codec, std::string_view bytes);
Result<std::string> decompress(std::string_view codec, std::string_view bytes);

}  // namespace firn::iceberg::avro
