#include "agents/gated_tools.h"

namespace firn::agents {

Result<GatedTools> GatedTools::create(Tools& tools, const std::set<std::string>& may_change) {
  GatedTools gated(tools);
  for (auto& tool : TRY(tools.list())) {
    const bool named = may_change.contains(tool.name);
    if (tool.changes && !named) continue;
    gated.allowed_.insert(tool.name);
    if (tool.changes) gated.changing_.push_back(tool.name);
    if (tool.common || named) gated.told_.push_back(std::move(tool));
  }
  return gated;
}

Result<std::vector<ToolDescription>> GatedTools::list() { return told_; }

Result<ToolAnswer> GatedTools::call(const std::string& tool, const Json& arguments) {
  if (allowed_.contains(tool)) return tools_.call(tool, arguments);
  ToolAnswer refused;
  refused.failed = true;
  refused.text =
      "there is no tool '" + tool +
      "' here: an agent reads and proposes, and nobody but people lets it change anything. What "
      "you want changed you propose.";
  return refused;
}

}  // namespace firn::agents
