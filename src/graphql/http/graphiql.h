#pragma once

#include <string>

#include "http/message.h"

namespace firn::graphql {

// GraphiQL's page at `base` and its assets, from files of `directory`; 404 for what is not there.
// Nothing is fetched from elsewhere, and the answer's Content-Security-Policy forbids it.
http::Response graphiql_answer(const http::Request& request, const std::string& directory,
                               const std::string& base);

}  // namespace firn::graphql
