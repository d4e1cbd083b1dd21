#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "iceberg/types.h"

namespace firn::ingest {

// Text forms of single values; each takes the whole text or gives nothing.

// YYYY-MM-DD, years 0001 to 9999: days since 1970-01-01.
std::optional<int32_t> parse_date(std::string_view text);
// HH:MM:SS[.fraction]: microseconds since midnight.
std::optional<int64_t> parse_time(std::string_view text);

struct ParsedTimestamp {
  int64_t us = 0;  // since 1970-01-01T00:00:00, in UTC where there is an offset
  bool has_offset = false;
};
// RFC 3339 with 'T', 't' or a space; the offset may be missing. Fractions beyond microseconds are
// cut.
std::optional<ParsedTimestamp> parse_timestamp(std::string_view text);

// A JSON number without loss at `scale`: nothing where it has more fractional digits that count, or
// more than 38 digits. `integer_digits` gets the digits before the point.
std::optional<iceberg::Int128> parse_decimal(std::string_view text, int32_t scale,
                                             int32_t* integer_digits = nullptr);

}  // namespace firn::ingest
