#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace firn::federation {

// Encodings of spooled rows that are understood, for X-Trino-Query-Data-Encoding.
inline constexpr std::string_view kSpooledEncodings = "json+zstd,json";

// Some of a result's rows by Trino's spooling protocol: within the answer, or lying in a store.
struct SpooledSegment {
  std::string bytes;     // still encoded; of one that lies in a store empty
  std::string uri;       // where it lies; empty: within the answer
  std::string ack_path;  // to be asked for once it was read: then it can be removed
  // What the store wants with the request; may hold the key that it is encrypted with.
  std::vector<std::pair<std::string, std::string>> headers;
  uint64_t encoded_bytes = 0;
  uint64_t rows_bytes = 0;  // decoded
  bool is_compressed = false;
};

// The protocol's object of `data`, with its segments in order. Unavailable where it is malformed;
// Unsupported where its encoding is another; ResourceExhausted where a segment is too large.
Result<std::vector<SpooledSegment>> parse_spooled_data(std::string_view json);

// The rows as a JSON array of arrays. Unavailable where the bytes are not what was announced.
Result<std::string> decode_segment(const SpooledSegment& segment, std::string_view bytes);

}  // namespace firn::federation
