#include <algorithm>

#include "base/utf8.h"
#include "graphql/json.h"
#include "llm/parts_internal.h"
#include "llm/wire.h"

namespace firn::llm {

Json text(std::string_view value) { return Json::of_string(std::string(value)); }

Json said(std::string_view role, std::string_view content) {
  Json one = Json::object();
  one.set("role", text(role));
  one.set("content", text(content));
  return one;
}

Json described(const ToolDefinition& tool, std::string parameters) {
  Json one = Json::object();
  one.set("name", text(tool.name));
  one.set("description", text(tool.description));
  one.set(std::move(parameters), tool.parameters);
  return one;
}

std::vector<std::pair<std::string, std::string>> bearer(const std::string& key) {
  if (key.empty()) return {};
  return {{"Authorization", "Bearer " + key}};
}

Result<Json> read_data(const SseEvent& event) {
  auto data = graphql::parse_json(event.data);
  if (!data.ok() || data->kind != Json::Kind::kObject) {
    return Error(ErrorCode::kInvalidData, "an event of the model's answer is no JSON object");
  }
  return data;
}

std::string text_of(const Json& json, std::string_view member) {
  const Json* found = json.field(member);
  return found != nullptr && found->kind == Json::Kind::kString ? found->text : std::string();
}

const Json* object_of(const Json& json, std::string_view member) {
  const Json* found = json.field(member);
  return found != nullptr && found->kind == Json::Kind::kObject ? found : nullptr;
}

const Json* list_of(const Json& json, std::string_view member) {
  const Json* found = json.field(member);
  return found != nullptr && found->kind == Json::Kind::kList ? found : nullptr;
}

std::optional<int64_t> count_of(const Json& json, std::string_view member, int64_t max) {
  const Json* found = json.field(member);
  if (found == nullptr || found->kind != Json::Kind::kInt) return {};
  if (found->integer < 0 || found->integer > max) return {};
  return found->integer;
}

int64_t tokens_of(const Json& json, std::string_view member) {
  return count_of(json, member, 1'000'000'000).value_or(0);
}

ToolCall make_call(std::string id, std::string name, const std::string& arguments) {
  ToolCall call{std::move(id), std::move(name), Json::object(), {}};
  if (arguments.empty()) return call;
  auto read = graphql::parse_json(arguments);
  if (read.ok() && read->kind == Json::Kind::kObject) {
    call.arguments = *std::move(read);
  } else {
    call.problem = "the arguments are no JSON object";
  }
  return call;
}

std::string shown(std::string_view text) {
  constexpr size_t kShownMax = 300;
  std::string line(cut_utf8(text, kShownMax));
  while (!line.empty() && line.size() < text.size() && (text[line.size()] & 0xc0) == 0x80) {
    line.pop_back();
  }
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line;
}

Error reported(std::string_view type, std::string_view message) {
  const bool busy = type == "overloaded_error" || type == "rate_limit_error" ||
                    type == "rate_limit_exceeded" || type == "server_is_overloaded";
  const bool wrong = type == "invalid_request_error" || type == "not_found_error" ||
                     type == "invalid_prompt" || type == "context_length_exceeded";
  const auto code = busy    ? ErrorCode::kOverloaded
                    : wrong ? ErrorCode::kInvalidArgument
                            : ErrorCode::kUnavailable;
  return {code, "the model's provider reports: " + shown(type) + ": " + shown(message)};
}

Status AnswerReader::grow(std::string& text, std::string_view piece) {
  constexpr size_t kAnswerBytesMax = 4U << 20;
  bytes_ += piece.size();
  if (bytes_ > kAnswerBytesMax) {
    return Error(ErrorCode::kInvalidData, "the model's answer is longer than 4 MiB");
  }
  text += piece;
  return {};
}

Result<Answer> AnswerReader::finish() {
  if (!done_) {
    return Error(ErrorCode::kUnavailable, "the model's answer ended before it was whole");
  }
  Answer answer = TRY(assemble());
  answer.message.role = Message::Role::kAssistant;
  answer.usage = usage_;
  if (!answer.message.calls.empty() && answer.stop == Stop::kEnd) answer.stop = Stop::kCalls;
  return answer;
}

Result<Provider> parse_provider(std::string_view name) {
  if (name == "anthropic") return Provider::kAnthropic;
  if (name == "openai") return Provider::kOpenAiChat;
  if (name == "openai-responses") return Provider::kOpenAiResponses;
  return Error(ErrorCode::kInvalidArgument,
               "--model-provider is anthropic, openai or openai-responses");
}

std::unique_ptr<Wire> make_wire(Provider provider) {
  switch (provider) {
    case Provider::kAnthropic: return make_anthropic_wire();
    case Provider::kOpenAiChat: return make_openai_chat_wire();
    case Provider::kOpenAiResponses: break;
  }
  return make_openai_responses_wire();
}

Json message_json(const Message& message) {
  Json json = Json::object();
  json.set("role", text(message.role == Message::Role::kUser ? "user" : "assistant"));
  json.set("text", text(message.text));
  Json calls = Json::list();
  for (const auto& call : message.calls) {
    Json one = Json::object();
    one.set("id", text(call.id));
    one.set("name", text(call.name));
    one.set("arguments", call.arguments);
    if (!call.problem.empty()) one.set("problem", text(call.problem));
    calls.items.push_back(std::move(one));
  }
  json.set("calls", std::move(calls));
  if (!message.native.is_null()) json.set("native", message.native);
  return json;
}

Result<Message> read_message(const Json& json) {
  const Json* calls = list_of(json, "calls");
  if (calls == nullptr) return Error(ErrorCode::kInvalidData, "this is no message of a model");
  Message message;
  message.role = text_of(json, "role") == "user" ? Message::Role::kUser : Message::Role::kAssistant;
  message.text = text_of(json, "text");
  for (const Json& one : calls->items) {
    const Json* arguments = object_of(one, "arguments");
    message.calls.push_back({text_of(one, "id"), text_of(one, "name"),
                             arguments != nullptr ? *arguments : Json::object(),
                             text_of(one, "problem")});
  }
  if (const Json* native = json.field("native")) message.native = *native;
  return message;
}

}  // namespace firn::llm
