#include <sodium.h>

#include <array>

#include "auth/auth_internal.h"
#include "base/bytes.h"
#include "platform/random.h"

namespace firn::auth {

std::string hash_secret(std::string_view secret) {
  std::array<uint8_t, 32> hash{};
  const ByteSpan bytes = as_bytes(secret);
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
  return std::string(as_text(hash));
}

bool same_hash(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_text(platform::Random& random, size_t bytes) {
  std::vector<uint8_t> raw(bytes);
  random.fill(raw);
  return to_hex(raw);
}

}  // namespace firn::auth
