#include "iceberg/hash.h"

#include <cstring>

#include "base/bytes.h"

namespace firn::iceberg {
namespace {

uint32_t rotate_left(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

uint32_t scramble(uint32_t block) { return rotate_left(block * 0xcc9e2d51U, 15) * 0x1b873593U; }

}  // namespace

int32_t murmur3_32(std::string_view bytes) {
  uint32_t hash = 0;
  const size_t blocks = bytes.size() / 4;
  for (size_t i = 0; i < blocks; ++i) {
    hash ^= scramble(load_le<uint32_t>(bytes.data() + i * 4));
    hash = rotate_left(hash, 13) * 5 + 0xe6546b64U;
  }
  uint32_t tail = 0;
  for (size_t i = bytes.size(); i > blocks * 4; --i) {
    tail = tail << 8 | static_cast<uint8_t>(bytes[i - 1]);
  }
  hash ^= scramble(tail);
  hash ^= static_cast<uint32_t>(bytes.size());
  hash = (hash ^ hash >> 16) * 0x85ebca6bU;
  hash = (hash ^ hash >> 13) * 0xc2b2ae35U;
  return static_cast<int32_t>(hash ^ hash >> 16);
}

int32_t hash_long(int64_t value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  return murmur3_32({bytes, sizeof bytes});
}

}  // namespace firn::iceberg
