#include "base/bytes.h"

#include <nmmintrin.h>

#include <array>

namespace firn {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> make_decode_table() {
  std::array<int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (int i = 0; i < 64; ++i) table[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int8_t>(i);
  return table;
}
constexpr auto kDecode = make_decode_table();

}  // namespace

uint32_t crc32c(ByteSpan bytes, uint32_t seed) {
  uint64_t crc = ~seed;
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) crc = _mm_crc32_u64(crc, load_le<uint64_t>(&bytes[i]));
  for (; i < bytes.size(); ++i) crc = _mm_crc32_u8(static_cast<uint32_t>(crc), bytes[i]);
  return ~static_cast<uint32_t>(crc);
}

std::string to_hex(ByteSpan bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const uint8_t byte : bytes) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string base64_encode(ByteSpan bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = bytes.size() - i;
    uint32_t word = uint32_t{bytes[i]} << 16;
    if (left > 1) word |= uint32_t{bytes[i + 1]} << 8;
    if (left > 2) word |= bytes[i + 2];
    out += kAlphabet[word >> 18];
    out += kAlphabet[word >> 12 & 63];
    out += left > 1 ? kAlphabet[word >> 6 & 63] : '=';
    out += left > 2 ? kAlphabet[word & 63] : '=';
  }
  return out;
}

bool base64_decode(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 4 != 0) return false;
  size_t padding = 0;
  if (!text.empty() && text.back() == '=') padding = text[text.size() - 2] == '=' ? 2 : 1;
  out.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const size_t digits = last ? 4 - padding : 4;
    uint32_t word = 0;
    for (size_t j = 0; j < 4; ++j) {
      int value = 0;
      if (j < digits) value = kDecode[static_cast<uint8_t>(text[i + j])];
      if (value < 0) return false;
      word = word << 6 | static_cast<uint32_t>(value);
    }
    out += static_cast<char>(word >> 16);
    if (digits > 2) out += static_cast<char>(word >> 8 & 255);
    if (digits > 3) out += static_cast<char>(word & 255);
  }
  return true;
}

}  // namespace firn
