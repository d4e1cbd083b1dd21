#include "query/request.h"

#include "query/access.h"

namespace firn::query {

QueryRequest request_for(const auth::Principal& principal, auth::Authenticator& authenticator,
                         const std::string& client) {
  QueryRequest request;
  request.organization = principal.organization;
  request.account = principal.account;
  request.access = access_of(principal, authenticator);
  request.requested_by = principal.name;
  request.user_agent = client;
  return request;
}

}  // namespace firn::query
