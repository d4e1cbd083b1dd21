#include "app/mirror_tools.h"

#include <condition_variable>
#include <mutex>

#include "app/mcp_edge.h"
#include "graphql/json.h"

namespace firn::app {
namespace {

// Keeps the one answer for whoever waits for it.
class WaitingChannel final : public mcp::CallChannel {
 public:
  void answer(std::string message, int, const std::string&) override {
    std::lock_guard lock(mutex_);
    message_ = std::move(message);
    answered_ = true;
    there_.notify_all();
  }
  void push(std::string) override {}
  void ask(const mcp::InputRequests&, std::function<void(Result<mcp::Json>)> done) override {
    done(Error(ErrorCode::kUnsupported, "nobody is there to be asked"));
  }
  // True once it is there.
  bool wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    return there_.wait_for(lock, at_most, [&] { return answered_; });
  }
  const std::string& message() const { return message_; }

 private:
  std::mutex mutex_;
  std::condition_variable there_;
  std::string message_;
  bool answered_ = false;
};

Result<agents::ToolAnswer> read_answer(const std::string& message) {
  graphql::JsonLimits limits;
  limits.values_max = 2'000'000;
  const mcp::Json answer = TRY(graphql::parse_json(message, limits));
  if (const mcp::Json* failed = answer.field("error")) {
    agents::ToolAnswer refused;
    refused.failed = true;
    refused.text = mcp::string_member(*failed, "message").value_or("the call was refused");
    return refused;
  }
  const mcp::Json* result = answer.field("result");
  if (result == nullptr) return Error(ErrorCode::kInternal, "a tool's answer has no result");
  agents::ToolAnswer out;
  const mcp::Json* failed = result->field("isError");
  out.failed = failed != nullptr && failed->boolean;
  if (const mcp::Json* content = result->field("structuredContent")) out.content = *content;
  if (const mcp::Json* parts = result->field("content")) {
    for (const auto& part : parts->items) {
      out.text += mcp::string_member(part, "text").value_or("");
    }
  }
  return out;
}

}  // namespace

Result<agents::ToolAnswer> MirrorTools::call(const std::string& tool,
                                             const agents::Json& arguments) {
  constexpr std::chrono::milliseconds kLook{50};
  if (cancelled_ && cancelled_()) return Error(ErrorCode::kCancelled, "the run was cancelled");
  mcp::Message message;
  message.id = mcp::Json::of_int(1);
  message.method = "tools/call";
  message.params = mcp::json_object();
  message.params.set("name", mcp::Json::of_string(tool));
  message.params.set("arguments", arguments);
  mcp::Call::Origin origin;
  origin.caller = std::make_shared<McpCaller>(who_, "", "", client_);
  origin.client = mcp::json_object();
  origin.client.set("name", mcp::Json::of_string(client_));
  origin.capabilities = mcp::json_object();
  origin.server_info = "{}";
  auto channel = std::make_shared<WaitingChannel>();
  auto call = std::make_shared<mcp::Call>(std::move(message), std::move(origin), channel);
  mirror_.call_tool(call);
  while (!channel->wait(kLook)) {
    if (cancelled_ && cancelled_()) {
      call->cancel();
      return Error(ErrorCode::kCancelled, "the run was cancelled");
    }
  }
  return read_answer(channel->message());
}

}  // namespace firn::app
