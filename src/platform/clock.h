#pragma once

#include <chrono>
#include <cstdint>

namespace firn::platform {

// Where time comes from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970-01-01T00:00:00Z; may jump.
  virtual int64_t now_us() = 0;
  // Nanoseconds from an arbitrary start; never goes back.
  virtual int64_t monotonic_ns() = 0;
  int64_t now_ms() { return now_us() / 1000; }
};

Clock& system_clock();

}  // namespace firn::platform
