// Networks and hosts as people write them; nothing on loopback may pass without an exception.
#include <cstdint>
#include <string>
#include <string_view>

#include "federation/allowed_hosts.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using firn::federation::AllowedHosts;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto no_names = [](const std::string&) {
    return firn::Result<std::vector<std::string>>(std::vector<std::string>());
  };
  const auto hosts = AllowedHosts::create({}, no_names);
  const auto address = hosts->resolve(std::string(text));
  if (address.ok() && (address->starts_with("127.") || *address == "::1")) __builtin_trap();
  const auto excepted = AllowedHosts::create(text, no_names);
  if (excepted.ok() && text.empty() && excepted->resolve("127.0.0.1").ok()) __builtin_trap();
  return 0;
}
