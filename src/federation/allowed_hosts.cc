#include "federation/allowed_hosts.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace firn::federation {
namespace {

constexpr AddressBytes kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

AddressBytes mapped(const uint8_t* v4) {
  AddressBytes address = kMappedPrefix;
  std::copy(v4, v4 + 4, address.begin() + 12);
  return address;
}

bool parse_address(const std::string& text, AddressBytes& address) {
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) {
    address = mapped(reinterpret_cast<const uint8_t*>(&v4));
    return true;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return false;
  std::copy(v6.s6_addr, v6.s6_addr + 16, address.begin());
  return true;
}

// The IPv4 address that an IPv6 one leads to by translation: NAT64 (RFC 6052), 6to4 (RFC 3056), the
// deprecated compatible form.
AddressBytes untranslated(const AddressBytes& address) {
  constexpr std::array<uint8_t, 12> kNat64{0, 0x64, 0xff, 0x9b};
  if (std::equal(kNat64.begin(), kNat64.end(), address.begin())) return mapped(&address[12]);
  if (address[0] == 0x20 && address[1] == 0x02) return mapped(&address[2]);
  const bool zeros =
      std::all_of(address.begin(), address.begin() + 12, [](uint8_t byte) { return byte == 0; });
  const bool special = std::all_of(address.begin() + 12, address.begin() + 15,
                                   [](uint8_t byte) { return byte == 0; });
  return zeros && !special ? mapped(&address[12]) : address;
}

constexpr std::string_view kRefused =
    "0.0.0.0/8,127.0.0.0/8,169.254.0.0/16,224.0.0.0/4,255.255.255.255,"
    "100.100.100.200,192.0.0.192,168.63.129.16,"
    "::,::1,fe80::/10,ff00::/8,fd00:ec2::/32,fd20:ce::254";

Result<std::vector<std::string>> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failed != 0) {
    return Error(ErrorCode::kUnavailable,
                 "the host " + host + " is not known: " + ::gai_strerror(failed));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  std::vector<std::string> addresses;
  for (const auto* at = found; at != nullptr; at = at->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
        0) {
      addresses.emplace_back(text);
    }
  }
  return addresses;
}

template <typename Take>
void each_part(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, end);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) take(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Error socket_error(const std::string& address, uint16_t port, int error) {
  return Error(ErrorCode::kUnavailable, address + " port " + std::to_string(port) + ": " +
                                            std::generic_category().message(error));
}

}  // namespace

bool AllowedHosts::parse_network(std::string_view text, Network& network) {
  const size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  if (!parse_address(address, network.address)) return false;
  network.bits = 128;
  if (slash == std::string_view::npos) return true;
  int bits = -1;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
  const int most = address.find(':') == std::string::npos ? 32 : 128;
  if (parsed.ec != std::errc() || parsed.ptr != end || bits < 0 || bits > most) return false;
  network.bits = bits + 128 - most;
  return true;
}

bool AllowedHosts::contains(const Network& network, const AddressBytes& address) {
  for (int bit = 0; bit < network.bits; bit += 8) {
    const int shift = std::max(0, 8 - (network.bits - bit));
    const size_t i = static_cast<size_t>(bit / 8);
    if (network.address[i] >> shift != address[i] >> shift) return false;
  }
  return true;
}

bool AllowedHosts::allows(const AddressBytes& address) const {
  const auto in = [&](const Network& network) { return contains(network, address); };
  if (std::any_of(exceptions_.begin(), exceptions_.end(), in)) return true;
  bool refused = false;
  const AddressBytes led_to = untranslated(address);
  each_part(kRefused, [&](std::string_view part) {
    Network network;
    refused |=
        !parse_network(part, network) || contains(network, address) || contains(network, led_to);
  });
  return !refused;
}

Result<AllowedHosts> AllowedHosts::create(std::string_view exceptions, Lookup lookup) {
  AllowedHosts hosts;
  hosts.lookup_ = lookup ? std::move(lookup) : look_up;
  std::string wrong;
  each_part(exceptions, [&](std::string_view part) {
    Network network;
    if (parse_network(part, network)) {
      hosts.exceptions_.push_back(network);
    } else {
      wrong = std::string(part);
    }
  });
  if (!wrong.empty()) {
    return Error(ErrorCode::kInvalidArgument, "'" + wrong + "' is not an address or a network");
  }
  return hosts;
}

Result<std::string> AllowedHosts::resolve(const std::string& host) const {
  AddressBytes literal;
  std::vector<std::string> addresses{host};
  if (!parse_address(host, literal)) addresses = TRY(lookup_(host));
  if (addresses.empty()) {
    return Error(ErrorCode::kUnavailable, "the host " + host + " has no address");
  }
  for (const auto& text : addresses) {
    AddressBytes address;
    // A scope (fe80::1%eth0) is none of ours.
    if (!parse_address(text, address) || !allows(address)) {
      return Error(
          ErrorCode::kPermissionDenied,
          "the host " + host +
              " is not allowed: it leads to this machine or its own "
              "network services; whoever runs Firn can allow it with connection-hosts-allowed",
          text);
    }
  }
  return addresses.front();
}

Result<Socket> connect_socket(const std::string& address, uint16_t port,
                              std::chrono::milliseconds at_most) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool is_v4 = ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) != 1) {
    return Error(ErrorCode::kInvalidArgument, "'" + address + "' is not an address");
  }
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(port);
  Socket socket;
  socket.descriptor = std::make_unique<query::OwnedDescriptor>(
      ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int descriptor = socket.descriptor->get();
  if (descriptor < 0) return socket_error(address, port, errno);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  const auto* target =
      is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
  if (::connect(descriptor, target, size) != 0) {
    if (errno != EINPROGRESS) return socket_error(address, port, errno);
    pollfd waiting{descriptor, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(at_most.count()));
    if (ready == 0) {
      return Error(ErrorCode::kDeadlineExceeded,
                   address + " port " + std::to_string(port) + " does not answer");
    }
    int error = 0;
    socklen_t error_size = sizeof error;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &error_size);
    if (ready < 0 || error != 0) return socket_error(address, port, error != 0 ? error : errno);
  }
  sockaddr_in6 own{};
  socklen_t own_size = sizeof own;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &own_size);
  socket.local_port = ntohs(own.sin6_port);  // at the same place in both families
  return socket;
}

}  // namespace firn::federation
