#pragma once

#include <cstdint>
#include <string_view>

namespace firn::graphql {

// A place in a document, as clients count: from 1, columns in UTF-16 code units, lines ended by LF,
// CR or CRLF.
struct Location {
  uint32_t line = 1;
  uint32_t column = 1;
  auto operator<=>(const Location&) const = default;
};

// Of the byte at `offset`; linear in it.
Location location_at(std::string_view text, size_t offset);

}  // namespace firn::graphql
