#pragma once

#include <memory>

#include "agents/agents.h"
#include "api/schema/types.h"
#include "api/services.h"

namespace firn::api {

std::shared_ptr<const schema::Agent> make_agent(Services& services, agents::Agent agent);
std::shared_ptr<const schema::AgentRun> make_agent_run(Services& services, const std::string& agent,
                                                       agents::Run run);

}  // namespace firn::api
