#pragma once

#include <memory>

#include "graphql/http/graphql_http.h"

namespace firn::graphql {

// The protocol of graphql-sse, "distinct connections mode": `next` events with responses, then
// `complete`. Without `prepared` the one event is what `refused` says.
void serve_events(GraphqlHttp& http, const std::shared_ptr<http::Exchange>& exchange,
                  const GraphqlHttp::Prepared* prepared, const Value& variables,
                  std::shared_ptr<RequestContext> context, Response refused);

}  // namespace firn::graphql
