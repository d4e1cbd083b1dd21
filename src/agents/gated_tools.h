#pragma once

#include <set>
#include <string>
#include <vector>

#include "agents/tools.h"

namespace firn::agents {

// The tools that an agent's model gets: what reads, and of what changes anything only what is
// named. Deny by default: a tool that is not in this list is refused before it is looked up. Beside
// that the principal's own rights hold, in the tools themselves.
class GatedTools final : public Tools {
 public:
  // Errors: the tools'.
  static Result<GatedTools> create(Tools& tools, const std::set<std::string>& may_change);
  Result<ToolAnswer> call(const std::string& tool, const Json& arguments) override;
  // What a model is told of; more may be called.
  Result<std::vector<ToolDescription>> list() override;
  // Of what may be called.
  const std::vector<std::string>& changing() const { return changing_; }

 private:
  explicit GatedTools(Tools& tools) : tools_(tools) {}

  Tools& tools_;
  std::vector<ToolDescription> told_;
  std::set<std::string> allowed_;
  std::vector<std::string> changing_;
};

}  // namespace firn::agents
