#include "api/deployment_admin.h"

namespace firn::api {

Status authorize_deployment(const Services& services, const auth::Principal& who) {
  TRY(auth::authorize(who, auth::Role::kAdmin, auth::Object::whole(who)));
  if (who.organization == services.first_organization) return {};
  return Error(ErrorCode::kPermissionDenied,
               "this is for admins of the deployment's first organization");
}

}  // namespace firn::api
