#include "platform/random.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace firn::platform {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<uint8_t> bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::getrandom(bytes.data(), bytes.size(), 0);
      CHECK(n > 0 || errno == EINTR);
      if (n > 0) bytes = bytes.subspan(static_cast<size_t>(n));
    }
  }
};

}  // namespace

uint64_t Random::next_u64() {
  uint64_t value = 0;
  fill({reinterpret_cast<uint8_t*>(&value), sizeof value});
  return value;
}

Uuid Random::uuid() {
  Uuid id;
  fill(id.bytes);
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

Random& system_random() {
  static SystemRandom instance;
  return instance;
}

}  // namespace firn::platform
