#pragma once

#include <cstdint>
#include <string_view>

namespace firn::iceberg {

// MurmurHash3 x86 32-bit with seed 0 (spec, appendix B).
int32_t murmur3_32(std::string_view bytes);
// The hash of an int or long: of its eight little-endian bytes.
int32_t hash_long(int64_t value);

}  // namespace firn::iceberg
