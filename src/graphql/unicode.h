#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace firn::graphql {

struct CodePoint {
  uint32_t value = 0;
  uint32_t length = 0;  // in bytes; 0 past the end of the text
};

// The code point at byte `at`. A byte that begins no well-formed sequence is U+FFFD, one byte long;
// a lone surrogate, which JSON text can smuggle in, is itself.
CodePoint decode_utf8(std::string_view text, size_t at);
void append_utf8(std::string& out, uint32_t code_point);
bool is_valid_utf8(std::string_view text);

constexpr bool is_surrogate(uint32_t value) { return value >= 0xd800 && value <= 0xdfff; }
constexpr bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_start(uint32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_name_continue(uint32_t c) { return is_name_start(c) || is_digit(c); }
// The value of a hexadecimal digit, or -1.
constexpr int hex_digit(uint32_t c) {
  if (is_digit(c)) return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A' + 10);
  return -1;
}

}  // namespace firn::graphql
