#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn {

// An RFC 9562 UUID: 16 bytes, big-endian, printed in lower case.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
  std::string to_string() const;
  static Result<Uuid> parse(std::string_view text);
};

}  // namespace firn

template <>
struct std::hash<firn::Uuid> {
  size_t operator()(const firn::Uuid& id) const noexcept {
    uint64_t value = 0;
    for (size_t i = 8; i < 16; ++i) value = value << 8 | id.bytes[i];
    return value;
  }
};
