#include "api/authorizer.h"

#include "api/context.h"
#include "api/schema/types.h"
#include "graphql/schema.h"

namespace firn::api {

Status PolicyAuthorizer::allow(const graphql::Call& call, const graphql::FieldDefinition& field) {
  const auto* rule = field.directive("auth");
  const auto* scope = rule == nullptr ? nullptr : rule->arguments.field("scope");
  if (scope != nullptr && scope->text == "PUBLIC") return {};
  const PrincipalPtr& principal = context_of(call).principal;
  if (principal == nullptr) return nobody();
  const auto* role = rule == nullptr ? nullptr : rule->arguments.field("role");
  schema::Role needed{};
  if (role != nullptr && schema::from_text(role->text, needed)) {
    return auth::authorize_anywhere(*principal, static_cast<auth::Role>(needed));
  }
  if (scope != nullptr && scope->text == "SIGNED_IN") return {};
  return Error(ErrorCode::kInternal, "this cannot be used",
               "the @auth rule of " + field.name + " says nothing");
}

}  // namespace firn::api
