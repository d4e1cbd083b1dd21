#pragma once

#include <string>

#include "auth/auth.h"
#include "query/engine.h"

namespace firn::query {

// A request without its statement: who asks, and what they may see. `client` is for the history.
// The authenticator must outlive it.
QueryRequest request_for(const auth::Principal& principal, auth::Authenticator& authenticator,
                         const std::string& client);

}  // namespace firn::query
