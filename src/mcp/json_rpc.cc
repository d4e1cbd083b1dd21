#include "mcp/json_rpc.h"

#include "graphql/json.h"

namespace firn::mcp {

Json json_string(std::string text) { return Json::of_string(std::move(text)); }

std::optional<std::string> string_member(const Json& object, std::string_view name) {
  const Json* member = object.field(name);
  if (member == nullptr || member->kind != Json::Kind::kString) return std::nullopt;
  return member->text;
}

const Json* object_member(const Json& object, std::string_view name) {
  const Json* member = object.field(name);
  return member != nullptr && member->kind == Json::Kind::kObject ? member : nullptr;
}

std::string quoted(std::string_view text) {
  std::string out;
  graphql::append_json_string(out, text);
  return out;
}

RpcError rpc_error(const Error& error) {
  const ErrorCodeInfo& info = info_of(error.code());
  RpcError made;
  made.code = info.mcp_code;
  made.message = error.code() == ErrorCode::kInternal ? "Internal error" : error.message();
  made.data = Json::object();
  made.data->set("code", json_string(std::string(info.graphql_code)));
  return made;
}

namespace {

Error wrong(const char* what) { return {ErrorCode::kInvalidArgument, what}; }

bool is_id(const Json& json) {
  return json.kind == Json::Kind::kString || json.kind == Json::Kind::kInt;
}

}  // namespace

Result<Message> read_message(Json json, Json& id) {
  if (json.kind == Json::Kind::kList) return wrong("batches are not part of this protocol");
  if (json.kind != Json::Kind::kObject) return wrong("a message is a JSON object");
  Message message;
  if (const Json* given = json.field("id"); given != nullptr) {
    if (!is_id(*given)) return wrong("an id is a string or a whole number");
    message.id = id = *given;
  }
  if (string_member(json, "jsonrpc") != "2.0") return wrong("\"jsonrpc\" has to be \"2.0\"");
  const Json* method = json.field("method");
  if (method == nullptr) {
    message.kind = Message::Kind::kResponse;
    if (message.id.is_null()) return wrong("a message has a method, or is the answer to an id");
    if (const Json* result = json.field("result")) message.result = *result;
    if (const Json* failed = json.field("error")) message.rpc_failed = *failed;
    if (message.result.has_value() == message.rpc_failed.has_value()) {
      return wrong("an answer has either a result or an error");
    }
    return message;
  }
  if (method->kind != Json::Kind::kString) return wrong("a method is a string");
  message.method = method->text;
  if (message.id.is_null()) message.kind = Message::Kind::kNotification;
  if (const Json* params = json.field("params")) {
    if (params->kind != Json::Kind::kObject) return wrong("params are an object");
    message.params = *params;
  }
  return message;
}

std::string write_request(std::string_view id, std::string_view method, std::string_view params) {
  return R"({"jsonrpc":"2.0","id":)" + quoted(id) + ",\"method\":" + quoted(method) +
         ",\"params\":" + std::string(params) + "}";
}

std::string write_notification(std::string_view method, std::string_view params) {
  return R"({"jsonrpc":"2.0","method":)" + quoted(method) + ",\"params\":" + std::string(params) +
         "}";
}

std::string write_result(const Json& id, std::string_view result) {
  std::string out = R"({"jsonrpc":"2.0","id":)" + id.to_json() + ",\"result\":";
  out += result;
  out += '}';
  return out;
}

std::string write_error(const Json& id, const RpcError& error) {
  std::string out = R"({"jsonrpc":"2.0","id":)" + id.to_json() +
                    ",\"error\":{\"code\":" + std::to_string(error.code) +
                    ",\"message\":" + quoted(error.message);
  if (error.data) out += ",\"data\":" + error.data->to_json();
  return out + "}}";
}

}  // namespace firn::mcp
