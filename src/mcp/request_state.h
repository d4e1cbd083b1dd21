#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::mcp {

// What a server gives a client to bring back: signed (BLAKE2b, keyed), for one identity and one
// call, for a while. The key is new at each start. Thread-safe.
class RequestState {
 public:
  RequestState(platform::Clock& clock, platform::Random& random);
  static constexpr int64_t kLifeUs = 15LL * 60 * 1'000'000;

  // `bound_to` names the identity and the call.
  std::string seal(std::string_view text, std::string_view bound_to) const;
  // Errors: InvalidArgument for what was changed, is another call's, or is too old.
  Result<std::string> open(std::string_view sealed, std::string_view bound_to) const;

 private:
  std::array<uint8_t, 32> signature(std::string_view text, std::string_view bound_to) const;
  platform::Clock& clock_;
  std::array<uint8_t, 32> key_{};
};

}  // namespace firn::mcp
