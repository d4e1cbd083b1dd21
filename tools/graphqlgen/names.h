#pragma once

#include <string>
#include <string_view>

namespace firn::graphqlgen {

// camelCase to snake_case; C++ keywords get a trailing underscore.
std::string method_name(std::string_view graphql_name);
// IN_PROGRESS or inProgress to kInProgress.
std::string constant_name(std::string_view graphql_name);
// The first letter in upper case.
std::string capitalized(std::string_view name);
// As a C++ string literal.
std::string literal(std::string_view text);
// As comment lines, indented.
std::string comment(std::string_view text, std::string_view indent);

}  // namespace firn::graphqlgen
