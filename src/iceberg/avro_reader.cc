#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "iceberg/avro.h"

namespace firn::iceberg::avro {
namespace {

constexpr std::string_view kMagic("Obj\1", 4);
constexpr size_t kSyncBytes = 16;
// Values that one record may decode to; a manifest entry of a thousand columns has about 10,000.
constexpr size_t kValuesPerRecordMax = 1'000'000;

Error truncated() { return Error(ErrorCode::kInvalidData, "an Avro file is truncated"); }
Error invalid(std::string what) {
  return Error(ErrorCode::kInvalidData, "an Avro file is malformed: " + std::move(what));
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  std::string_view rest() const { return rest_; }

  Result<int64_t> get_long() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return truncated();
      const auto byte = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) {
        return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
      }
    }
    return invalid("an integer has more than ten bytes");
  }

  Result<std::string_view> take(size_t size) {
    if (size > rest_.size()) return truncated();
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  Result<std::string_view> get_bytes() {
    const int64_t size = TRY(get_long());
    if (size < 0) return invalid("a negative length");
    return take(static_cast<size_t>(size));
  }

  // The number of items of the next block of an array or map. Each takes a byte at least, so a
  // count beyond the bytes left is a lie.
  Result<int64_t> get_item_count() {
    int64_t count = TRY(get_long());
    if (count < 0) {
      if (count == std::numeric_limits<int64_t>::min()) return invalid("a block's count");
      count = -count;
      TRY(get_long());  // its size in bytes
    }
    if (static_cast<uint64_t>(count) > rest_.size()) return truncated();
    return count;
  }

  Status decode(const Node& node, Datum& into) {
    if (++values_ > kValuesPerRecordMax) return invalid("a record has too many values");
    into.kind = node.kind;
    into.node = &node;
    into.items.clear();
    switch (node.kind) {
      case Kind::kNull: return {};
      case Kind::kBoolean: into.integer = TRY(take(1))[0] != 0; return {};
      case Kind::kInt:
      case Kind::kLong: into.integer = TRY(get_long()); return {};
      case Kind::kFloat: into.floating = load_le<float>(TRY(take(4)).data()); return {};
      case Kind::kDouble: into.floating = load_le<double>(TRY(take(8)).data()); return {};
      case Kind::kBytes:
      case Kind::kString: into.bytes = TRY(get_bytes()); return {};
      case Kind::kFixed: into.bytes = TRY(take(static_cast<size_t>(node.fixed_bytes))); return {};
      case Kind::kEnum:
        into.integer = TRY(get_long());
        if (into.integer < 0 || static_cast<uint64_t>(into.integer) >= node.symbols) {
          return invalid("an enum's symbol");
        }
        return {};
      case Kind::kUnion: {
        const int64_t branch = TRY(get_long());
        if (branch < 0 || static_cast<uint64_t>(branch) >= node.branches.size()) {
          return invalid("a union's branch");
        }
        return decode(*node.branches[static_cast<size_t>(branch)], into);
      }
      case Kind::kRecord: return decode_record(node, into);
      case Kind::kArray:
      case Kind::kMap: return decode_items(node, into);
    }
    return invalid("a type");
  }

 private:
  Status decode_record(const Node& node, Datum& into) {
    into.items.resize(node.fields.size());
    for (size_t i = 0; i < node.fields.size(); ++i) {
      TRY(decode(*node.fields[i].type, into.items[i]));
    }
    return {};
  }

  Status decode_items(const Node& node, Datum& into) {
    while (true) {
      const int64_t count = TRY(get_item_count());
      if (count == 0) return {};
      for (int64_t i = 0; i < count; ++i) {
        if (node.kind == Kind::kMap) {
          Datum& key = into.items.emplace_back();
          key.kind = Kind::kString;
          key.bytes = TRY(get_bytes());
        }
        TRY(decode(*node.branches[0], into.items.emplace_back()));
      }
    }
  }

  std::string_view rest_;
  size_t values_ = 0;
};

}  // namespace

Result<FileReader> FileReader::open(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) {
    return Error(ErrorCode::kInvalidData, "this is not an Avro object container file");
  }
  Decoder decoder(bytes.substr(kMagic.size()));
  FileReader reader;
  while (true) {
    const int64_t count = TRY(decoder.get_item_count());
    if (count == 0) break;
    for (int64_t i = 0; i < count; ++i) {
      const std::string_view key = TRY(decoder.get_bytes());
      reader.metadata_[std::string(key)] = std::string(TRY(decoder.get_bytes()));
    }
  }
  reader.sync_ = TRY(decoder.take(kSyncBytes));
  reader.rest_ = decoder.rest();
  const auto schema = reader.metadata_.find("avro.schema");
  if (schema == reader.metadata_.end()) return invalid("it has no schema");
  reader.schema_ = TRY(parse_schema(schema->second));
  const auto codec = reader.metadata_.find("avro.codec");
  reader.codec_ = codec == reader.metadata_.end() ? "null" : codec->second;
  return reader;
}

Status FileReader::read_block() {
  Decoder decoder(rest_);
  const int64_t records = TRY(decoder.get_long());
  const std::string_view packed = TRY(decoder.get_bytes());
  if (TRY(decoder.take(kSyncBytes)) != sync_) return invalid("a block's sync marker");
  block_ = TRY(decompress(codec_, packed));
  // Records of no bytes at all exist in theory only.
  if (records < 0 || static_cast<uint64_t>(records) > block_.size()) {
    return invalid("a block's record count");
  }
  rest_ = decoder.rest();
  block_rest_ = block_;
  block_records_ = records;
  return {};
}

Result<bool> FileReader::next(Datum& record) {
  while (block_records_ == 0) {
    if (!block_rest_.empty()) return invalid("a block is longer than its records");
    if (rest_.empty()) return false;
    TRY(read_block());
  }
  Decoder decoder(block_rest_);
  TRY(decoder.decode(*schema_, record));
  block_rest_ = decoder.rest();
  --block_records_;
  return true;
}

}  // namespace firn::iceberg::avro
