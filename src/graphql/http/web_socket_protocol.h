#pragma once

#include "graphql/http/graphql_http.h"
#include "http/server.h"

namespace firn::graphql {

// The protocol `graphql-transport-ws`. A client that offers no such subprotocol is closed with
// 4406.
http::Route web_socket_route(GraphqlHttp& http, const http::Request& request);

}  // namespace firn::graphql
