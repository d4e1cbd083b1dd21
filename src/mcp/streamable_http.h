#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/server.h"
#include "http/timers.h"
#include "mcp/provider.h"
#include "mcp/request_state.h"
#include "mcp/sessions.h"

namespace firn::mcp {

// What the embedding program decides. Thread-safe; called on I/O threads: it must not block.
class Gate {
 public:
  virtual ~Gate() = default;
  // False: 403. A foreign page, or a name that was made to point here (DNS rebinding).
  virtual bool origin_allowed(const http::Request& request) = 0;
  // Who makes the request. An error refuses it, with its code's status.
  virtual Result<std::shared_ptr<const Caller>> admit(const http::Request& request) = 0;
  // Before a refusal goes out: WWW-Authenticate, for example.
  virtual void decorate_refusal(const http::Request& request, http::Response& response) {
    (void)request;
    (void)response;
  }
};

struct StreamableHttpOptions {
  std::string path = "/mcp";
  uint64_t body_bytes_max = 1 << 20;
  std::chrono::milliseconds stream_ping{15'000};
};

// Streamable HTTP (2026-07-28, basic/transports/streamable-http; and its forerunners with sessions)
// over a provider. Thread-safe.
class StreamableHttp {
 public:
  StreamableHttp(StreamableHttpOptions options, Provider& provider, Gate& gate,
                 platform::Clock& clock, platform::Random& random);
  ~StreamableHttp();

  // Null for a path that is not MCP's.
  std::optional<http::Route> route(const http::Request& request);

  enum class List { kTools, kPrompts, kResources };
  // Tells every client that listens for it that a list is another one now.
  void list_changed(List list);
  void resource_updated(const std::string& uri);

 private:
  struct Inner;
  const std::shared_ptr<Inner> inner_;
};

}  // namespace firn::mcp
