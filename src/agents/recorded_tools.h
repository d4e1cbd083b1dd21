#pragma once

#include <string>
#include <vector>

#include "agents/journal.h"
#include "agents/tools.h"

namespace firn::agents {

// Keeps each call and its answer in a journal before it gives the answer, and gives what the
// journal has already. A call that changes something is made at most once: where the server ended
// while it ran, its answer says so. Errors beside the tools': the journal's.
class RecordedTools final : public Tools {
 public:
  RecordedTools(Tools& tools, Journal& journal) : tools_(tools), journal_(journal) {}
  Result<ToolAnswer> call(const std::string& tool, const Json& arguments) override;
  Result<std::vector<ToolDescription>> list() override { return tools_.list(); }
  // These change something.
  void set_changing(std::vector<std::string> tools) { changing_ = std::move(tools); }

 private:
  Tools& tools_;
  Journal& journal_;
  std::vector<std::string> changing_;
};

}  // namespace firn::agents
