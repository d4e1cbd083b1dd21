#pragma once

#include <vector>

#include "graphql/document.h"
#include "graphql/graphql_error.h"
#include "graphql/schema.h"

namespace firn::graphql {

struct ValidationOptions {
  // Validation ends with one more error than this.
  size_t errors_max = 100;
};

// Section 5: every rule, reported rule by rule as graphql-js 17 does, so that clients see the same
// errors at the same places. Empty: the document is valid.
std::vector<GraphqlError> validate(const Schema& schema, const Document& document,
                                   const ValidationOptions& options = {});

}  // namespace firn::graphql
