#pragma once

#include <string>

#include "http/server.h"
#include "ingest/service.h"
#include "jobs/queue.h"
#include "jobs/wire/wire_server.h"
#include "query/engine.h"

namespace firn::app {

// The text of GET /metrics: Prometheus exposition format 0.0.4.
std::string render_metrics(const http::ServerStats& http, const ingest::IngestStats& ingest,
                           const query::WorkerPool::Stats& workers, const jobs::QueueStats& jobs,
                           const jobs::wire::WireStats& wire);

}  // namespace firn::app
