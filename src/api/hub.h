#pragma once

#include <memory>

#include "api/context.h"
#include "graphql/service.h"

namespace firn::api {

// The schema with its resolvers over `services`, which outlive it. `runner` runs what blocks.
Result<std::unique_ptr<graphql::Service>> make_hub(Services& services,
                                                   std::shared_ptr<graphql::TaskRunner> runner,
                                                   graphql::ServiceOptions options = {});

}  // namespace firn::api
