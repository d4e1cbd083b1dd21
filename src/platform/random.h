#pragma once

#include <cstdint>
#include <span>

#include "base/ids.h"

namespace firn::platform {

// Where randomness comes from. Thread-safe. The system's one is fit for keys.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<uint8_t> bytes) = 0;
  uint64_t next_u64();
  // A version 4 UUID.
  Uuid uuid();
};

Random& system_random();

}  // namespace firn::platform
