#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/auth.h"
#include "catalog/catalog.h"
#include "federation/federation.h"
#include "ingest/service.h"
#include "platform/clock.h"
#include "query/engine.h"
#include "query/query_log.h"
#include "query/runs.h"
#include "workspace/workspace.h"

namespace firn::jobs {
class Queue;
}
namespace firn::tasks {
class Tasks;
}
namespace firn::automation {
class Alerts;
class Delivery;
class Exports;
class Profiles;
class ScheduledQueries;
}  // namespace firn::automation

namespace firn::api {

// How the server is, for those who run it.
struct DeploymentStatus {
  int64_t started_us = 0;
  int64_t resident_bytes = 0;
  int64_t disk_free_bytes = 0;
  int64_t http_connections = 0;
  int64_t http_requests = 0;
};

// What the resolvers stand on. Each outlives the hub; each is thread-safe.
struct Services {
  auth::Authenticator& auth;
  catalog::Catalog& catalog;
  ingest::Service& ingest;
  query::Engine& engine;
  query::Runs& runs;
  query::QueryLog& log;
  workspace::Workspace& workspace;
  jobs::Queue* jobs;  // null: the queue is another server's (FAKTORY_URL)
  tasks::Tasks& tasks;
  automation::Exports& exports;
  automation::ScheduledQueries& scheduled;
  automation::Alerts& alerts;
  automation::Delivery& delivery;
  automation::Profiles& profiles;
  federation::Federation& federation;
  platform::Clock& clock;
  std::string first_organization;  // id
  bool setup_open = false;         // a stranger may make the first person
  std::function<DeploymentStatus()> deployment;
};

}  // namespace firn::api
