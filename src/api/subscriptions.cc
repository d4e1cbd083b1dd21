#include <charconv>

#include "agents/agents.h"
#include "api/agents.h"
#include "api/context.h"
#include "api/convert.h"
#include "api/dashboards.h"
#include "api/jobs.h"
#include "api/proposals.h"
#include "api/roots.h"
#include "api/runs_object.h"
#include "api/tables.h"
#include "api/tasks.h"

namespace firn::api {
namespace {

template <typename T>
using Source = std::shared_ptr<graphql::EventSource<T>>;

// Holds what keeps a subscription to a service alive, until the client is gone.
using Holder = std::shared_ptr<std::shared_ptr<void>>;

template <typename T>
Source<T> make_source(const Holder& holder) {
  return std::make_shared<graphql::EventSource<T>>([holder] { holder->reset(); });
}

schema::TableChange change_of(const FoundTable& found, const catalog::Table& table) {
  const auto* snapshot = table.metadata->current_snapshot();
  const auto count = [&](const char* name) -> int64_t {
    if (snapshot == nullptr || !found.rules.row_filters.empty()) return 0;
    const auto entry = snapshot->summary.find(name);
    int64_t value = 0;
    if (entry != snapshot->summary.end()) {
      std::from_chars(entry->second.data(), entry->second.data() + entry->second.size(), value);
    }
    return value;
  };
  std::optional<std::string> id;
  if (snapshot != nullptr) id = std::to_string(snapshot->snapshot_id);
  return {.table_id = global_id("table", table.metadata->table_uuid.to_string()),
          .full_name = found.entry.name + "." + table.ident.to_string(),
          .snapshot_id = std::move(id),
          .added_rows = count("added-records"),
          .total_rows = count("total-records"),
          .committed_at = time_of(table.metadata->last_updated_ms * 1000)};
}

}  // namespace

// Each event looks again whether the subscriber may still see the table: roles, policies and the
// catalog may have changed since.
Field<Source<schema::TableChange>> SubscriptionRoot::table_changed(
    Call& call, const schema::SubscriptionTableChangedArgs& args) const {
  using Events = Source<schema::TableChange>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Events> {
    const auto found = TRY(find_table(services, who, args.table_id));
    const auto holder = std::make_shared<std::shared_ptr<void>>();
    auto source = make_source<schema::TableChange>(holder);
    const std::weak_ptr<graphql::EventSource<schema::TableChange>> weak = source;
    *holder = services.catalog.on_commit(
        found.table->metadata->table_uuid,
        [&services, who, id = args.table_id, weak](const catalog::TablePtr& table) {
          const auto events = weak.lock();
          if (!events) return;
          const auto subscriber = services.auth.now(who);
          if (!subscriber.ok()) return events->fail(subscriber.error());
          const auto now = find_table(services, *subscriber, id);
          if (!now.ok()) return events->fail(now.error());
          events->push(change_of(*now, *table));
        });
    return source;
  });
}

Field<Source<DashboardObject>> SubscriptionRoot::dashboard_changed(
    Call& call, const schema::SubscriptionDashboardChangedArgs& args) const {
  using Events = Source<DashboardObject>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Events> {
    const std::string id = TRY(local_id("dashboard", args.id));
    TRY(services.workspace.dashboard(who, id));
    const auto holder = std::make_shared<std::shared_ptr<void>>();
    auto source = make_source<DashboardObject>(holder);
    const std::weak_ptr<graphql::EventSource<DashboardObject>> weak = source;
    *holder = services.workspace.on_dashboard_saved(
        id, [&services, who, id, weak](const workspace::Dashboard& dashboard) {
          const auto events = weak.lock();
          if (!events) return;
          const auto subscriber = services.auth.now(who);
          if (!subscriber.ok()) return events->fail(subscriber.error());
          const auto seen = services.workspace.dashboard(*subscriber, id);
          if (!seen.ok()) return events->fail(seen.error());
          events->push(make_dashboard(services, dashboard));
        });
    return source;
  });
}

Field<Source<schema::Proposal>> SubscriptionRoot::proposal_changed(Call& call) const {
  using Events = Source<schema::Proposal>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<Events> {
    const auto holder = std::make_shared<std::shared_ptr<void>>();
    auto source = make_source<schema::Proposal>(holder);
    const std::weak_ptr<graphql::EventSource<schema::Proposal>> weak = source;
    *holder =
        services.proposals->on_change(who.organization, [weak](const agents::Proposal& proposal) {
          const auto events = weak.lock();
          auto shown = to_schema(proposal);
          if (events && shown.ok()) events->push(*std::move(shown));
        });
    return source;
  });
}

Field<Source<schema::Task>> SubscriptionRoot::task_changed(
    Call& call, const schema::SubscriptionTaskChangedArgs& args) const {
  using Events = Source<schema::Task>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Events> {
    std::string wanted;
    if (args.id) {
      wanted = TRY(local_id("task", *args.id));
      TRY(services.tasks.find(who, wanted));
    }
    const auto holder = std::make_shared<std::shared_ptr<void>>();
    auto source = make_source<schema::Task>(holder);
    const std::weak_ptr<graphql::EventSource<schema::Task>> weak = source;
    *holder = services.tasks.on_change(
        who.organization, [wanted, account = who.account, weak](const tasks::Task& task) {
          const bool is_theirs = wanted.empty() ? task.account == account : task.id == wanted;
          const auto events = is_theirs ? weak.lock() : nullptr;
          if (!events) return;
          events->push(to_schema(task));
          if (!wanted.empty() && tasks::has_ended(task.state)) events->close();
        });
    if (wanted.empty()) return source;
    const auto now = TRY(services.tasks.find(who, wanted));
    source->push(to_schema(now));
    if (tasks::has_ended(now.state)) source->close();
    return source;
  });
}

Field<Source<std::shared_ptr<const schema::AgentRun>>> SubscriptionRoot::agent_run_changed(
    Call& call, const schema::SubscriptionAgentRunChangedArgs& args) const {
  using Run = std::shared_ptr<const schema::AgentRun>;
  using Events = Source<Run>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Events> {
    const std::string id = TRY(local_id("agent", args.id));
    TRY(services.agents->find(who, id));
    const auto holder = std::make_shared<std::shared_ptr<void>>();
    auto source = make_source<Run>(holder);
    const std::weak_ptr<graphql::EventSource<Run>> weak = source;
    *holder = services.agents->on_change(
        who.organization, id, [&services, who, id, weak](const std::string& run) {
          const auto events = weak.lock();
          if (!events) return;
          const auto subscriber = services.auth.now(who);
          if (!subscriber.ok()) return events->fail(subscriber.error());
          auto found = services.agents->find_run(*subscriber, id, run);
          if (found.ok()) events->push(make_agent_run(services, id, *std::move(found)));
        });
    return source;
  });
}

Field<Source<schema::JobProgress>> SubscriptionRoot::job_progressed(
    Call& call, const schema::SubscriptionJobProgressedArgs& args) const {
  using Events = Source<schema::JobProgress>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Events> {
    const std::string jid = TRY(visible_jid(services, who, args.id));
    const auto holder = std::make_shared<std::shared_ptr<void>>();
    auto source = make_source<schema::JobProgress>(holder);
    const std::weak_ptr<graphql::EventSource<schema::JobProgress>> weak = source;
    const auto has_ended = [](const std::string& state) {
      return state == "success" || state == "dead" || state == "unknown";
    };
    *holder = services.jobs->on_progress(jid, [weak, has_ended](const jobs::Progress& progress) {
      const auto events = weak.lock();
      if (!events) return;
      events->push(to_schema(progress));
      if (has_ended(progress.state)) events->close();
    });
    const jobs::Progress now = progress_of(services, jid);
    source->push(to_schema(now));
    if (has_ended(now.state)) source->close();
    return source;
  });
}

Field<Source<RunObject>> SubscriptionRoot::query_progress(
    Call& call, const schema::SubscriptionQueryProgressArgs& args) const {
  using Events = Source<RunObject>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Events> {
    auto state = TRY(visible_run(services, who, args.id));
    const auto holder = std::make_shared<std::shared_ptr<void>>();
    auto source = make_source<RunObject>(holder);
    const bool running = state.info.state == query::QueryState::kRunning;
    source->push(make_run(services, std::move(state)));
    if (!running) {
      source->close();
      return source;
    }
    const std::weak_ptr<graphql::EventSource<RunObject>> weak = source;
    *holder = services.runs.on_end(who.organization, TRY(local_id("query", args.id)),
                                   [&services, who, id = args.id, weak] {
                                     const auto events = weak.lock();
                                     if (!events) return;
                                     auto ended = visible_run(services, who, id);
                                     if (ended.ok())
                                       events->push(make_run(services, *std::move(ended)));
                                     events->close();
                                   });
    return source;
  });
}

}  // namespace firn::api
