#include "api/hub.h"

#include "api/authorizer.h"
#include "api/roots.h"
#include "api/schema/service.h"

namespace firn::api {

Result<std::unique_ptr<graphql::Service>> make_hub(Services& services,
                                                   std::shared_ptr<graphql::TaskRunner> runner,
                                                   graphql::ServiceOptions options) {
  options.runner = std::move(runner);
  options.authorizer = std::make_shared<PolicyAuthorizer>();
  return schema::make_service(
      std::make_shared<const QueryRoot>(services), std::make_shared<const MutationRoot>(services),
      std::make_shared<const SubscriptionRoot>(services), std::move(options));
}

}  // namespace firn::api
