#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mcp/json_rpc.h"

namespace firn::mcp {

// Who calls. The program that embeds MCP derives its own from it.
class Caller {
 public:
  virtual ~Caller() = default;
  // The same for each request of one principal; a session is of one identity only.
  virtual std::string identity() const = 0;
};

enum class Era { kSessions, kStateless };

// The versions that are spoken, newest first.
inline constexpr std::string_view kStatelessVersion = "2026-07-28";
inline constexpr std::string_view kSessionVersions[] = {"2025-11-25", "2025-06-18"};

// Keys of _meta.
inline constexpr std::string_view kMetaVersion = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view kMetaClient = "io.modelcontextprotocol/clientInfo";
inline constexpr std::string_view kMetaCapabilities = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view kMetaLogLevel = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view kMetaServer = "io.modelcontextprotocol/serverInfo";
inline constexpr std::string_view kMetaSubscription = "io.modelcontextprotocol/subscriptionId";

// RFC 5424's levels, from debug up; none for an unknown name.
std::optional<int> log_severity(std::string_view level);

// What the server asks of the client before it can go on: "elicitation/create",
// "sampling/createMessage" or "roots/list", each by a key of the provider's choice.
struct InputRequest {
  std::string method;
  std::string params;  // JSON object
};
using InputRequests = std::map<std::string, InputRequest>;

// Where a call's messages go: one exchange of a transport.
class CallChannel {
 public:
  virtual ~CallChannel() = default;
  // The answer, once: a JSON-RPC message. `http_status` and the challenge (WWW-Authenticate, where
  // it is not empty) are of the answer, where they can still be.
  virtual void answer(std::string message, int http_status, const std::string& challenge) = 0;
  // A message before the answer; dropped where the client takes no stream.
  virtual void push(std::string message) = 0;
  virtual bool takes_stream() const = 0;
  // Asks the client, in a session; `done` gets the answers by key, or an error.
  virtual void ask(const InputRequests& requests, std::function<void(Result<Json>)> done) = 0;
};

class RequestState;
class Call;
using CallPtr = std::shared_ptr<Call>;

// One request of a client. Thread-safe.
class Call : public std::enable_shared_from_this<Call> {
 public:
  struct Origin {
    Era era = Era::kStateless;
    std::shared_ptr<const Caller> caller;
    Json client;                               // its Implementation, or null
    Json capabilities;                         // ClientCapabilities
    std::optional<int> logging;                // least severity that it wants; none: no messages
    std::map<std::string, std::string> query;  // of the URL
    std::string server_info;                   // Implementation, JSON
    RequestState* state = nullptr;
  };
  Call(Message message, Origin origin, std::shared_ptr<CallChannel> channel);

  const std::string& method() const { return message_.method; }
  const Json& params() const { return message_.params; }
  const Json& id() const { return message_.id; }
  const Origin& origin() const { return origin_; }
  // "sampling", "elicitation", "roots".
  bool client_can(std::string_view capability) const;

  // `result` is a JSON object without _meta; members of the era's envelope are added to it, and
  // `meta`, members of _meta without its braces.
  void respond(std::string_view result, std::string_view meta = {});
  void fail(const RpcError& error);
  void fail(const Error& error) { fail(rpc_error(error)); }

  bool wants_progress() const;
  // Dropped unless the client gave a progress token. `total` below 0: unknown.
  void progress(double done, double total, std::string_view message = {});
  // Dropped unless the client wants this level. `data` is JSON.
  void log(std::string_view level, std::string_view data);

  // Answers (2026-07-28) or asks (sessions) with requests for input; the same call then comes
  // again with input_response()s and the `state`, which the client cannot change. The methods are
  // those of which client_can() is true: else fails with MissingRequiredClientCapability.
  void require_input(InputRequests requests, std::string_view state = {});
  // What the client gave for a key; null where it gave nothing that is an object.
  const Json* input_response(std::string_view key) const;
  // As it was given to require_input(); none at the first round. An error has been answered where
  // it was tampered with: provider methods see only states that are whole.
  const std::optional<std::string>& state() const { return state_; }

  bool answered() const;
  bool cancelled() const;
  // At once, where the call is cancelled already. Harmless once it was answered.
  void on_cancel(std::function<void()> callback);

  // --- For transports.
  // `params` is JSON.
  void notify(std::string_view method, const std::string& params);
  // Whether notify() comes to anything.
  bool takes_notifications() const { return channel_->takes_stream(); }
  void cancel();
  // Reads inputResponses and requestState. False: it was refused.
  bool read_inputs();
  void set_again(std::function<void(CallPtr)> again);

 private:
  bool take_answer();
  void answered_inputs(Result<Json> inputs, std::string state);

  const Message message_;
  const Origin origin_;
  const std::shared_ptr<CallChannel> channel_;
  Json inputs_;
  std::optional<std::string> state_;
  std::function<void(CallPtr)> again_;
  mutable std::mutex mutex_;
  bool answered_ = false;
  bool cancelled_ = false;
  std::vector<std::function<void()>> on_cancel_;
};

}  // namespace firn::mcp
