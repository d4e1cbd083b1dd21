#include "mcp/request_state.h"

#include <sodium.h>

#include <charconv>

#include "base/bytes.h"

namespace firn::mcp {

RequestState::RequestState(platform::Clock& clock, platform::Random& random) : clock_(clock) {
  random.fill(key_);
}

std::array<uint8_t, 32> RequestState::signature(std::string_view text,
                                                std::string_view bound_to) const {
  const std::string signed_text =
      std::to_string(bound_to.size()) + ":" + std::string(bound_to) + std::string(text);
  std::array<uint8_t, 32> made{};
  crypto_generichash(made.data(), made.size(),
                     reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(),
                     key_.data(), key_.size());
  return made;
}

std::string RequestState::seal(std::string_view text, std::string_view bound_to) const {
  const std::string dated = std::to_string(clock_.now_us() + kLifeUs) + ":" + std::string(text);
  return base64_encode(as_bytes(dated)) + "." + to_hex(signature(dated, bound_to));
}

Result<std::string> RequestState::open(std::string_view sealed, std::string_view bound_to) const {
  const Error refused(ErrorCode::kInvalidArgument,
                      "requestState is not one that this server gave for this call");
  const size_t dot = sealed.rfind('.');
  std::string dated;
  if (dot == std::string_view::npos || !base64_decode(sealed.substr(0, dot), dated)) {
    return refused;
  }
  const std::string wanted = to_hex(signature(dated, bound_to));
  const std::string_view given = sealed.substr(dot + 1);
  if (given.size() != wanted.size() ||
      sodium_memcmp(given.data(), wanted.data(), wanted.size()) != 0) {
    return refused;
  }
  int64_t until_us = 0;
  const auto read = std::from_chars(dated.data(), dated.data() + dated.size(), until_us);
  if (until_us < clock_.now_us()) {
    return Error(ErrorCode::kInvalidArgument, "requestState is too old; begin the call again");
  }
  return dated.substr(static_cast<size_t>(read.ptr - dated.data()) + 1);
}

}  // namespace firn::mcp
