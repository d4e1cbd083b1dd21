#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "iceberg/avro.h"

namespace firn::iceberg::avro {
namespace {

// Writers flush blocks at 64 KB or so; some put a whole manifest into one.
constexpr size_t kBlockBytesMax = 64 << 20;
constexpr size_t kOutputStep = 64 << 10;

Error bad_block() { return Error(ErrorCode::kInvalidData, "an Avro block cannot be decompressed"); }
Error block_too_large() {
  return Error(ErrorCode::kInvalidData, "an Avro block is larger than 64 MB");
}

Result<std::string> deflate_raw(std::string_view bytes) {
  z_stream stream{};
  constexpr int kLevel = 3;
  constexpr int kRawWindow = -15;
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kRawWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return Error(ErrorCode::kInternal, "no memory for compression");
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) return Error(ErrorCode::kInternal, "compression failed");
  return out;
}

Result<std::string> inflate_raw(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, -15) != Z_OK) return Error(ErrorCode::kInternal, "no memory");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  while (true) {
    const size_t done = out.size();
    if (done >= kBlockBytesMax) return block_too_large();
    out.resize(done + std::max(kOutputStep, done));
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
    stream.avail_out = static_cast<uInt>(out.size() - done);
    const int code = inflate(&stream, Z_NO_FLUSH);
    const bool filled = stream.avail_out == 0;
    out.resize(out.size() - stream.avail_out);
    if (code == Z_STREAM_END) return out;
    if (code != Z_OK || (!filled && stream.avail_in == 0)) return bad_block();
  }
}

Result<std::string> zstd_compress(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1);
  if (ZSTD_isError(size) != 0) return Error(ErrorCode::kInternal, "compression failed");
  out.resize(size);
  return out;
}

Result<std::string> zstd_decompress(std::string_view bytes) {
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                        ZSTD_freeDStream);
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, 26);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  while (true) {
    const size_t done = out.size();
    if (done >= kBlockBytesMax) return block_too_large();
    out.resize(done + std::max(kOutputStep, done));
    ZSTD_outBuffer buffer{out.data() + done, out.size() - done, 0};
    const size_t code = ZSTD_decompressStream(stream.get(), &buffer, &in);
    out.resize(done + buffer.pos);
    if (ZSTD_isError(code) != 0) return bad_block();
    if (code == 0 && in.pos == in.size) return out;
    // No progress is possible without more input.
    if (code != 0 && in.pos == in.size && buffer.pos < buffer.size) return bad_block();
  }
}

// Snappy, then the CRC-32 of the plain bytes, big-endian.
Result<std::string> snappy_decompress(std::string_view bytes) {
  if (bytes.size() < 4) return bad_block();
  const std::string_view packed = bytes.substr(0, bytes.size() - 4);
  size_t size = 0;
  if (snappy_uncompressed_length(packed.data(), packed.size(), &size) != SNAPPY_OK) {
    return bad_block();
  }
  if (size > kBlockBytesMax) return block_too_large();
  // Snappy's copies make at most 64 bytes of 2; a longer claim is a lie that costs memory.
  if (size / 64 > packed.size()) return bad_block();
  std::string out(size, '\0');
  if (snappy_uncompress(packed.data(), packed.size(), out.data(), &size) != SNAPPY_OK) {
    return bad_block();
  }
  uint32_t wanted = 0;
  for (const char byte : bytes.substr(packed.size())) {
    wanted = wanted << 8 | static_cast<uint8_t>(byte);
  }
  const auto* plain = reinterpret_cast<const Bytef*>(out.data());
  if (crc32(0, plain, static_cast<uInt>(out.size())) != wanted) return bad_block();
  return out;
}

}  // namespace

Result<std::string> compress(std::string_view codec, std::string_view bytes) {
  if (codec == "null") return std::string(bytes);
  if (codec == "deflate") return deflate_raw(bytes);
  if (codec == "zstandard") return zstd_compress(bytes);
  return Error(ErrorCode::kUnsupported, "Avro codec '" + std::string(codec) + "' is not written");
}

Result<std::string> decompress(std::string_view codec, std::string_view bytes) {
  if (codec == "null") return std::string(bytes);
  if (codec == "deflate") return inflate_raw(bytes);
  if (codec == "zstandard") return zstd_decompress(bytes);
  if (codec == "snappy") return snappy_decompress(bytes);
  return Error(ErrorCode::kInvalidData,
               "unknown Avro codec '" + std::string(codec.substr(0, 32)) + "'");
}

}  // namespace firn::iceberg::avro
