#include "agents/conversation.h"

#include <algorithm>

#include "graphql/json.h"
#include "platform/clock.h"

namespace firn::agents {
namespace {

constexpr std::string_view kMark = "untrusted-data";

bool matches_mark(std::string_view text, size_t at) {
  return text.size() - at >= kMark.size() &&
         std::equal(kMark.begin(), kMark.end(), text.begin() + static_cast<ptrdiff_t>(at),
                    [](char mark, char c) {
                      return mark == static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                    });
}

}  // namespace

std::string as_untrusted(std::string_view source, std::string_view text, size_t bytes_max) {
  size_t end = std::min(text.size(), bytes_max);
  while (end > 0 && end < text.size() && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  std::string out = "<untrusted-data source=\"" + std::string(source) + "\">\n";
  for (size_t at = 0; at < end; ++at) {
    // No text can close the mark, whatever it says.
    const bool is_dash = at >= 9 && text[at] == '-' && matches_mark(text, at - 9);
    out += is_dash ? '_' : text[at];
  }
  if (end < text.size()) {
    out += "\n... " + std::to_string(text.size() - end) + " more bytes were cut";
  }
  return out + "\n</untrusted-data>";
}

Result<llm::Answer> Conversation::ask(llm::Request request) {
  // About three bytes a token, for what no count has told yet.
  const int64_t ahead = tokens_last_ + static_cast<int64_t>(bytes_since_ / 3);
  constexpr int64_t kUseful = 256;
  const int64_t room = journal_.tokens_left() - ahead;
  if (room < kUseful) return journal_.spent("tokens");
  request.answer_tokens_max = std::min(request.answer_tokens_max, room);
  auto& clock = platform::system_clock();
  const int64_t until_ns = clock.monotonic_ns() + journal_.us_left() * 1'000;
  const auto late = [&] { return clock.monotonic_ns() > until_ns; };
  auto answer = model_.ask(request, [&] { return journal_.cancelled() || late(); });
  if (!answer.ok() && answer.error().code() == ErrorCode::kCancelled && !journal_.cancelled()) {
    return journal_.spent("seconds");
  }
  return answer;
}

Result<llm::Answer> Conversation::turn(const llm::Request& request) {
  Step step = TRY(journal_.next(StepKind::kModel, model_.name(), "{}"));
  llm::Answer answer;
  if (Journal::is_kept(step)) {
    const Json kept = TRY(graphql::parse_json(step.content));
    answer.message = TRY(llm::read_message(kept));
    const Json* stop = kept.field("stop");
    if (stop != nullptr) answer.stop = static_cast<llm::Stop>(stop->integer);
    answer.usage = {step.input_tokens, step.output_tokens};
  } else {
    answer = TRY(ask(request));
    Json content = llm::message_json(answer.message);
    content.set("stop", Json::of_int(static_cast<int64_t>(answer.stop)));
    step.content = content.to_json();
    step.text = answer.message.text;
    step.input_tokens = answer.usage.input_tokens;
    step.output_tokens = answer.usage.output_tokens;
    TRY(journal_.keep(std::move(step)));
  }
  tokens_last_ = answer.usage.total();
  bytes_since_ = 0;
  return answer;
}

// In the order in which the model wants them, one after another: each is durable before the next.
Result<llm::Message> Conversation::answer_calls(const llm::Message& message,
                                                size_t result_bytes_max) {
  llm::Message results;
  for (const auto& call : message.calls) {
    ToolAnswer answer;
    if (call.problem.empty()) {
      answer = TRY(tools_.call(call.name, call.arguments));
      evidence_.add(call.name, answer.content);
      if (on_call_) TRY(on_call_(call, answer));
    } else {
      answer.failed = true;
      answer.text = call.problem;
    }
    results.results.push_back(
        {call.id, as_untrusted(call.name, answer.text, result_bytes_max), answer.failed});
    bytes_since_ += results.results.back().text.size();
  }
  return results;
}

Result<std::string> Conversation::run(const ConversationOptions& options) {
  constexpr int kCutsMax = 3;
  llm::Request request;
  request.system = options.system;
  request.answer_tokens_max = options.answer_tokens_max;
  bytes_since_ = options.system.size() + options.opening.size();
  for (auto& tool : TRY(tools_.list())) {
    bytes_since_ += tool.description.size() + tool.input.to_json().size();
    request.tools.push_back({tool.name, tool.description, std::move(tool.input)});
  }
  llm::Message opening;
  opening.text = options.opening;
  request.messages.push_back(std::move(opening));
  std::string said;
  int cuts = 0;
  for (int32_t turns = 0; turns < options.turns_max; ++turns) {
    llm::Answer answer = TRY(turn(request));
    if (answer.stop == llm::Stop::kRefused) {
      return Error(ErrorCode::kUnsupported, "the model refused to go on");
    }
    const bool cut = answer.stop == llm::Stop::kLength && answer.message.calls.empty();
    if (answer.message.calls.empty()) said += answer.message.text;
    if (answer.message.calls.empty() && !(cut && ++cuts <= kCutsMax)) return said;
    llm::Message next;
    if (cut) {
      if (answer.message.text.empty()) return journal_.spent("tokens");
      next.text = "Your turn was cut at its length. Go on where it ended.";
    } else {
      said.clear();
      next = TRY(answer_calls(answer.message, options.result_bytes_max));
    }
    request.messages.push_back(std::move(answer.message));
    request.messages.push_back(std::move(next));
  }
  return Error(ErrorCode::kResourceExhausted,
               "the model took " + std::to_string(options.turns_max) + " turns and did not end");
}

}  // namespace firn::agents
