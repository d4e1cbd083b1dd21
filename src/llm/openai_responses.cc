#include <map>

#include "llm/parts_internal.h"
#include "llm/wire.h"

namespace firn::llm {
namespace {

class Reader final : public AnswerReader {
 public:
  Status take(const SseEvent& event) override {
    const Json data = TRY(read_data(event));
    const std::string type = text_of(data, "type");
    if (type == "error") {
      const Json* error = object_of(data, "error");
      const Json& from = error != nullptr ? *error : data;
      return reported(text_of(from, "code"), text_of(from, "message"));
    }
    if (type == "response.output_item.done") {
      const auto index = count_of(data, "output_index", kPartsMax - 1);
      const Json* item = object_of(data, "item");
      if (!index || item == nullptr) return wrong();
      return keep(*index, *item);
    }
    if (type == "response.completed" || type == "response.incomplete" ||
        type == "response.failed") {
      return end(data);
    }
    return {};  // pieces of what comes whole, too
  }

 private:
  Status keep(int64_t index, const Json& item) {
    std::string counted;
    TRY(grow(counted, item.to_json()));
    items_[index] = item;
    return {};
  }

  Status end(const Json& data) {
    const Json* response = object_of(data, "response");
    if (response == nullptr) return wrong();
    if (const Json* usage = object_of(*response, "usage")) {
      usage_ = {tokens_of(*usage, "input_tokens"), tokens_of(*usage, "output_tokens")};
    }
    if (const Json* error = object_of(*response, "error")) {
      return reported(text_of(*error, "code"), text_of(*error, "message"));
    }
    if (text_of(data, "type") == "response.failed") return reported("failed", "");
    if (const Json* details = object_of(*response, "incomplete_details")) {
      incomplete_ = text_of(*details, "reason");
    }
    const Json* output = list_of(*response, "output");
    if (items_.empty() && output != nullptr) {
      if (output->items.size() > kPartsMax) return wrong();
      for (size_t i = 0; i < output->items.size(); ++i) {
        TRY(keep(static_cast<int64_t>(i), output->items[i]));
      }
    }
    done_ = true;
    return {};
  }

  Result<Answer> assemble() override {
    Answer answer;
    for (const auto& [index, item] : items_) {
      const std::string type = text_of(item, "type");
      if (type == "function_call") {
        auto call =
            make_call(text_of(item, "call_id"), text_of(item, "name"), text_of(item, "arguments"));
        if (call.id.empty() || call.name.empty()) return wrong();
        answer.message.calls.push_back(std::move(call));
      } else if (type == "message") {
        add_text(item, answer);
      }
    }
    if (incomplete_ == "content_filter") answer.stop = Stop::kRefused;
    if (incomplete_ == "max_output_tokens") answer.stop = Stop::kLength;
    return answer;
  }

  static void add_text(const Json& item, Answer& answer) {
    const Json* content = list_of(item, "content");
    if (content == nullptr) return;
    for (const Json& part : content->items) {
      const std::string refusal = text_of(part, "refusal");
      if (!refusal.empty()) answer.stop = Stop::kRefused;
      answer.message.text += text_of(part, "text") + refusal;
    }
  }

  static Error wrong() {
    return {ErrorCode::kInvalidData, "the model's answer is not as the Responses API has it"};
  }

  std::map<int64_t, Json> items_;
  std::string incomplete_;
};

class OpenAiResponsesWire final : public Wire {
 public:
  std::string default_url() const override { return "https://api.openai.com/v1"; }
  std::string path() const override { return "/responses"; }

  std::vector<std::pair<std::string, std::string>> headers(const std::string& key) const override {
    return bearer(key);
  }

  std::string body(const Request& request, const std::string& model) const override {
    Json input = Json::list();
    for (const auto& message : request.messages) add(message, input);
    Json body = Json::object();
    body.set("model", text(model));
    body.set("instructions", text(request.system));
    body.set("input", std::move(input));
    body.set("max_output_tokens", Json::of_int(request.answer_tokens_max));
    body.set("stream", Json::of_boolean(true));
    body.set("store", Json::of_boolean(false));
    if (!request.tools.empty()) body.set("tools", tools(request));
    return body.to_json();
  }

  std::unique_ptr<AnswerReader> reader() const override { return std::make_unique<Reader>(); }

 private:
  static void add(const Message& message, Json& input) {
    for (const auto& result : message.results) {
      Json one = Json::object();
      one.set("type", text("function_call_output"));
      one.set("call_id", text(result.call_id));
      one.set("output", text(result.failed ? "Failed: " + result.text : result.text));
      input.items.push_back(std::move(one));
    }
    if (!message.text.empty()) {
      const bool user = message.role == Message::Role::kUser;
      input.items.push_back(said(user ? "user" : "assistant", message.text));
    }
    for (const auto& call : message.calls) {
      Json one = Json::object();
      one.set("type", text("function_call"));
      one.set("call_id", text(call.id));
      one.set("name", text(call.name));
      one.set("arguments", text(call.arguments.to_json()));
      input.items.push_back(std::move(one));
    }
  }

  static Json tools(const Request& request) {
    Json all = Json::list();
    for (const auto& tool : request.tools) {
      Json one = described(tool, "parameters");
      one.set("type", text("function"));
      one.set("strict", Json::of_boolean(false));
      all.items.push_back(std::move(one));
    }
    return all;
  }
};

}  // namespace

std::unique_ptr<Wire> make_openai_responses_wire() {
  return std::make_unique<OpenAiResponsesWire>();
}

}  // namespace firn::llm
