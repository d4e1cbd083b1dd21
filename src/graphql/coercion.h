#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/node.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace firn::graphql {

// Coerced variable values of one operation: an object; variables without a value are absent.
using Variables = Value;

// A constant, or one with variables, as a value of no type in particular. Absent variables are
// null.
Value untyped_value(const Node& node, const Variables* variables = nullptr);

// What a literal that validation has accepted means as a value of `type`: single items become
// lists, defaults of input fields are filled in, variables take their values. False where it has
// no value: a variable that is absent. Errors: InvalidArgument, for what only variables show.
Result<bool> coerce_literal(const Node& node, const Type& type, const Variables* variables,
                            Value& into);

// A built-in or custom scalar's or an enum's input. Errors: InvalidArgument, worded for clients.
// A literal's strings, numbers and enum names are told apart; JSON has strings for the last.
enum class InputOrigin { kLiteral, kJson };
Status check_leaf(const Value& value, const NamedType& type, InputOrigin origin);

// The same for a leaf, in the form in which resolvers get it.
Result<Value> coerce_leaf(Value value, const NamedType& type, InputOrigin origin);

// A field's or directive's arguments as an object: given ones coerced, defaults filled in, the
// others absent.
Result<Value> coerce_arguments(const std::vector<InputValue>& definitions, NodeList given,
                               const Variables* variables);

}  // namespace firn::graphql
