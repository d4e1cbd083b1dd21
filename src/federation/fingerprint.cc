#include "federation/fingerprint.h"

#include <sodium.h>

#include "base/bytes.h"

namespace firn::federation {

std::string fingerprint(const std::vector<std::string>& texts) {
  std::string all;
  // Lengths keep ("a", "bc") and ("ab", "c") apart.
  for (const auto& text : texts) all += std::to_string(text.size()) + ' ' + text;
  unsigned char digest[16];
  crypto_generichash(digest, sizeof digest, reinterpret_cast<const unsigned char*>(all.data()),
                     all.size(), nullptr, 0);
  return to_hex({digest, sizeof digest});
}

}  // namespace firn::federation
