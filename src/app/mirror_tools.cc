#include "app/mirror_tools.h"

#include <condition_variable>
#include <mutex>
#include <set>

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
  bool takes_stream() const override { return false; }
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

std::set<std::string> names_of(const std::vector<mcp::Json>& tools) {
  std::set<std::string> names;
  for (const mcp::Json& tool : tools) names.insert(mcp::string_member(tool, "name").value_or(""));
  return names;
}

}  // namespace

Result<std::string> MirrorTools::ask(const char* name, void (mcp::Mirror::*method)(mcp::CallPtr),
                                     mcp::Json params, std::map<std::string, std::string> query) {
  constexpr std::chrono::milliseconds kLook{50};
  const Error ended(ErrorCode::kCancelled, "the run was cancelled");
  if (cancelled_ && cancelled_()) return ended;
  mcp::Message message;
  message.id = mcp::Json::of_int(1);
  message.method = name;
  message.params = std::move(params);
  mcp::Call::Origin origin;
  origin.caller = std::make_shared<McpCaller>(who_, "", "", client_, run_);
  origin.client = mcp::Json::object();
  origin.client.set("name", mcp::Json::of_string(client_));
  origin.capabilities = mcp::Json::object();
  origin.server_info = "{}";
  for (auto& [name, value] : query) origin.query[name] = value;
  auto channel = std::make_shared<WaitingChannel>();
  auto call = std::make_shared<mcp::Call>(std::move(message), std::move(origin), channel);
  (mirror_.*method)(call);
  while (!channel->wait(kLook)) {
    if (cancelled_ && cancelled_()) {
      call->cancel();
      return ended;
    }
  }
  return channel->message();
}

Result<agents::ToolAnswer> MirrorTools::call(const std::string& tool,
                                             const agents::Json& arguments) {
  mcp::Json params = mcp::Json::object();
  params.set("name", mcp::Json::of_string(tool));
  params.set("arguments", arguments);
  return read_answer(TRY(ask("tools/call", &mcp::Mirror::call_tool, std::move(params), {})));
}

Result<std::vector<agents::ToolDescription>> MirrorTools::list() {
  const std::set<std::string> common = names_of(TRY(list_of_mode("")));
  std::vector<agents::ToolDescription> tools;
  for (const mcp::Json& one : TRY(list_of_mode("full"))) {
    agents::ToolDescription tool;
    tool.name = mcp::string_member(one, "name").value_or("");
    tool.description = mcp::string_member(one, "description").value_or("");
    if (const mcp::Json* input = one.field("inputSchema")) tool.input = *input;
    // What does not say that it only reads may change something.
    const mcp::Json* notes = mcp::object_member(one, "annotations");
    const mcp::Json* reads = notes != nullptr ? notes->field("readOnlyHint") : nullptr;
    tool.changes = reads == nullptr || !reads->boolean;
    tool.common = common.contains(tool.name);
    tools.push_back(std::move(tool));
  }
  return tools;
}

Result<std::vector<mcp::Json>> MirrorTools::list_of_mode(const std::string& mode) {
  constexpr int kPagesMax = 100;
  std::vector<mcp::Json> tools;
  mcp::Json params = mcp::Json::object();
  for (int page = 0; page < kPagesMax; ++page) {
    const std::string message =
        TRY(ask("tools/list", &mcp::Mirror::list_tools, params, {{"mode", mode}}));
    const mcp::Json answer = TRY(graphql::parse_json(message));
    const mcp::Json* result = answer.field("result");
    const mcp::Json* list = result != nullptr ? result->field("tools") : nullptr;
    if (list == nullptr) return Error(ErrorCode::kInternal, "the tools cannot be listed");
    tools.insert(tools.end(), list->items.begin(), list->items.end());
    const auto next = mcp::string_member(*result, "nextCursor");
    if (!next) break;
    params.set("cursor", mcp::Json::of_string(*next));
  }
  return tools;
}

}  // namespace firn::app
