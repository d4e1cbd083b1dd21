#include "api/context.h"

namespace firn::api {

Result<std::shared_ptr<graphql::RequestContext>> Context::for_event() {
  if (principal == nullptr) return std::shared_ptr<graphql::RequestContext>();
  return std::make_shared<Context>(
      services, std::make_shared<const auth::Principal>(TRY(services.auth.now(*principal))),
      address, client, run);
}

}  // namespace firn::api
