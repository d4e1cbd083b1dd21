#pragma once

#include "app/remote.h"
#include "base/result.h"

namespace firn::app {

// Makes the demo's agent, where it is not there, has it look at the flights' delays, waits for it,
// and prints what it proposes. Unavailable where it does not end within a minute.
Status run_demo_agent(Remote& remote);

}  // namespace firn::app
