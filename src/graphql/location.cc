#include "graphql/location.h"

#include "graphql/unicode.h"

namespace firn::graphql {

Location location_at(std::string_view text, size_t offset) {
  Location location;
  size_t line_start = 0;
  for (size_t i = 0; i < offset && i < text.size(); ++i) {
    if (text[i] != '\n' && text[i] != '\r') continue;
    const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (pair && i + 1 >= offset) break;  // between the two: still on this line
    if (pair) ++i;
    ++location.line;
    line_start = i + 1;
  }
  for (size_t i = line_start; i < offset && i < text.size();) {
    const CodePoint point = decode_utf8(text, i);
    location.column += point.value > 0xffff ? 2 : 1;
    i += point.length;
  }
  return location;
}

}  // namespace firn::graphql
