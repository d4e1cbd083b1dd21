#include "llm/parts_internal.h"
#include "llm/wire.h"

namespace firn::llm {
namespace {

class Reader final : public AnswerReader {
 public:
  Status take(const SseEvent& event) override {
    if (event.data == "[DONE]") {
      if (stop_.empty()) return wrong();
      done_ = true;
      return {};
    }
    const Json data = TRY(read_data(event));
    if (const Json* error = object_of(data, "error")) {
      const std::string code = text_of(*error, "code");
      return reported(code.empty() ? text_of(*error, "type") : code, text_of(*error, "message"));
    }
    if (const Json* usage = object_of(data, "usage")) {
      usage_ = {tokens_of(*usage, "prompt_tokens"), tokens_of(*usage, "completion_tokens")};
    }
    const Json* choices = list_of(data, "choices");
    if (choices == nullptr) return wrong();
    if (choices->items.empty()) return {};
    const Json& choice = choices->items.front();
    if (const std::string reason = text_of(choice, "finish_reason"); !reason.empty()) {
      stop_ = reason;
    }
    const Json* delta = object_of(choice, "delta");
    if (delta == nullptr) return {};
    TRY(grow(text_, text_of(*delta, "content")));
    TRY(grow(refusal_, text_of(*delta, "refusal")));
    const Json* calls = list_of(*delta, "tool_calls");
    if (calls == nullptr) return {};
    for (const Json& part : calls->items) TRY(grow_call(part));
    return {};
  }

 private:
  struct Call {
    std::string id;
    std::string name;
    std::string arguments;
  };

  // Some who speak this leave the index out, and give each call in one piece.
  Status grow_call(const Json& part) {
    size_t index = calls_.empty() ? 0 : calls_.size() - 1;
    if (part.field("index") != nullptr) {
      const auto given = count_of(part, "index", kPartsMax - 1);
      if (!given) return wrong();
      index = static_cast<size_t>(*given);
    } else if (!text_of(part, "id").empty()) {
      index = calls_.size();
    }
    if (index > calls_.size() || index >= kPartsMax) return wrong();
    if (index == calls_.size()) calls_.emplace_back();
    Call& call = calls_[index];
    if (call.id.empty()) TRY(grow(call.id, text_of(part, "id")));
    const Json* function = object_of(part, "function");
    if (function == nullptr) return {};
    if (call.name.empty()) TRY(grow(call.name, text_of(*function, "name")));
    return grow(call.arguments, text_of(*function, "arguments"));
  }

  Result<Answer> assemble() override {
    Answer answer;
    answer.message.text = text_.empty() ? refusal_ : text_;
    for (auto& call : calls_) {
      if (call.id.empty() || call.name.empty()) return wrong();
      answer.message.calls.push_back(make_call(call.id, call.name, call.arguments));
    }
    if (stop_ == "length") {
      answer.stop = Stop::kLength;
    } else if (stop_ == "content_filter" || (!refusal_.empty() && text_.empty())) {
      answer.stop = Stop::kRefused;
    }
    return answer;
  }

  static Error wrong() {
    return {ErrorCode::kInvalidData,
            "the model's answer is not as the Chat Completions API has it"};
  }

  std::string text_;
  std::string refusal_;
  std::vector<Call> calls_;
  std::string stop_;
};

Json assistant(const Message& message) {
  Json one = said("assistant", message.text);
  if (message.calls.empty()) return one;
  Json calls = Json::list();
  for (const auto& call : message.calls) {
    Json function = Json::object();
    function.set("name", text(call.name));
    function.set("arguments", text(call.arguments.to_json()));
    Json made = Json::object();
    made.set("id", text(call.id));
    made.set("type", text("function"));
    made.set("function", std::move(function));
    calls.items.push_back(std::move(made));
  }
  one.set("tool_calls", std::move(calls));
  return one;
}

class OpenAiChatWire final : public Wire {
 public:
  std::string default_url() const override { return "https://api.openai.com/v1"; }
  std::string path() const override { return "/chat/completions"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string& key) const override {
    return bearer(key);
  }

  std::string body(const Request& request, const std::string& model) const override {
    Json messages = Json::list();
    messages.items.push_back(said("system", request.system));
    for (const auto& message : request.messages) {
      if (message.role == Message::Role::kAssistant) {
        messages.items.push_back(assistant(message));
        continue;
      }
      for (const auto& result : message.results) {
        Json one = said("tool", result.failed ? "Failed: " + result.text : result.text);
        one.set("tool_call_id", text(result.call_id));
        messages.items.push_back(std::move(one));
      }
      if (!message.text.empty()) messages.items.push_back(said("user", message.text));
    }
    Json body = Json::object();
    body.set("model", text(model));
    body.set("messages", std::move(messages));
    body.set("max_completion_tokens", Json::of_int(request.answer_tokens_max));
    body.set("stream", Json::of_boolean(true));
    Json options = Json::object();
    options.set("include_usage", Json::of_boolean(true));
    body.set("stream_options", std::move(options));
    if (!request.tools.empty()) body.set("tools", tools(request));
    return body.to_json();
  }

  std::unique_ptr<AnswerReader> reader() const override { return std::make_unique<Reader>(); }

 private:
  static Json tools(const Request& request) {
    Json all = Json::list();
    for (const auto& tool : request.tools) {
      Json one = Json::object();
      one.set("type", text("function"));
      one.set("function", described(tool, "parameters"));
      all.items.push_back(std::move(one));
    }
    return all;
  }
};

}  // namespace

std::unique_ptr<Wire> make_openai_chat_wire() { return std::make_unique<OpenAiChatWire>(); }

}  // namespace firn::llm
