#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graphql/document.h"
#include "graphql/graphql_error.h"
#include "graphql/schema.h"
#include "graphql/value.h"

namespace firn::graphql {

// What one document may ask for. Each is refused before anything runs.
struct Limits {
  size_t tokens_max = 2000;
  uint32_t depth_max = 12;         // nested fields, introspection aside
  size_t aliases_max = 15;         // of one field of one type, in a document
  int64_t page_size_max = 500;     // `first` and `last`
  int64_t page_size_default = 50;  // for the cost, where neither has a value
  int64_t cost_max = 5000;
  // Fields with all fragments put in: what a plan may be compiled from.
  size_t fields_max = 20'000;
};

// Looks at one operation of a valid document. The cost of a field is 1 where it has fields of its
// own and 0 where not, or what a directive @cost(value:) on its definition says, plus the cost of
// what is selected below, times the page size for a field that takes `first` or `last`.
// Without variables, what they decide is left for the next time: `needs_variables` is set.
std::optional<GraphqlError> check_limits(const Schema& schema, const Document& document,
                                         const Node& operation, const Limits& limits,
                                         const Value* variables, bool& needs_variables);

// The one limit that concerns the whole document.
std::optional<GraphqlError> check_aliases(const Schema& schema, const Document& document,
                                          const Limits& limits);

}  // namespace firn::graphql
