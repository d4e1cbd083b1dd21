#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/foreign.h"

namespace firn::federation {

// An address of IPv4 or IPv6; IPv4 as IPv6 has it (RFC 4291, 2.5.5.2).
using AddressBytes = std::array<uint8_t, 16>;

// Which hosts connections may name. What would lead back to this machine or to its cloud's
// metadata is refused, unless the setting allows it: loopback, link-local, unspecified, multicast,
// metadata addresses, also where they hide in IPv6 (mapped, NAT64, 6to4). Immutable; thread-safe.
class AllowedHosts {
 public:
  // All addresses of a name. A test gives its own.
  using Lookup = std::function<Result<std::vector<std::string>>(const std::string& host)>;

  // `exceptions`: addresses or networks (10.0.0.0/8, ::1) by commas that are allowed all the same.
  // InvalidArgument, naming what is no network.
  static Result<AllowedHosts> create(std::string_view exceptions, Lookup lookup = {});

  // The address that the host stands for now: the first; every one of them has to be allowed.
  // PermissionDenied, and Unavailable where the name does not resolve.
  Result<std::string> resolve(const std::string& host) const;

 private:
  struct Network {
    AddressBytes address{};
    int bits = 128;
  };
  static bool parse_network(std::string_view text, Network& network);
  static bool contains(const Network& network, const AddressBytes& address);
  bool allows(const AddressBytes& address) const;

  std::vector<Network> exceptions_;
  Lookup lookup_;
};

struct Socket {
  std::unique_ptr<query::OwnedDescriptor> descriptor;
  uint16_t local_port = 0;
};

// A TCP connection. Blocks at most that long. Unavailable in the system's words, DeadlineExceeded.
Result<Socket> connect_socket(const std::string& address, uint16_t port,
                              std::chrono::milliseconds at_most);

}  // namespace firn::federation
