#pragma once

#include <memory>
#include <string_view>

#include "jobs/job_source.h"

namespace firn::jobs::wire {

// Jobs of a server at `url`, tcp://[:PASSWORD@]HOST[:PORT], as FAKTORY_URL has it; a source has a
// connection of its own, and opens it again when it breaks. No TLS. Errors: InvalidArgument.
Result<std::unique_ptr<JobSources>> remote_sources(std::string_view url, WorkerInfo worker);

}  // namespace firn::jobs::wire
