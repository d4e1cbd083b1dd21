#pragma once

#include <string>

#include "app/remote.h"
#include "base/result.h"

namespace firn::app {

// Connects the demo's PostgreSQL at 127.0.0.1:`port` as "pg", or tells an earlier connection of
// that name where it is now.
Status connect_demo_database(Remote& remote, const std::string& port, const std::string& password);

}  // namespace firn::app
