#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::jobs {
class Queue;
}

namespace firn::jobs::wire {

struct WireOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;     // 0: any free one
  std::string password;  // empty: none is asked for, and only loopback is served
  // PEM files; both or neither: TLS or not.
  std::string tls_certificate;
  std::string tls_key;
  size_t connections_max = 4096;
  size_t line_bytes_max = 1 << 20;
  std::chrono::milliseconds handshake_deadline{2'000};
  std::chrono::milliseconds fetch_wait{2'000};
  std::chrono::milliseconds line_deadline{30'000};   // from a line's first byte to its end
  std::chrono::milliseconds write_deadline{30'000};  // for a client to take its answers
  std::chrono::milliseconds idle_deadline{900'000};  // between two commands
};

struct WireStats {
  uint64_t connections = 0;
  uint64_t commands = 0;
};

// The Faktory Work Protocol on a port of its own: one command in flight a connection, RESP2
// answers. One thread reads, runs and answers; what all ready connections asked for is made durable
// by one sync, and only then answered with OK.
class WireServer {
 public:
  // Errors: InvalidArgument (an address that is none, one beyond loopback without a password, TLS
  // files that cannot be used), Unavailable (the port is taken).
  static Result<std::unique_ptr<WireServer>> start(const WireOptions& options, Queue& queue,
                                                   platform::Clock& clock,
                                                   platform::Random& random);
  virtual ~WireServer() = default;
  virtual uint16_t port() const = 0;
  virtual WireStats stats() const = 0;
  // Answers what is under way, closes every connection. Idempotent.
  virtual void stop() = 0;
};

}  // namespace firn::jobs::wire
