#pragma once

namespace firn::query {

// `firn query-worker`: runs the queries that come over the socket at descriptor kWorkerSocket until
// it closes. For Engine to start; gives the process's exit code.
int worker_main(int argc, char** argv);

inline constexpr int kWorkerSocket = 3;

}  // namespace firn::query
