#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "graphql/location.h"

namespace firn::graphql {

// A response key or a list index.
using PathSegment = std::variant<std::string, uint32_t>;

// One entry of a response's `errors`.
struct GraphqlError {
  std::string message;
  std::vector<Location> locations;
  std::vector<PathSegment> path;
  std::string extensions;  // a JSON object, or empty for none
};

// Appends the error as JSON.
void write_error(const GraphqlError& error, std::string& out);
// {"errors":[...]}
std::string error_response(const std::vector<GraphqlError>& errors);

}  // namespace firn::graphql
