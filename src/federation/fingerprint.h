#pragma once

#include <string>
#include <vector>

namespace firn::federation {

// 32 hex digits that no other list of texts has; they tell nothing of a text that cannot be
// guessed. Pure.
std::string fingerprint(const std::vector<std::string>& texts);

}  // namespace firn::federation
