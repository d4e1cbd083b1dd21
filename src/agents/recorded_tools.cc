#include "agents/recorded_tools.h"

#include <algorithm>

#include "graphql/json.h"

namespace firn::agents {
namespace {

constexpr size_t kTextMax = 64 << 10;

// Not through the middle of a character.
std::string cut(const std::string& text) {
  if (text.size() <= kTextMax) return text;
  size_t end = kTextMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

Result<ToolAnswer> answer_of(const Step& step) {
  ToolAnswer answer;
  answer.failed = step.failed;
  answer.text = step.text;
  graphql::JsonLimits limits;
  limits.values_max = 2'000'000;
  if (!step.content.empty()) answer.content = TRY(graphql::parse_json(step.content, limits));
  return answer;
}

}  // namespace

Result<ToolAnswer> RecordedTools::call(const std::string& tool, const Json& arguments) {
  Step step = TRY(journal_.next(StepKind::kTool, tool, arguments.to_json()));
  if (Journal::is_kept(step)) return answer_of(step);
  const bool changes = std::find(changing_.begin(), changing_.end(), tool) != changing_.end();
  // The step is there only where it was begun before.
  ToolAnswer answer;
  if (changes && step.failed) {
    answer.failed = true;
    answer.text = "the server ended while this ran: see whether it took effect";
  } else {
    if (changes) {
      Step begun = step;
      begun.failed = true;
      TRY(journal_.begin(begun));
    }
    answer = TRY(tools_.call(tool, arguments));
  }
  step.failed = answer.failed;
  step.text = cut(answer.text);
  if (!answer.failed && !answer.content.is_null()) step.content = answer.content.to_json();
  TRY(journal_.keep(std::move(step)));
  // As it will be given again: the same text, whoever asks.
  answer.text = cut(answer.text);
  return answer;
}

}  // namespace firn::agents
