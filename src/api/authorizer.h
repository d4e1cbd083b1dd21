#pragma once

#include "auth/principal.h"
#include "graphql/request_context.h"

namespace firn::api {

// Whether somebody (null: nobody is signed in) may use a field at all, by its @auth.
Status may_use(const auth::Principal* principal, const graphql::FieldDefinition& field);

// Asks the policy what @auth says: whether the caller may use a field at all. Whether they may do
// it to the very object, the service behind the field asks.
class PolicyAuthorizer final : public graphql::Authorizer {
 public:
  Status allow(const graphql::Call& call, const graphql::FieldDefinition& field) override;
};

}  // namespace firn::api
