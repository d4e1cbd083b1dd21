#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/value.h"

namespace firn::agents {

using Json = graphql::Value;

// What a tool answered. Whether it failed is for the one who called it to act on: the tool ran, and
// says in `text` what was wrong with the call.
struct ToolAnswer {
  Json content;      // an object: the tool's structured content; null where it failed
  std::string text;  // the same, as a model reads it
  bool failed = false;
};

struct ToolDescription {
  std::string name;
  std::string description;
  Json input;            // JSON Schema of its arguments
  bool changes = false;  // something; else it only reads
  bool common = false;   // of those that most need
};

// The tools of one principal. Blocks; one call at a time.
class Tools {
 public:
  virtual ~Tools() = default;
  // `arguments` is an object. Errors: those of the caller, not of the tool (Cancelled,
  // ResourceExhausted where a budget is spent, Unavailable).
  virtual Result<ToolAnswer> call(const std::string& tool, const Json& arguments) = 0;
  // Those that the principal may use.
  virtual Result<std::vector<ToolDescription>> list() = 0;
};

}  // namespace firn::agents
