#pragma once

#include <memory>
#include <string_view>

#include "jobs/job_source.h"

namespace firn::jobs::wire {

// Jobs of a server at `url`, tcp://[:PASSWORD@]HOST[:PORT], as FAKTORY_URL has it, or tcp+tls://
// for TLS 1.2 or later: its certificate has to be for HOST, and from an authority that this machine
// trusts (SSL_CERT_FILE may name another). A source has a connection of its own, and opens it again
// when it breaks. Without a worker's id it only pushes. Errors: InvalidArgument.
Result<std::unique_ptr<JobSources>> remote_sources(std::string_view url, WorkerInfo worker);

}  // namespace firn::jobs::wire
