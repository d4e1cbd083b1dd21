#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace firn::http {

// Receives decoded bytes; an error stops the decoding and is handed back.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status put(std::string_view bytes) = 0;
  // Wants no more for now: whoever decodes into it stops, and goes on when called again.
  virtual bool full() const { return false; }
};

// Undoes one Content-Encoding, piece by piece, in bounded memory. Not thread-safe.
class ContentDecoder {
 public:
  // "", "identity", "gzip", "x-gzip", "deflate" or "zstd"; else UnsupportedMediaType.
  static Result<std::unique_ptr<ContentDecoder>> create(std::string_view encoding);
  virtual ~ContentDecoder() = default;
  // How many bytes were used: all, unless the sink is full. Errors: InvalidData on bytes that are
  // not of the encoding, or whatever the sink returns.
  virtual Result<size_t> feed(std::string_view bytes, ByteSink& sink) = 0;
  // There may be more to give without another byte: the sink was full.
  virtual bool pending() const { return false; }
  // The encoded body has ended. Errors: InvalidData where it was cut short.
  virtual Status finish() = 0;
};

}  // namespace firn::http
