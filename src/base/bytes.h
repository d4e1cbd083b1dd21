#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace firn {

using ByteSpan = std::span<const uint8_t>;

inline ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Little-endian fixed-width integers, unaligned.
template <typename T>
T load_le(const void* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <typename T>
void append_le(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// CRC-32C (Castagnoli) of `bytes`, continuing from `seed`. Uses SSE 4.2.
uint32_t crc32c(ByteSpan bytes, uint32_t seed = 0);

std::string to_hex(ByteSpan bytes);
// RFC 4648 section 4, padded.
std::string base64_encode(ByteSpan bytes);
// False on anything but well-formed padded base64.
[[nodiscard]] bool base64_decode(std::string_view text, std::string& out);

}  // namespace firn
