#pragma once

#include <memory>

#include "agents/agents.h"
#include "api/schema/types.h"
#include "api/services.h"

namespace firn::api {

std::shared_ptr<const schema::Agent> make_agent(Services& services, agents::Agent agent);

}  // namespace firn::api
