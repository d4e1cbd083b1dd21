#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"

namespace firn::platform {
class Clock;
}

namespace firn::agents {

// What a run may spend; then it ends as ResourceExhausted.
struct Budget {
  int32_t calls = 500;         // of tools
  int32_t seconds = 600;       // in tools and turns of a model
  int64_t tokens = 500'000;    // of a model, in and out
  int64_t bytes = 64LL << 20;  // of tools' answers
};

enum class StepKind : uint8_t { kTool, kModel };

// One call of a tool, or one turn of a model, in a run.
struct Step {
  int32_t number = 0;  // from 1
  StepKind kind = StepKind::kTool;
  std::string tool;       // of a turn: the model
  std::string arguments;  // JSON
  bool failed = false;
  std::string text;     // the answer as a model reads it, its first 64 KiB; what the model said
  std::string content;  // the whole structured answer, JSON; empty where it failed
  int64_t started_us = 0;
  int64_t ended_us = 0;  // 0: begun, and the server ended before there was an answer
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
};

// The steps of one run, each kept before the next begins, and what is left of its budget. A step
// that an earlier attempt of the run has made is given from there; once one differs from what was
// kept, the rest of what was kept is dropped. One thread's.
class Journal {
 public:
  // Without a database nothing outlives the journal. `changed` is told of each step that is kept;
  // may be null.
  Journal(store::Database* database, platform::Clock& clock, std::string run, Budget budget,
          std::function<bool()> cancelled, std::function<void()> changed = nullptr);

  // The next step, as it was kept or with its number and start. Errors: Cancelled,
  // ResourceExhausted, and the store's.
  Result<Step> next(StepKind kind, const std::string& tool, const std::string& arguments);
  // Durable, before what must not happen twice. A step that was begun so and not kept is given by
  // next() with a start and no end.
  Status begin(const Step& step);
  // Durable; ends it now.
  Status keep(Step step);

  static bool is_kept(const Step& step) { return step.ended_us != 0; }
  bool cancelled() const { return cancelled_ && cancelled_(); }
  int32_t calls() const { return calls_; }
  int32_t turns() const { return turns_; }
  int64_t input_tokens() const { return input_tokens_; }
  int64_t output_tokens() const { return output_tokens_; }
  int64_t tokens_left() const { return budget_.tokens - input_tokens_ - output_tokens_; }
  int64_t us_left() const { return int64_t{budget_.seconds} * 1'000'000 - spent_us_; }
  // Of "calls", "seconds", "tokens" or "bytes".
  Error spent(const char* what) const;

 private:
  Result<std::optional<Step>> kept(const Step& wanted);
  Status check() const;
  void count(const Step& step);

  store::Database* const database_;
  platform::Clock& clock_;
  const std::string run_;
  const Budget budget_;
  const std::function<bool()> cancelled_;
  const std::function<void()> changed_;
  int32_t number_ = 0;
  int32_t calls_ = 0;
  int32_t turns_ = 0;
  int64_t spent_us_ = 0;  // by this attempt and those before
  int64_t bytes_ = 0;
  int64_t input_tokens_ = 0;
  int64_t output_tokens_ = 0;
};

// The table of steps.
const std::vector<store::Migration>& journal_migrations();
// The steps of a run, in order.
Result<std::vector<Step>> read_steps(store::Transaction& transaction, const std::string& run);
Status remove_steps(store::Transaction& transaction, const std::string& run);

}  // namespace firn::agents
