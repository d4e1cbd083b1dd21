#pragma once

#include <string>
#include <string_view>

namespace firn::graphql {

// BlockStringValue() of the specification: the common indentation and blank lines at both ends go.
std::string dedent_block_string(std::string_view raw);
// A block string that reads as `value`.
std::string print_block_string(std::string_view value);

}  // namespace firn::graphql
