#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn {

// Times are microseconds since 1970-01-01T00:00:00Z. As RFC 3339 in UTC they have three fraction
// digits, rounded down ("2026-01-31T12:00:00.000Z"), or all six.
enum class TimeDigits { kMillis, kMicros };
inline constexpr size_t kRfc3339BytesMax = 40;
// Returns how many bytes it wrote; there is room for kRfc3339BytesMax.
size_t write_rfc3339(char* to, int64_t us, TimeDigits digits);
void append_rfc3339(std::string& out, int64_t us, TimeDigits digits = TimeDigits::kMillis);

// Strictly RFC 3339, with its offset; digits behind microseconds are dropped. Errors:
// InvalidArgument.
Result<int64_t> parse_rfc3339_us(std::string_view text);

}  // namespace firn
