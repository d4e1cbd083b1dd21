#include "agents/recorded_tools.h"

#include "graphql/json.h"
#include "platform/clock.h"

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

}  // namespace

Result<std::vector<Step>> read_steps(store::Transaction& transaction, const std::string& run) {
  std::vector<Step> steps;
  auto row = TRY(transaction.prepare(
      "SELECT number, tool, arguments, failed, text, content, started_us, ended_us FROM "
      "agent_steps WHERE run = ? ORDER BY number"));
  row.bind(1, run);
  while (TRY(row.step())) {
    Step step;
    step.number = static_cast<int32_t>(row.column_int(0));
    step.tool = row.column_text(1);
    step.arguments = row.column_text(2);
    step.failed = row.column_int(3) != 0;
    step.text = row.column_text(4);
    step.content = row.column_text(5);
    step.started_us = row.column_int(6);
    step.ended_us = row.column_int(7);
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<std::optional<ToolAnswer>> RecordedTools::kept(const std::string& tool,
                                                      const std::string& arguments) {
  std::optional<ToolAnswer> found;
  bool differs = false;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT tool, arguments, failed, text, content, ended_us - started_us FROM agent_steps "
        "WHERE run = ? AND number = ?"));
    row.bind(1, run_).bind(2, static_cast<int64_t>(calls_));
    if (!TRY(row.step())) return {};
    if (row.column_text(0) != tool || row.column_text(1) != arguments) {
      differs = true;
      return {};
    }
    ToolAnswer answer;
    answer.failed = row.column_int(2) != 0;
    answer.text = row.column_text(3);
    spent_us_ += row.column_int(5);
    const std::string content = row.column_text(4);
    graphql::JsonLimits limits;
    limits.values_max = 2'000'000;
    if (!content.empty()) answer.content = TRY(graphql::parse_json(content, limits));
    found = std::move(answer);
    return {};
  }));
  if (differs) {
    TRY(database_.write([&](store::Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare("DELETE FROM agent_steps WHERE run = ? AND number >= ?"));
      row.bind(1, run_).bind(2, static_cast<int64_t>(calls_));
      return row.run();
    }));
  }
  return found;
}

Status RecordedTools::keep(const Step& step) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "INSERT INTO agent_steps (run, number, tool, arguments, failed, text, content, "
        "started_us, ended_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    row.bind(1, run_).bind(2, static_cast<int64_t>(step.number)).bind(3, step.tool);
    row.bind(4, step.arguments).bind(5, static_cast<int64_t>(step.failed)).bind(6, step.text);
    row.bind(7, step.content).bind(8, step.started_us).bind(9, step.ended_us);
    return row.run();
  });
}

Result<ToolAnswer> RecordedTools::call(const std::string& tool, const Json& arguments) {
  if (cancelled_ && cancelled_()) return Error(ErrorCode::kCancelled, "the run was cancelled");
  ++calls_;
  if (calls_ > budget_.calls) {
    return Error(ErrorCode::kResourceExhausted,
                 "the run's budget of " + std::to_string(budget_.calls) + " calls is spent");
  }
  const std::string written = arguments.to_json();
  auto before = TRY(kept(tool, written));
  if (before) return *std::move(before);
  if (spent_us_ > int64_t{budget_.seconds} * 1'000'000) {
    return Error(ErrorCode::kResourceExhausted,
                 "the run's budget of " + std::to_string(budget_.seconds) + " seconds is spent");
  }
  Step step;
  step.number = calls_;
  step.tool = tool;
  step.arguments = written;
  step.started_us = clock_.now_us();
  auto answer = TRY(tools_.call(tool, arguments));
  step.ended_us = clock_.now_us();
  spent_us_ += step.ended_us - step.started_us;
  step.failed = answer.failed;
  step.text = cut(answer.text);
  if (!answer.failed && !answer.content.is_null()) step.content = answer.content.to_json();
  TRY(keep(step));
  return answer;
}

}  // namespace firn::agents
