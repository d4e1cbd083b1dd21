#include <cstdio>
#include <iostream>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/remote.h"
#include "graphql/json.h"
#include "http/thread_pool.h"
#include "mcp/call.h"
#include "mcp/json_rpc.h"

namespace firn::app {
namespace {

constexpr int kCallsMax = 16;  // at a time
constexpr size_t kWaitingMax = 64;
constexpr size_t kLineBytesMax = 4 << 20;

// A desktop client's standard input and output before a running server: each line is a message and
// goes to /mcp; whatever comes back, answers and what precedes them, is a line.
class StdioBridge {
 public:
  explicit StdioBridge(RemoteAddress address) : address_(std::move(address)) {}

  Status run() {
    std::string line;
    while (std::getline(std::cin, line)) {
      if (line.empty()) continue;
      if (line.size() > kLineBytesMax) {
        print(mcp::write_error({}, {mcp::rpc_code::kInvalidRequest, "the message is too long"}));
        continue;
      }
      auto parsed = graphql::parse_json(line);
      if (!parsed.ok()) {
        print(mcp::write_error({}, {mcp::rpc_code::kParseError, parsed.error().message()}));
        continue;
      }
      take(std::move(line), *std::move(parsed));
      line.clear();
    }
    pool_.reset();  // lets what is under way end
    end_session();
    return {};
  }

 private:
  void take(std::string line, mcp::Json message) {
    // The answer to it says which session all others are of.
    const bool first = mcp::string_member(message, "method") == "initialize";
    if (first) return forward(line, message);
    const mcp::Json id = message.field("id") != nullptr ? *message.field("id") : mcp::Json();
    const bool taken = pool_->try_submit(
        [this, line = std::move(line), message = std::move(message)] { forward(line, message); });
    if (!taken) print(mcp::write_error(id, {mcp::rpc_code::kInternal, "too many calls at once"}));
  }

  http::ClientRequest request_for(const std::string& line, const mcp::Json& message) {
    http::ClientRequest request;
    request.method = "POST";
    request.target = "/mcp";
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Accept", "application/json, text/event-stream");
    if (!address_.key.empty()) request.headers.add("Authorization", "Bearer " + address_.key);
    request.body = line;
    const mcp::Json* params = mcp::object_member(message, "params");
    const mcp::Json* meta = params != nullptr ? mcp::object_member(*params, "_meta") : nullptr;
    const auto version =
        meta != nullptr ? mcp::string_member(*meta, mcp::kMetaVersion) : std::nullopt;
    std::lock_guard lock(mutex_);
    if (version) {
      request.headers.add("MCP-Protocol-Version", *version);
      request.headers.add("Mcp-Method", mcp::string_member(message, "method").value_or(""));
      for (const char* name : {"name", "uri"}) {
        if (const auto value = mcp::string_member(*params, name)) {
          request.headers.set("Mcp-Name", *value);
        }
      }
    } else if (!session_.empty()) {
      request.headers.add("Mcp-Session-Id", session_);
      request.headers.add("MCP-Protocol-Version", version_);
    }
    return request;
  }

  void forward(const std::string& line, const mcp::Json& message) {
    const mcp::Json* id = message.field("id");
    const auto client = http::Client::create(address_.url);
    if (!client.ok()) return failed(id, client.error());
    bool any = false;
    std::string waiting;
    // Lines of an event stream, or one JSON text: told apart by how they begin.
    const auto take_bytes = [&](std::string_view bytes) -> Status {
      waiting += bytes;
      any = true;
      if (waiting.starts_with('{')) return {};
      for (size_t end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
        const std::string event = waiting.substr(0, end);
        waiting.erase(0, end + 1);
        if (event.starts_with("data: ")) print(event.substr(6));
      }
      return {};
    };
    const auto response = (*client)->stream(request_for(line, message), take_bytes);
    if (!response.ok()) return failed(id, response.error());
    if (const auto session = response->headers.get("Mcp-Session-Id"))
      begin_session(*session, waiting);
    if (any && waiting.starts_with('{')) print(waiting);
    // Errors come with another status, and the body in the response.
    if (response->status != 200 && response->body.starts_with('{')) print(response->body);
  }

  void begin_session(std::string_view id, const std::string& answer) {
    const auto parsed = graphql::parse_json(answer);
    const mcp::Json* result = parsed.ok() ? mcp::object_member(*parsed, "result") : nullptr;
    std::lock_guard lock(mutex_);
    session_ = id;
    if (result != nullptr) version_ = mcp::string_member(*result, "protocolVersion").value_or("");
  }

  void end_session() {
    if (session_.empty()) return;
    const auto client = http::Client::create(address_.url);
    if (!client.ok()) return;
    http::ClientRequest request;
    request.method = "DELETE";
    request.target = "/mcp";
    request.headers.add("Authorization", "Bearer " + address_.key);
    request.headers.add("Mcp-Session-Id", session_);
    const auto ended = (*client)->send(request);
    if (!ended.ok()) fmt::print(stderr, "firn mcp: {}\n", ended.error().message());
  }

  void failed(const mcp::Json* id, const Error& error) {
    fmt::print(stderr, "firn mcp: {}\n", error.message());
    if (id != nullptr) print(mcp::write_error(*id, mcp::rpc_error(error)));
  }

  void print(std::string_view message) {
    std::lock_guard lock(output_);
    fmt::print("{}\n", message);
    std::fflush(stdout);
  }

  const RemoteAddress address_;
  std::mutex mutex_;
  std::mutex output_;
  std::string session_;
  std::string version_;
  std::unique_ptr<http::ThreadPool> pool_ =
      std::make_unique<http::ThreadPool>(kCallsMax, kWaitingMax);
};

}  // namespace

Status command_mcp(const Arguments& arguments) {
  const CommandLine line = TRY(parse_command_line(arguments, {}, {}));
  if (!line.positional.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "usage: firn mcp [--url URL] [--key-file FILE]: speaks MCP on standard input and "
                 "output, for a server that runs");
  }
  return StdioBridge(TRY(remote_address(line))).run();
}

}  // namespace firn::app
