#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn {

// Microseconds since 1970-01-01T00:00:00Z as RFC 3339 in UTC, rounded down to three fraction digits:
// "2026-01-31T12:00:00.000Z"; or with all six.
enum class TimeDigits { kMillis, kMicros };
void append_rfc3339(std::string& out, int64_t us, TimeDigits digits = TimeDigits::kMillis);
// Strictly RFC 3339, with its offset; digits behind microseconds are dropped. Errors:
// InvalidArgument.
Result<int64_t> parse_rfc3339_us(std::string_view text);

}  // namespace firn
