#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/value.h"

namespace firn::llm {

using Json = graphql::Value;

// A function that a model may call.
struct ToolDefinition {
  std::string name;  // [A-Za-z0-9_-]{1,64}
  std::string description;
  Json parameters;  // JSON Schema of an object
};

// What a model wants called.
struct ToolCall {
  std::string id;  // of the provider; its result carries it
  std::string name;
  Json arguments;       // an object
  std::string problem;  // why what the model wrote is none; the arguments are empty then
};

struct ToolResult {
  std::string call_id;
  std::string text;
  bool failed = false;
};

// One turn of a conversation: what a user says and what its calls gave, or what a model said.
struct Message {
  enum class Role : uint8_t { kUser, kAssistant };
  Role role = Role::kUser;
  std::string text;
  std::vector<ToolCall> calls;      // of an assistant
  std::vector<ToolResult> results;  // of a user: one for each call of the message before
  // What the provider wants back as it was (thinking with its signature); null: nothing.
  Json native;
};

struct Request {
  std::string system;
  std::vector<Message> messages;
  std::vector<ToolDefinition> tools;
  int64_t answer_tokens_max = 8'192;
};

// As the provider counted; what came from its cache counts, too.
struct Usage {
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t total() const { return input_tokens + output_tokens; }
  Usage& operator+=(const Usage& more) {
    input_tokens += more.input_tokens;
    output_tokens += more.output_tokens;
    return *this;
  }
};

enum class Stop : uint8_t { kEnd, kCalls, kLength, kRefused };

struct Answer {
  Message message;
  Stop stop = Stop::kEnd;
  Usage usage;           // of all attempts, as far as the provider said
  int32_t attempts = 1;  // that it took
};

// A language model. Thread-safe; blocks.
class Model {
 public:
  virtual ~Model() = default;
  // The next turn of the conversation. Errors: Cancelled; Overloaded, Unavailable and
  // DeadlineExceeded, which may pass; InvalidArgument, PermissionDenied (the key) and InvalidData
  // (the answer is not as the protocol has it), which will not.
  virtual Result<Answer> ask(const Request& request, const std::function<bool()>& cancelled) = 0;
  virtual const std::string& name() const = 0;
};

// A message as JSON and back, for who keeps conversations. InvalidData.
Json message_json(const Message& message);
Result<Message> read_message(const Json& json);

}  // namespace firn::llm
