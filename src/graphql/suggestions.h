#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graphql/schema.h"

namespace firn::graphql {

// Those of `options` that `input` may have been meant to be, best first, by edit distance; at most
// five. Looks at 2,000 options at most.
std::vector<std::string> suggest(std::string_view input,
                                 const std::vector<std::string_view>& options);
std::vector<std::string> suggest_enum_values(const NamedType& type, std::string_view input);

// ` Did you mean "a", "b", or "c"?`, or nothing. `what` goes before the names, if not empty.
std::string did_you_mean(std::string_view what, const std::vector<std::string>& suggestions);
inline std::string did_you_mean(const std::vector<std::string>& suggestions) {
  return did_you_mean({}, suggestions);
}

}  // namespace firn::graphql
