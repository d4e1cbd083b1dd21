#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/value.h"
#include "http/message.h"

namespace firn::graphql {

// The parameters of a GraphQL request, however they came.
struct GraphqlRequest {
  std::optional<std::string> query;
  std::optional<std::string> operation_name;
  Value variables;                            // an object or null
  std::optional<std::string> persisted_hash;  // extensions.persistedQuery
  std::optional<std::string> document_id;
};

// From a JSON object: unknown members are ignored. Errors: InvalidArgument.
Result<GraphqlRequest> read_request(Value& object);
Result<GraphqlRequest> read_body(std::string_view body);
Result<GraphqlRequest> read_parameters(const http::Request& request);

}  // namespace firn::graphql
