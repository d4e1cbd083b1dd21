#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llm/model.h"
#include "llm/sse.h"

namespace firn::llm {

enum class Provider : uint8_t { kAnthropic, kOpenAiChat, kOpenAiResponses };
// anthropic, openai, openai-responses. InvalidArgument for anything else.
Result<Provider> parse_provider(std::string_view name);

// Puts one streamed answer together. Its parts are bounded; what it does not know it leaves out.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;
  // Errors: InvalidData; Overloaded and Unavailable as the stream says itself.
  virtual Status take(const SseEvent& event) = 0;
  // Whole: nothing that follows is of interest.
  bool done() const { return done_; }
  // As far as the stream has said.
  const Usage& usage() const { return usage_; }
  // Once, at the end. Unavailable where the answer is not whole.
  Result<Answer> finish();

 protected:
  virtual Result<Answer> assemble() = 0;
  // `text` += `piece`, within the bound of all parts together.
  Status grow(std::string& text, std::string_view piece);

  bool done_ = false;
  Usage usage_;

 private:
  size_t bytes_ = 0;
};

// How one provider's API is spoken.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual std::string default_url() const = 0;
  virtual std::string path() const = 0;  // behind the base URL
  virtual std::vector<std::pair<std::string, std::string>> headers(
      const std::string& key) const = 0;
  virtual std::string body(const Request& request, const std::string& model) const = 0;
  virtual std::unique_ptr<AnswerReader> reader() const = 0;
};

std::unique_ptr<Wire> make_wire(Provider provider);
// https://docs.anthropic.com/en/api/messages, version 2023-06-01.
std::unique_ptr<Wire> make_anthropic_wire();
// https://platform.openai.com/docs/api-reference/chat, and what is compatible with it.
std::unique_ptr<Wire> make_openai_chat_wire();
// https://platform.openai.com/docs/api-reference/responses; nothing is stored there.
std::unique_ptr<Wire> make_openai_responses_wire();

}  // namespace firn::llm
