#include "automation/upkeep.h"

#include <spdlog/spdlog.h>

namespace firn::automation {

Status Upkeep::start(const std::string& organization) {
  tasks_.add_own("upkeep", [this](tasks::TaskContext& context) { return run(context); });
  return tasks_.plan_own(organization, "upkeep", "17 * * * *");
}

Result<std::string> Upkeep::run(tasks::TaskContext& context) {
  Status failed;
  int done = 0;
  for (const auto& [name, chore] : chores_) {
    if (context.cancelled()) return Error(ErrorCode::kCancelled, "told to end");
    context.progress(100 * done++ / static_cast<int>(chores_.size()), name);
    const Status outcome = chore();
    if (outcome.ok()) continue;
    spdlog::warn("upkeep: {}: {}", name, outcome.error().to_log());
    if (failed.ok()) failed = outcome.error().with_context(name);
  }
  if (!failed.ok()) return failed.error();
  return std::string();
}

}  // namespace firn::automation
