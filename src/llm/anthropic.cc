#include <map>

#include "graphql/json.h"
#include "llm/parts_internal.h"
#include "llm/wire.h"

namespace firn::llm {
namespace {

Json ephemeral() {
  Json control = Json::object();
  control.set("type", text("ephemeral"));
  return control;
}

Json text_block(std::string_view words) {
  Json block = Json::object();
  block.set("type", text("text"));
  block.set("text", text(words));
  return block;
}

Json content_of(const Message& message) {
  if (message.native.kind == Json::Kind::kList && !message.native.items.empty()) {
    return message.native;
  }
  Json content = Json::list();
  for (const auto& result : message.results) {
    Json block = Json::object();
    block.set("type", text("tool_result"));
    block.set("tool_use_id", text(result.call_id));
    block.set("content", text(result.text));
    if (result.failed) block.set("is_error", Json::of_boolean(true));
    content.items.push_back(std::move(block));
  }
  if (!message.text.empty()) content.items.push_back(text_block(message.text));
  for (const auto& call : message.calls) {
    Json block = Json::object();
    block.set("type", text("tool_use"));
    block.set("id", text(call.id));
    block.set("name", text(call.name));
    block.set("input", call.arguments);
    content.items.push_back(std::move(block));
  }
  return content;
}

class Reader final : public AnswerReader {
 public:
  Status take(const SseEvent& event) override {
    const Json data = TRY(read_data(event));
    const std::string type = text_of(data, "type");
    if (type == "error") {
      const Json* error = object_of(data, "error");
      return error != nullptr ? reported(text_of(*error, "type"), text_of(*error, "message"))
                              : reported("error", "");
    }
    if (type == "message_start") return start(data);
    if (type == "content_block_start") return start_block(data);
    if (type == "content_block_delta") return grow_block(data);
    if (type == "message_delta") return end(data);
    if (type == "message_stop") done_ = true;
    return {};  // ping, content_block_stop, and what is new
  }

 private:
  struct Block {
    Json start;
    std::string type;
    std::string text;       // or thinking, or a call's arguments
    std::string signature;  // of thinking
  };

  Status start(const Json& data) {
    const Json* message = object_of(data, "message");
    if (message == nullptr) return wrong();
    if (const Json* usage = object_of(*message, "usage")) count(*usage);
    return {};
  }

  void count(const Json& usage) {
    if (usage.field("input_tokens") != nullptr) {
      usage_.input_tokens = tokens_of(usage, "input_tokens") +
                            tokens_of(usage, "cache_creation_input_tokens") +
                            tokens_of(usage, "cache_read_input_tokens");
    }
    if (usage.field("output_tokens") != nullptr) {
      usage_.output_tokens = tokens_of(usage, "output_tokens");
    }
  }

  Status start_block(const Json& data) {
    const auto index = count_of(data, "index", kPartsMax - 1);
    const Json* block = object_of(data, "content_block");
    if (!index || block == nullptr) return wrong();
    Block& made = blocks_[*index];
    made = {};
    made.type = text_of(*block, "type");
    made.start = *block;
    TRY(grow(made.text, text_of(*block, made.type == "thinking" ? "thinking" : "text")));
    return grow(made.signature, text_of(*block, "signature"));
  }

  Status grow_block(const Json& data) {
    const auto index = count_of(data, "index", kPartsMax - 1);
    const Json* delta = object_of(data, "delta");
    if (!index || delta == nullptr || !blocks_.contains(*index)) return wrong();
    Block& block = blocks_[*index];
    const std::string type = text_of(*delta, "type");
    if (type == "text_delta") return grow(block.text, text_of(*delta, "text"));
    if (type == "input_json_delta") return grow(block.text, text_of(*delta, "partial_json"));
    if (type == "thinking_delta") return grow(block.text, text_of(*delta, "thinking"));
    if (type == "signature_delta") return grow(block.signature, text_of(*delta, "signature"));
    return {};
  }

  Status end(const Json& data) {
    if (const Json* delta = object_of(data, "delta")) stop_ = text_of(*delta, "stop_reason");
    if (const Json* usage = object_of(data, "usage")) count(*usage);
    return {};
  }

  Result<Answer> assemble() override {
    Answer answer;
    Json native = Json::list();
    bool thought = false;
    for (auto& [index, block] : blocks_) {
      Json whole = block.start;
      if (block.type == "text") {
        answer.message.text += block.text;
        if (block.text.empty()) continue;  // the API takes no empty text back
        whole.set("text", text(block.text));
      } else if (block.type == "tool_use") {
        auto call = make_call(text_of(block.start, "id"), text_of(block.start, "name"), block.text);
        if (call.id.empty() || call.name.empty()) return wrong();
        whole.set("input", call.arguments);
        answer.message.calls.push_back(std::move(call));
      } else {
        thought = true;
        if (block.type == "thinking") {
          whole.set("thinking", text(block.text));
          whole.set("signature", text(block.signature));
        }
      }
      native.items.push_back(std::move(whole));
    }
    if (thought) answer.message.native = std::move(native);
    if (stop_ == "max_tokens" || stop_ == "model_context_window_exceeded") {
      answer.stop = Stop::kLength;
    } else if (stop_ == "refusal") {
      answer.stop = Stop::kRefused;
    }
    return answer;
  }

  static Error wrong() {
    return {ErrorCode::kInvalidData, "the model's answer is not as the Messages API has it"};
  }

  std::map<int64_t, Block> blocks_;
  std::string stop_;
};

class AnthropicWire final : public Wire {
 public:
  std::string default_url() const override { return "https://api.anthropic.com"; }
  std::string path() const override { return "/v1/messages"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string& key) const override {
    std::vector<std::pair<std::string, std::string>> made = {{"anthropic-version", "2023-06-01"}};
    if (!key.empty()) made.emplace_back("x-api-key", key);
    return made;
  }

  // What stays the same from turn to turn is marked for the provider's cache.
  std::string body(const Request& request, const std::string& model) const override {
    Json body = Json::object();
    body.set("model", text(model));
    body.set("max_tokens", Json::of_int(request.answer_tokens_max));
    body.set("stream", Json::of_boolean(true));
    Json system = Json::list();
    system.items.push_back(text_block(request.system));
    system.items.back().set("cache_control", ephemeral());
    body.set("system", std::move(system));
    Json messages = Json::list();
    for (const auto& message : request.messages) {
      Json one = Json::object();
      one.set("role", text(message.role == Message::Role::kUser ? "user" : "assistant"));
      Json content = content_of(message);
      if (&message == &request.messages.back() && !content.items.empty()) {
        content.items.back().set("cache_control", ephemeral());
      }
      one.set("content", std::move(content));
      messages.items.push_back(std::move(one));
    }
    body.set("messages", std::move(messages));
    if (!request.tools.empty()) body.set("tools", tools(request));
    return body.to_json();
  }

  std::unique_ptr<AnswerReader> reader() const override { return std::make_unique<Reader>(); }

 private:
  static Json tools(const Request& request) {
    Json all = Json::list();
    for (const auto& tool : request.tools) all.items.push_back(described(tool, "input_schema"));
    return all;
  }
};

}  // namespace

std::unique_ptr<Wire> make_anthropic_wire() { return std::make_unique<AnthropicWire>(); }

}  // namespace firn::llm
