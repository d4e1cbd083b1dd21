#include "api/authorizer.h"

#include "api/context.h"
#include "api/schema/types.h"
#include "graphql/schema.h"

namespace firn::api {

Status may_use(const auth::Principal* principal, const graphql::FieldDefinition& field) {
  const auto* rule = field.directive("auth");
  const auto* scope = rule == nullptr ? nullptr : rule->arguments.field("scope");
  if (scope != nullptr && scope->text == "PUBLIC") return {};
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

Status PolicyAuthorizer::allow(const graphql::Call& call, const graphql::FieldDefinition& field) {
  return may_use(context_of(call).principal.get(), field);
}

}  // namespace firn::api
