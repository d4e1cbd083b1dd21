#pragma once

#include <functional>
#include <string>

#include "graphql/node.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace firn::graphql {

// Told of each problem of a literal, at the node that has it.
using LiteralProblem = std::function<void(const Node& node, std::string message)>;

// Whether a literal may stand where `type` is expected. Variables inside are taken to fit where
// `variables` is null (their own rule looks at them). A node may be reported more than once.
void check_literal(const Node& literal, const Type& type, const Value* variables,
                   const LiteralProblem& report);

// Told of each problem of a JSON value; the path is that inside the value: `[0].name`.
using ValueProblem = std::function<void(const std::string& path, std::string message)>;

// Coerces a JSON value (section 3's input coercion): defaults filled in, single items made lists.
// What has problems is left out of the outcome.
Value coerce_input(const Value& value, const Type& type, const ValueProblem& report);

}  // namespace firn::graphql
