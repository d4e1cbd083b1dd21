#pragma once

#include "app/remote.h"
#include "base/result.h"

namespace firn::app {

// Makes the demo's agent, has it look at the flights' delays, waits for it, and prints what it
// proposes; nothing of that where the agent is there already. Unavailable where the run does not
// end within a minute.
Status run_demo_agent(Remote& remote);

}  // namespace firn::app
