#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn::llm {

struct Prompt {
  std::string name;  // with its version: "agent.v1"
  std::string text;
};

// Prompts from files NAME.vN.md of one folder: a version is never edited once it was used, a new
// one is made. Immutable.
class Prompts {
 public:
  // InvalidData for a file whose name is none of those, StorageUnavailable.
  static Result<Prompts> load(const std::string& directory);
  // The newest of that name, or that very one ("agent.v1"). NotFound.
  Result<Prompt> find(std::string_view name) const;

 private:
  std::map<std::string, std::map<int, std::string>, std::less<>> texts_;  // by name and version
};

// `text` with {{name}} replaced by each value; what it has no value for stays.
std::string fill_in(std::string_view text,
                    const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace firn::llm
