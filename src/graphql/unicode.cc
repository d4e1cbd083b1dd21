#include "graphql/unicode.h"

namespace firn::graphql {

CodePoint decode_utf8(std::string_view text, size_t at) {
  if (at >= text.size()) return {};
  const auto byte = [&](size_t i) -> uint32_t {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : 0;
  };
  const uint32_t first = byte(at);
  if (first < 0x80) return {first, 1};
  const auto tail = [&](size_t i) { return byte(at + i) & 0x3f; };
  const auto is_tail = [&](size_t i) { return (byte(at + i) & 0xc0) == 0x80; };
  if (first >= 0xc2 && first <= 0xdf && is_tail(1)) return {(first & 0x1f) << 6 | tail(1), 2};
  if (first >= 0xe0 && first <= 0xef && is_tail(1) && is_tail(2)) {
    const uint32_t value = (first & 0x0f) << 12 | tail(1) << 6 | tail(2);
    if (value >= 0x800) return {value, 3};
  }
  if (first >= 0xf0 && first <= 0xf4 && is_tail(1) && is_tail(2) && is_tail(3)) {
    const uint32_t value = (first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3);
    if (value >= 0x10000 && value <= 0x10ffff) return {value, 4};
  }
  return {0xfffd, 1};
}

void append_utf8(std::string& out, uint32_t value) {
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xc0 | value >> 6);
    out += static_cast<char>(0x80 | (value & 0x3f));
  } else if (value < 0x10000) {
    out += static_cast<char>(0xe0 | value >> 12);
    out += static_cast<char>(0x80 | (value >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (value & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | value >> 18);
    out += static_cast<char>(0x80 | (value >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (value >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (value & 0x3f));
  }
}

bool is_valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = decode_utf8(text, i);
    if ((point.value == 0xfffd && point.length == 1) || is_surrogate(point.value)) return false;
    i += point.length;
  }
  return true;
}

}  // namespace firn::graphql
