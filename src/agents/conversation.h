#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agents/claims.h"
#include "agents/journal.h"
#include "agents/tools.h"
#include "llm/model.h"

namespace firn::agents {

struct ConversationOptions {
  std::string system;   // what the model is to do
  std::string opening;  // the first message
  int32_t turns_max = 200;
  int64_t answer_tokens_max = 8'192;    // of one turn
  size_t result_bytes_max = 24U << 10;  // of a tool's answer, as the model gets it
};

// A conversation of a model with tools: its turns and their calls are steps of a journal, one after
// another, until it has nothing more to call. What tools answer is marked as data. One thread's.
class Conversation {
 public:
  using OnCall = std::function<Status(const llm::ToolCall& call, const ToolAnswer& answer)>;

  // `tools` keep their calls in `journal`; `on_call` is told of each call with its answer, also of
  // one that an earlier attempt made; may be null.
  Conversation(llm::Model& model, Tools& tools, Journal& journal, OnCall on_call = nullptr)
      : model_(model), tools_(tools), journal_(journal), on_call_(std::move(on_call)) {}

  // What the model says at the end. Errors: the journal's, the model's, the tools'.
  Result<std::string> run(const ConversationOptions& options);
  // What it has seen so far.
  const EvidenceBook& evidence() const { return evidence_; }
  EvidenceBook& evidence() { return evidence_; }

 private:
  Result<llm::Answer> turn(const llm::Request& request);
  Result<llm::Answer> ask(llm::Request request);
  Result<llm::Message> answer_calls(const llm::Message& message, size_t result_bytes_max);

  llm::Model& model_;
  Tools& tools_;
  Journal& journal_;
  const OnCall on_call_;
  EvidenceBook evidence_;
  int64_t tokens_last_ = 0;  // of the last turn: what the next has in it at least
  size_t bytes_since_ = 0;   // and what came since
};

// `text` as a model is given what others wrote: in marks that it cannot contain, at most so long.
std::string as_untrusted(std::string_view source, std::string_view text, size_t bytes_max);

}  // namespace firn::agents
