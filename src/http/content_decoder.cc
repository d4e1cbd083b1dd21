#include "http/content_decoder.h"

#include <zlib.h>
#include <zstd.h>

#include <array>

namespace firn::http {
namespace {

constexpr size_t kPieceBytes = 64 << 10;

Error bad_encoding(const char* what) {
  return Error(ErrorCode::kInvalidData, std::string("the body is not valid ") + what);
}

class IdentityDecoder final : public ContentDecoder {
 public:
  Result<size_t> feed(std::string_view bytes, ByteSink& sink) override {
    TRY(sink.put(bytes));
    return bytes.size();
  }
  Status finish() override { return {}; }
};

// gzip (RFC 1952, several members too) and zlib (RFC 1950), told apart by their header.
class ZlibDecoder final : public ContentDecoder {
 public:
  ZlibDecoder() { ready_ = inflateInit2(&stream_, 15 + 32) == Z_OK; }
  ~ZlibDecoder() override { inflateEnd(&stream_); }

  Result<size_t> feed(std::string_view bytes, ByteSink& sink) override {
    if (!ready_) return Error(ErrorCode::kInternal, "cannot decompress", "inflateInit2 failed");
    std::array<char, kPieceBytes> piece;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while ((stream_.avail_in > 0 || pending_) && !sink.full()) {
      if (ended_ && stream_.avail_in > 0) {
        if (inflateReset(&stream_) != Z_OK) return bad_encoding("gzip");
        ended_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(piece.data());
      stream_.avail_out = piece.size();
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return bad_encoding("gzip");
      started_ = true;
      ended_ = code == Z_STREAM_END;
      pending_ = stream_.avail_out == 0 && !ended_;
      TRY(sink.put({piece.data(), piece.size() - stream_.avail_out}));
    }
    return bytes.size() - stream_.avail_in;
  }
  bool pending() const override { return pending_; }

  Status finish() override {
    if (started_ && !ended_) return bad_encoding("gzip: it ends too early");
    return {};
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  bool started_ = false;
  bool ended_ = false;
  bool pending_ = false;
};

class ZstdDecoder final : public ContentDecoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) {
    // A frame may ask for a window of gigabytes; 8 MiB is what RFC 8878 says every decoder takes.
    if (stream_ != nullptr) ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 23);
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }

  Result<size_t> feed(std::string_view bytes, ByteSink& sink) override {
    if (stream_ == nullptr) return Error(ErrorCode::kInternal, "cannot decompress", "no memory");
    std::array<char, kPieceBytes> piece;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while ((in.pos < in.size || pending_) && !sink.full()) {
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      const size_t code = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(code) != 0) return bad_encoding("zstd");
      started_ = true;
      ended_ = code == 0;
      // At a frame's end there is nothing more, even where the piece is full: asked again, the
      // decoder would begin another frame.
      pending_ = out.pos == out.size && !ended_;
      TRY(sink.put({piece.data(), out.pos}));
    }
    return in.pos;
  }
  bool pending() const override { return pending_; }

  Status finish() override {
    if (started_ && !ended_) return bad_encoding("zstd: it ends too early");
    return {};
  }

 private:
  ZSTD_DStream* stream_;
  bool started_ = false;
  bool ended_ = false;
  bool pending_ = false;
};

}  // namespace

Result<std::unique_ptr<ContentDecoder>> ContentDecoder::create(std::string_view encoding) {
  if (encoding.empty() || encoding == "identity") {
    return std::unique_ptr<ContentDecoder>(std::make_unique<IdentityDecoder>());
  }
  if (encoding == "gzip" || encoding == "x-gzip" || encoding == "deflate") {
    return std::unique_ptr<ContentDecoder>(std::make_unique<ZlibDecoder>());
  }
  if (encoding == "zstd") return std::unique_ptr<ContentDecoder>(std::make_unique<ZstdDecoder>());
  return Error(ErrorCode::kUnsupportedMediaType,
               "Content-Encoding must be gzip, deflate or zstd, one at a time");
}

}  // namespace firn::http
