// firn_mcp_conformance --listen HOST:PORT: Firn's MCP layer with the fixtures that the conformance
// suite asks for. Prints the address and serves until it is ended.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "mcp/streamable_http.h"
#include "mcp/tests/conformance/fixtures.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::mcp::conformance {
namespace {

class Anybody final : public Caller {
 public:
  std::string identity() const override { return "anybody"; }
};

// Nobody has to say who they are, so only pages of this machine may ask.
class LocalGate final : public Gate {
 public:
  bool origin_allowed(const http::Request& request) override {
    const auto is_local = [](std::string_view host) {
      host = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
      return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    };
    const auto host = request.headers.get("Host");
    if (!host || !is_local(*host)) return false;
    const auto origin = request.headers.get("Origin");
    if (!origin) return true;
    const size_t scheme = origin->find("://");
    return scheme != std::string_view::npos && is_local(origin->substr(scheme + 3));
  }
  Result<std::shared_ptr<const Caller>> admit(const http::Request&) override {
    return std::shared_ptr<const Caller>(std::make_shared<Anybody>());
  }
};

int serve(const std::string& address) {
  const size_t colon = address.rfind(':');
  http::ServerOptions options;
  options.address = address.substr(0, colon);
  options.port = static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1));
  Fixtures fixtures;
  LocalGate gate;
  StreamableHttp transport({}, fixtures, gate, platform::system_clock(), platform::system_random());
  fixtures.on_tools_changed = [&] { transport.list_changed(StreamableHttp::List::kTools); };
  fixtures.on_prompts_changed = [&] { transport.list_changed(StreamableHttp::List::kPrompts); };
  auto server = http::Server::start(options, [&](const http::Request& request) {
    if (auto found = transport.route(request)) return *std::move(found);
    return http::answer_with(
        http::Response::error(Error(ErrorCode::kNotFound, "only /mcp is here")));
  });
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.error().message().c_str());
    return 1;
  }
  std::printf("http://%s:%u/mcp\n", options.address.c_str(), (*server)->port());
  std::fflush(stdout);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  int received = 0;
  ::sigwait(&signals, &received);
  (*server)->drain(std::chrono::milliseconds(500));
  return 0;
}

}  // namespace
}  // namespace firn::mcp::conformance

int main(int argc, char** argv) {
  if (argc != 3 || std::string(argv[1]) != "--listen") {
    std::fprintf(stderr, "usage: firn_mcp_conformance --listen HOST:PORT\n");
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return firn::mcp::conformance::serve(argv[2]);
}
