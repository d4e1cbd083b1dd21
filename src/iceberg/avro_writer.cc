#include "base/bytes.h"
#include "iceberg/avro.h"

namespace firn::iceberg::avro {
namespace {

// Blocks of this size let readers skip and split; Java writes the same.
constexpr size_t kBlockBytes = 64 << 10;

// Any 16 bytes that are unlikely within the data will do: they are derived from the header, so that
// equal content gives equal files.
std::string sync_marker(std::string_view header) {
  std::string marker;
  uint32_t seed = 0x6e726946;
  for (int i = 0; i < 4; ++i) append_le(marker, seed = crc32c(as_bytes(header), ~seed));
  return marker;
}

}  // namespace

void Encoder::put_long(int64_t value) {
  uint64_t rest = static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
  while (rest >= 0x80) {
    out_.push_back(static_cast<char>(rest | 0x80));
    rest >>= 7;
  }
  out_.push_back(static_cast<char>(rest));
}

void Encoder::put_float(float value) { append_le(out_, value); }
void Encoder::put_double(double value) { append_le(out_, value); }

void Encoder::put_bytes(std::string_view bytes) {
  put_long(static_cast<int64_t>(bytes.size()));
  out_ += bytes;
}

FileWriter::FileWriter(std::string_view schema_json,
                       const std::map<std::string, std::string>& metadata, std::string codec)
    : codec_(std::move(codec)) {
  Encoder header;
  header.begin_items(metadata.size() + 2);
  header.put_bytes("avro.schema");
  header.put_bytes(schema_json);
  header.put_bytes("avro.codec");
  header.put_bytes(codec_);
  for (const auto& [key, value] : metadata) {
    header.put_bytes(key);
    header.put_bytes(value);
  }
  header.end_items();
  sync_ = sync_marker(header.bytes());
  file_ = std::string("Obj\1", 4) + header.bytes() + sync_;
}

Status FileWriter::end_record() {
  ++block_records_;
  if (block_.bytes().size() >= kBlockBytes) return flush();
  return {};
}

Status FileWriter::flush() {
  if (block_records_ == 0) return {};
  const std::string packed = TRY(compress(codec_, block_.bytes()));
  Encoder head;
  head.put_long(block_records_);
  head.put_bytes(packed);
  file_ += head.bytes();
  file_ += sync_;
  block_.bytes().clear();
  block_records_ = 0;
  return {};
}

Result<std::string> FileWriter::finish() {
  TRY(flush());
  return std::move(file_);
}

}  // namespace firn::iceberg::avro
