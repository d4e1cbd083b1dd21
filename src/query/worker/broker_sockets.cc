#include "query/worker/broker_sockets.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <vector>

namespace firn::query {
namespace {

struct Broker {
  std::mutex mutex;
  SocketBroker connect;  // empty: libc's own sockets
  std::map<std::string, std::string> names;
  std::vector<int> connected;
  std::string failure;
};

// Never destroyed: libraries connect from threads of their own.
Broker& broker() {
  static auto* instance = new Broker;
  return *instance;
}

SocketBroker current() {
  std::lock_guard lock(broker().mutex);
  return broker().connect;
}

template <typename Function>
Function* libc(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int fail_with(int error) {
  errno = error;
  return -1;
}

// Stands for a socket until it is connected: has a number and flags, and leads nowhere.
int placeholder(int type) {
  int ends[2];
  const int flags = type & (SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (::socketpair(AF_UNIX, SOCK_STREAM | flags, 0, ends) != 0) return -1;
  ::close(ends[1]);
  return ends[0];
}

std::string address_text(const sockaddr* address, uint16_t& port) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    port = ntohs(v4->sin_port);
    ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    port = ntohs(v6->sin6_port);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
  }
  return text;
}

int error_number(ErrorCode code) {
  switch (code) {
    case ErrorCode::kPermissionDenied: return EACCES;
    case ErrorCode::kDeadlineExceeded: return ETIMEDOUT;
    default: return ECONNREFUSED;
  }
}

int connect_by(const SocketBroker& connect, int descriptor, const sockaddr* address) {
  uint16_t port = 0;
  const std::string text = address_text(address, port);
  if (text.empty()) return fail_with(EAFNOSUPPORT);
  auto socket = connect(text, port);
  if (!socket.ok()) {
    std::lock_guard lock(broker().mutex);
    broker().failure = socket.error().message();
    return fail_with(error_number(socket.error().code()));
  }
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (::dup3((*socket)->get(), descriptor, O_CLOEXEC) < 0) return -1;
  ::fcntl(descriptor, F_SETFL, flags);
  std::lock_guard lock(broker().mutex);
  broker().connected.push_back(descriptor);
  return 0;
}

}  // namespace

void set_socket_broker(SocketBroker connect) {
  std::lock_guard lock(broker().mutex);
  broker().connect = std::move(connect);
  broker().names.clear();
  broker().connected.clear();
  broker().failure.clear();
}

void broker_name(const std::string& name, const std::string& address) {
  std::lock_guard lock(broker().mutex);
  broker().names[name] = address;
}

void shut_down_brokered_sockets() {
  std::lock_guard lock(broker().mutex);
  for (const int descriptor : broker().connected) ::shutdown(descriptor, SHUT_RDWR);
}

std::string broker_failure() {
  std::lock_guard lock(broker().mutex);
  return broker().failure;
}

}  // namespace firn::query

// These stand before libc's for every library that the process loads.
#define FIRN_INTERPOSED extern "C" __attribute__((visibility("default")))

FIRN_INTERPOSED int socket(int domain, int type, int protocol) {
  using namespace firn::query;
  if (!current()) return libc<int(int, int, int)>("socket")(domain, type, protocol);
  if (domain != AF_INET && domain != AF_INET6) return fail_with(EAFNOSUPPORT);
  return placeholder(type);
}

FIRN_INTERPOSED int connect(int descriptor, const sockaddr* address, socklen_t size) {
  using namespace firn::query;
  const auto by = current();
  if (!by) return libc<int(int, const sockaddr*, socklen_t)>("connect")(descriptor, address, size);
  return connect_by(by, descriptor, address);
}

// Options of TCP mean nothing to a placeholder; the server sets those that matter.
FIRN_INTERPOSED int setsockopt(int descriptor, int level, int name, const void* value,
                               socklen_t size) noexcept {
  using namespace firn::query;
  const int done = libc<int(int, int, int, const void*, socklen_t)>("setsockopt")(
      descriptor, level, name, value, size);
  if (done == 0 || level == SOL_SOCKET || !current()) return done;
  return 0;
}

FIRN_INTERPOSED int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                                addrinfo** result) {
  using namespace firn::query;
  auto* real = libc<int(const char*, const char*, const addrinfo*, addrinfo**)>("getaddrinfo");
  if (!current()) return real(node, service, hints, result);
  std::string address = node == nullptr ? "" : node;
  {
    std::lock_guard lock(broker().mutex);
    if (const auto known = broker().names.find(address); known != broker().names.end()) {
      address = known->second;
    }
  }
  addrinfo numeric{};
  if (hints != nullptr) numeric = *hints;
  numeric.ai_flags = (numeric.ai_flags & ~AI_ADDRCONFIG) | AI_NUMERICHOST | AI_NUMERICSERV;
  return real(address.c_str(), service, &numeric, result);
}
