#include "agents/journal.h"

#include "platform/clock.h"
#include "platform/fault.h"

namespace firn::agents {
namespace {

constexpr const char* kColumns =
    "SELECT number, kind, tool, arguments, failed, text, content, started_us, ended_us, "
    "input_tokens, output_tokens FROM agent_steps WHERE run = ? ";

Step read_row(const store::Statement& row) {
  Step step;
  step.number = static_cast<int32_t>(row.column_int(0));
  step.kind = static_cast<StepKind>(row.column_int(1));
  step.tool = row.column_text(2);
  step.arguments = row.column_text(3);
  step.failed = row.column_int(4) != 0;
  step.text = row.column_text(5);
  step.content = row.column_text(6);
  step.started_us = row.column_int(7);
  step.ended_us = row.column_int(8);
  step.input_tokens = row.column_int(9);
  step.output_tokens = row.column_int(10);
  return step;
}

Status write_row(store::Transaction& transaction, const std::string& run, const Step& step) {
  auto row = TRY(transaction.prepare(
      "INSERT OR REPLACE INTO agent_steps (run, number, kind, tool, arguments, failed, text, "
      "content, started_us, ended_us, input_tokens, output_tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?, ?, ?)"));
  row.bind(1, run).bind(2, static_cast<int64_t>(step.number));
  row.bind(3, static_cast<int64_t>(step.kind)).bind(4, step.tool).bind(5, step.arguments);
  row.bind(6, static_cast<int64_t>(step.failed)).bind(7, step.text).bind(8, step.content);
  row.bind(9, step.started_us).bind(10, step.ended_us);
  row.bind(11, step.input_tokens).bind(12, step.output_tokens);
  return row.run();
}

}  // namespace

const std::vector<store::Migration>& journal_migrations() {
  static const std::vector<store::Migration> steps = {
      {"agent_steps", 1, R"sql(
ALTER TABLE agent_steps ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agent_steps ADD COLUMN input_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agent_steps ADD COLUMN output_tokens INTEGER NOT NULL DEFAULT 0;
)sql"},
  };
  return steps;
}

Result<std::vector<Step>> read_steps(store::Transaction& transaction, const std::string& run) {
  std::vector<Step> steps;
  auto row = TRY(transaction.prepare(std::string(kColumns) + "ORDER BY number"));
  row.bind(1, run);
  while (TRY(row.step())) steps.push_back(read_row(row));
  return steps;
}

Status remove_steps(store::Transaction& transaction, const std::string& run) {
  auto row = TRY(transaction.prepare("DELETE FROM agent_steps WHERE run = ?"));
  return row.bind(1, run).run();
}

Journal::Journal(store::Database* database, platform::Clock& clock, std::string run, Budget budget,
                 std::function<bool()> cancelled, std::function<void()> changed)
    : database_(database),
      clock_(clock),
      run_(std::move(run)),
      budget_(budget),
      cancelled_(std::move(cancelled)),
      changed_(std::move(changed)) {}

Error Journal::spent(const char* what) const {
  const std::string_view of = what;
  const int64_t budget = of == "calls"     ? budget_.calls
                         : of == "seconds" ? budget_.seconds
                         : of == "tokens"  ? budget_.tokens
                                           : budget_.bytes;
  return {ErrorCode::kResourceExhausted,
          "the run's budget of " + std::to_string(budget) + " " + what + " is spent"};
}

Status Journal::check() const {
  if (calls_ > budget_.calls) return spent("calls");
  if (us_left() < 0) return spent("seconds");
  if (bytes_ > budget_.bytes) return spent("bytes");
  return {};
}

void Journal::count(const Step& step) {
  spent_us_ += step.ended_us - step.started_us;
  bytes_ += static_cast<int64_t>(step.kind == StepKind::kTool ? step.content.size() : 0);
  input_tokens_ += step.input_tokens;
  output_tokens_ += step.output_tokens;
}

Result<std::optional<Step>> Journal::kept(const Step& wanted) {
  std::optional<Step> found;
  if (database_ == nullptr) return found;
  TRY(database_->read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(std::string(kColumns) + "AND number = ?"));
    row.bind(1, run_).bind(2, static_cast<int64_t>(wanted.number));
    if (TRY(row.step())) found = read_row(row);
    return {};
  }));
  if (!found) return found;
  if (found->kind == wanted.kind && found->tool == wanted.tool &&
      found->arguments == wanted.arguments) {
    return found;
  }
  TRY(database_->write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("DELETE FROM agent_steps WHERE run = ? AND number >= ?"));
    return row.bind(1, run_).bind(2, static_cast<int64_t>(wanted.number)).run();
  }));
  return std::optional<Step>();
}

Result<Step> Journal::next(StepKind kind, const std::string& tool, const std::string& arguments) {
  if (cancelled()) return Error(ErrorCode::kCancelled, "the run was cancelled");
  Step step;
  step.number = ++number_;
  step.kind = kind;
  step.tool = tool;
  step.arguments = arguments;
  step.started_us = clock_.now_us();
  ++(kind == StepKind::kTool ? calls_ : turns_);
  if (calls_ > budget_.calls) return spent("calls");
  auto before = TRY(kept(step));
  if (!before) {
    TRY(check());
    return step;
  }
  if (is_kept(*before)) count(*before);
  return *std::move(before);
}

Status Journal::begin(const Step& step) {
  if (database_ == nullptr) return {};
  return database_->write(
      [&](store::Transaction& transaction) { return write_row(transaction, run_, step); });
}

Status Journal::keep(Step step) {
  step.ended_us = std::max(clock_.now_us(), step.started_us + 1);
  if (database_ != nullptr) {
    TRY(database_->write(
        [&](store::Transaction& transaction) { return write_row(transaction, run_, step); }));
    KILL_POINT("agents.kept");
  }
  count(step);
  if (changed_) changed_();
  return {};
}

}  // namespace firn::agents
