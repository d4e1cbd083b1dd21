#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agents/agents.h"
#include "agents/tools.h"
#include "store/database.h"

namespace firn::agents {

// Keeps each call and its answer, durably, before it gives the answer; a call that an earlier
// attempt of the same run has made is answered from there. Once a call differs from what was kept,
// the rest of what was kept is dropped. Errors beside the tools': ResourceExhausted where the
// budget is spent, Cancelled.
class RecordedTools final : public Tools {
 public:
  RecordedTools(Tools& tools, store::Database& database, platform::Clock& clock, std::string run,
                Budget budget, std::function<bool()> cancelled)
      : tools_(tools),
        database_(database),
        clock_(clock),
        run_(std::move(run)),
        budget_(budget),
        cancelled_(std::move(cancelled)) {}
  Result<ToolAnswer> call(const std::string& tool, const Json& arguments) override;

  int32_t calls() const { return calls_; }

 private:
  Result<std::optional<ToolAnswer>> kept(const std::string& tool, const std::string& arguments);
  Status keep(const Step& step);

  Tools& tools_;
  store::Database& database_;
  platform::Clock& clock_;
  const std::string run_;
  const Budget budget_;
  const std::function<bool()> cancelled_;
  int32_t calls_ = 0;
  int64_t spent_us_ = 0;  // in tools, by this attempt and those before
};

// The steps of a run, in order.
Result<std::vector<Step>> read_steps(store::Transaction& transaction, const std::string& run);

}  // namespace firn::agents
