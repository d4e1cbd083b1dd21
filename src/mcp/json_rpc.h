#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/value.h"

namespace firn::mcp {

// MCP's messages are JSON; this is the JSON that Firn's GraphQL engine reads and writes.
using Json = graphql::Value;

Json json_string(std::string text);
// The text of a member that is a string; none where there is no such.
std::optional<std::string> string_member(const Json& object, std::string_view name);
const Json* object_member(const Json& object, std::string_view name);
std::string quoted(std::string_view text);

// JSON-RPC 2.0, section 5.1, with MCP's own codes.
namespace rpc_code {
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternal = -32603;
inline constexpr int kHeaderMismatch = -32020;
inline constexpr int kMissingCapability = -32021;
inline constexpr int kUnsupportedVersion = -32022;
}  // namespace rpc_code

struct RpcError {
  int code = rpc_code::kInternal;
  std::string message;
  std::optional<Json> data;
  // Of HTTP, where the error is the whole answer; 0: by the code.
  int http_status = 0;
  std::string challenge;  // WWW-Authenticate of that answer; empty: none
};

// An error of Firn's with its JSON-RPC code; internal errors say nothing more.
RpcError rpc_error(const Error& error);

// One message of the peer.
struct Message {
  enum class Kind { kRequest, kNotification, kResponse };
  Kind kind = Kind::kRequest;
  Json id;  // a string or a number; null for notifications
  std::string method;
  Json params;                     // an object, or null
  std::optional<Json> result;      // of a response
  std::optional<Json> rpc_failed;  // its error instead
};

// Errors: InvalidArgument with what is wrong; `id` is what could be read of the message's id.
Result<Message> read_message(Json json, Json& id);

std::string write_request(std::string_view id, std::string_view method, std::string_view params);
std::string write_notification(std::string_view method, std::string_view params);
std::string write_result(const Json& id, std::string_view result);
std::string write_error(const Json& id, const RpcError& error);

}  // namespace firn::mcp
