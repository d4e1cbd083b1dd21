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
class Refreshes;
class ScheduledQueries;
}  // namespace firn::automation

namespace firn::staging {
class Staging;
}

namespace firn::agents {
class Agents;
class Proposals;
class Tools;
}  // namespace firn::agents
namespace firn::llm {
class Model;
class Prompts;
}  // namespace firn::llm
namespace firn::graphql {
class Schema;
class TaskRunner;
}  // namespace firn::graphql

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
  automation::Refreshes& refreshes;
  automation::Alerts& alerts;
  automation::Delivery& delivery;
  automation::Profiles& profiles;
  federation::Federation& federation;
  platform::Clock& clock;
  std::string first_organization;  // id
  bool setup_open = false;         // a stranger may make the first person
  std::function<DeploymentStatus()> deployment;
  staging::Staging* staging = nullptr;
  agents::Agents* agents = nullptr;
  agents::Proposals* proposals = nullptr;
  llm::Model* model = nullptr;  // null: there is none
  const llm::Prompts* prompts = nullptr;
  const graphql::Schema* schema = nullptr;  // of the hub itself; set before anybody asks
  // For work that itself calls fields of the schema: the resolvers' own pool could wait for itself.
  std::shared_ptr<graphql::TaskRunner> slow;
  // What `who` can do, as tools, with `client` in history and audit log. Set before anybody asks.
  std::function<std::unique_ptr<agents::Tools>(std::shared_ptr<const auth::Principal> who,
                                               const std::string& client)>
      tools;
  // The same for a conversation with a model: answers are cut to what it can hold, and whatever
  // `who` may do, these may only what a viewer may.
  std::function<std::unique_ptr<agents::Tools>(const auth::Principal& who,
                                               const std::string& client)>
      reading_tools;
};

}  // namespace firn::api
