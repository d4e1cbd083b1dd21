#pragma once

#include <string_view>

namespace firn::platform {

enum class FaultPoint { kWrite, kSync };

// For tests of the whole process. When FIRN_FAULT_FILE names a file, and that file exists and holds
// a line such as `sync EIO` or `write ENOSPC`, the operation fails with that errno for as long as
// the line is there. 0: no fault. Costs one branch when the variable is not set.
int injected_fault(FaultPoint point);

// Ends the process at once, as kill -9 would, when FIRN_KILL_POINT is `name` or `name:N` (at the
// N-th time the point is passed). Costs one branch when the variable is not set.
void kill_point(std::string_view name);

}  // namespace firn::platform

#define KILL_POINT(name) ::firn::platform::kill_point(name)
