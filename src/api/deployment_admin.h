#pragma once

#include "api/services.h"
#include "auth/principal.h"

namespace firn::api {

// PermissionDenied unless the principal is an admin of the deployment's first organization: whoever
// runs what all organizations share.
Status authorize_deployment(const Services& services, const auth::Principal& who);

}  // namespace firn::api
