#pragma once

#include <string_view>

namespace firn::graphql {

// The types and directives that every schema has: sections 3.5, 3.13 and 4 of the specification.
extern const std::string_view kBuiltInTypes;

}  // namespace firn::graphql
