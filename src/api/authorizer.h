#pragma once

#include "graphql/request_context.h"

namespace firn::api {

// Asks the policy what @auth says: whether the caller may use a field at all. Whether they may do
// it to the very object, the service behind the field asks.
class PolicyAuthorizer final : public graphql::Authorizer {
 public:
  Status allow(const graphql::Call& call, const graphql::FieldDefinition& field) override;
};

}  // namespace firn::api
