#pragma once

#include <string_view>

namespace firn::graphql {

// How a C++ enum is a GraphQL enum; specialized by generated code. `name(value)` is the GraphQL
// name; `read(name, into)` is false for a name that the enum does not have.
template <typename T>
struct EnumTraits;

}  // namespace firn::graphql
