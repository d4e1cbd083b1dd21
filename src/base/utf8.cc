#include "base/utf8.h"

#include <cstdint>

namespace firn {
namespace {

constexpr size_t kCharacterBytesMax = 4;

uint8_t byte_at(std::string_view text, size_t at) {
  return at < text.size() ? static_cast<uint8_t>(text[at]) : 0;
}

bool is_tail(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// The bytes of the character that begins there; 0: none does.
size_t character_bytes(std::string_view text, size_t at) {
  const uint8_t first = byte_at(text, at);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const uint8_t second = byte_at(text, at + 1);
  if (!is_tail(second)) return 0;
  if (first < 0xe0) return 2;
  // No longer than it has to be, no surrogate, nothing beyond U+10FFFF.
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  if (!is_tail(byte_at(text, at + 2))) return 0;
  if (first < 0xf0) return 3;
  return is_tail(byte_at(text, at + 3)) ? 4 : 0;
}

}  // namespace

std::string_view cut_utf8(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  for (size_t back = 1; back < kCharacterBytesMax && is_tail(byte_at(text, end)); ++back) {
    if (end == 0) break;
    --end;
  }
  // More tails than a character has: it is none.
  return text.substr(0, is_tail(byte_at(text, end)) ? bytes_max : end);
}

std::string valid_utf8(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string valid;
  valid.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = character_bytes(text, at);
    valid += bytes == 0 ? kReplacement : text.substr(at, bytes);
    at += bytes == 0 ? 1 : bytes;
  }
  return valid;
}

}  // namespace firn
