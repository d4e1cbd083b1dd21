#include "mcp/call.h"

#include <algorithm>
#include <array>

#include "mcp/request_state.h"

namespace firn::mcp {
namespace {

constexpr std::array<std::string_view, 8> kLevels = {"debug", "info",     "notice", "warning",
                                                     "error", "critical", "alert",  "emergency"};

// The capability that a request to the client takes.
std::string_view capability_of(std::string_view method) {
  return method.substr(0, method.find('/'));
}

// What a signed state is good for: the same principal's same call.
std::string bound_to(const Call& call) {
  std::string text = call.origin().caller ? call.origin().caller->identity() : std::string();
  text += '\n' + call.method();
  for (const char* name : {"name", "uri"}) {
    text += '\n' + string_member(call.params(), name).value_or("");
  }
  return text;
}

std::string write_input_requests(const InputRequests& requests) {
  std::string out = "{";
  for (const auto& [key, request] : requests) {
    if (out.size() > 1) out += ',';
    out += quoted(key) + ":{\"method\":" + quoted(request.method) +
           ",\"params\":" + request.params + "}";
  }
  return out + "}";
}

}  // namespace

std::optional<int> log_severity(std::string_view level) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), level);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<int>(found - kLevels.begin());
}

Call::Call(Message message, Origin origin, std::shared_ptr<CallChannel> channel)
    : message_(std::move(message)), origin_(std::move(origin)), channel_(std::move(channel)) {}

bool Call::client_can(std::string_view capability) const {
  return object_member(origin_.capabilities, capability) != nullptr;
}

bool Call::take_answer() {
  std::lock_guard lock(mutex_);
  if (answered_) return false;
  answered_ = true;
  on_cancel_.clear();
  return true;
}

void Call::respond(std::string_view result, std::string_view meta) {
  if (!take_answer()) return;
  std::string more;
  if (origin_.era == Era::kStateless) {
    more = R"("resultType":"complete","_meta":{")" + std::string(kMetaServer) +
           "\":" + origin_.server_info;
    if (!meta.empty()) more += "," + std::string(meta);
    more += '}';
  } else if (!meta.empty()) {
    more = "\"_meta\":{" + std::string(meta) + "}";
  }
  if (!more.empty() && result.size() > 2) more += ',';
  std::string enveloped(result);
  enveloped.insert(1, more);
  channel_->answer(write_result(message_.id, enveloped), 200, "");
}

void Call::fail(const RpcError& error) {
  if (!take_answer()) return;
  int status = error.http_status != 0 ? error.http_status : 200;
  if (error.http_status == 0 && origin_.era == Era::kStateless) {
    if (error.code == rpc_code::kMethodNotFound) status = 404;
    if (error.code == rpc_code::kMissingCapability) status = 400;
  }
  channel_->answer(write_error(message_.id, error), status, error.challenge);
}

void Call::notify(std::string_view method, const std::string& params) {
  channel_->push(write_notification(method, params));
}

bool Call::wants_progress() const {
  const Json* meta = object_member(message_.params, "_meta");
  return meta != nullptr && meta->field("progressToken") != nullptr;
}

void Call::progress(double done, double total, std::string_view message) {
  const Json* meta = object_member(message_.params, "_meta");
  const Json* token = meta != nullptr ? meta->field("progressToken") : nullptr;
  if (token == nullptr) return;
  Json params = Json::object();
  params.set("progressToken", *token);
  params.set("progress", Json::of_float(done));
  if (total >= 0) params.set("total", Json::of_float(total));
  if (!message.empty()) params.set("message", json_string(std::string(message)));
  notify("notifications/progress", params.to_json());
}

void Call::log(std::string_view level, std::string_view data) {
  const auto severity = log_severity(level);
  if (!severity || !origin_.logging || *severity < *origin_.logging) return;
  notify("notifications/message", "{\"level\":" + quoted(level) +
                                      ",\"logger\":\"firn\",\"data\":" + std::string(data) + "}");
}

void Call::require_input(InputRequests requests, std::string_view state) {
  for (const auto& [key, request] : requests) {
    const std::string capability(capability_of(request.method));
    if (client_can(capability)) continue;
    RpcError error{rpc_code::kMissingCapability, "this takes a client that can do " + capability,
                   Json::object()};
    Json needed = Json::object();
    needed.set(capability, Json::object());
    error.data->set("requiredCapabilities", std::move(needed));
    return fail(error);
  }
  if (origin_.era == Era::kSessions) {
    return channel_->ask(
        requests, [self = shared_from_this(), state = std::string(state)](Result<Json> inputs) {
          self->answered_inputs(std::move(inputs), state);
        });
  }
  if (!take_answer()) return;
  std::string result = R"({"resultType":"input_required","_meta":{")" + std::string(kMetaServer) +
                       "\":" + origin_.server_info +
                       "},\"inputRequests\":" + write_input_requests(requests);
  if (!state.empty()) {
    result += ",\"requestState\":" + quoted(origin_.state->seal(state, bound_to(*this)));
  }
  channel_->answer(write_result(message_.id, result + "}"), 200, "");
}

void Call::answered_inputs(Result<Json> inputs, std::string state) {
  if (!inputs.ok()) return fail(inputs.error());
  inputs_ = *std::move(inputs);
  state_ = std::move(state);
  again_(shared_from_this());
}

const Json* Call::input_response(std::string_view key) const {
  return inputs_.kind == Json::Kind::kObject ? object_member(inputs_, key) : nullptr;
}

bool Call::read_inputs() {
  if (origin_.era == Era::kSessions) return true;
  if (const Json* given = message_.params.field("inputResponses")) {
    if (given->kind != Json::Kind::kObject) {
      fail({rpc_code::kInvalidParams, "inputResponses has to be an object"});
      return false;
    }
    inputs_ = *given;
  }
  const Json* sealed = message_.params.field("requestState");
  if (sealed == nullptr) return true;
  auto opened = sealed->kind == Json::Kind::kString
                    ? origin_.state->open(sealed->text, bound_to(*this))
                    : Error(ErrorCode::kInvalidArgument, "requestState has to be a string");
  if (!opened.ok()) {
    fail(opened.error());
    return false;
  }
  state_ = *std::move(opened);
  return true;
}

void Call::set_again(std::function<void(CallPtr)> again) { again_ = std::move(again); }

bool Call::answered() const {
  std::lock_guard lock(mutex_);
  return answered_;
}

bool Call::cancelled() const {
  std::lock_guard lock(mutex_);
  return cancelled_;
}

void Call::on_cancel(std::function<void()> callback) {
  {
    std::lock_guard lock(mutex_);
    if (answered_) return;
    if (!cancelled_) {
      on_cancel_.push_back(std::move(callback));
      return;
    }
  }
  callback();
}

void Call::cancel() {
  std::vector<std::function<void()>> callbacks;
  {
    std::lock_guard lock(mutex_);
    if (cancelled_) return;
    cancelled_ = true;
    callbacks.swap(on_cancel_);
  }
  for (const auto& callback : callbacks) callback();
}

}  // namespace firn::mcp
