#pragma once

#include <memory>

#include "api/schema/types.h"
#include "api/services.h"

namespace firn::api {

schema::Viewer viewer_of(const auth::Principal& principal);
std::shared_ptr<const schema::Organization> make_organization(Services& services,
                                                              auth::Organization organization);
// With the name and the id of whoever has it.
Result<schema::Grant> named_grant(Services& services, const auth::Principal& principal,
                                  const auth::Grant& grant);

}  // namespace firn::api
