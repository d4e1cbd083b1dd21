#pragma once

#include <boost/json.hpp>
#include <string>

#include "app/remote.h"
#include "base/result.h"

namespace firn::app {

// The data of a GraphQL operation on the server; its first error's message otherwise.
Result<boost::json::object> ask_graphql(Remote& remote, const std::string& query,
                                        boost::json::object variables);

}  // namespace firn::app
