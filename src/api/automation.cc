// Scheduled queries, alerts, channels, profiles of tables.
#include <algorithm>

#include "api/context.h"
#include "api/convert.h"
#include "api/roots.h"
#include "api/tables.h"
#include "api/tasks.h"
#include "automation/alerts.h"
#include "automation/profiles.h"
#include "automation/refreshes.h"
#include "automation/scheduled.h"

namespace firn::api {
namespace {

static_assert(static_cast<int>(schema::AlertCondition::kChangeBelow) ==
              static_cast<int>(automation::AlertCondition::kChangeBelow));
static_assert(static_cast<int>(schema::AlertState::kError) ==
              static_cast<int>(automation::AlertState::kError));
static_assert(static_cast<int>(schema::ChannelKind::kWebhook) ==
              static_cast<int>(automation::ChannelKind::kWebhook));

constexpr int32_t kFirstMax = 500;

schema::KeptRows kept_rows(const automation::Answer& answer) {
  return {.columns = graphql::RawJson{answer.columns},
          .rows = graphql::RawJson{answer.rows},
          .row_count = answer.row_count};
}

schema::Timetable plan_object(const tasks::Plan& plan) {
  return {.cron = plan.cron,
          .timezone = plan.zone.empty() ? "UTC" : plan.zone,
          .paused = plan.paused,
          .runs_as = plan.account_name,
          .next_at = time_or_none(plan.next_us),
          .last_at = time_or_none(plan.last_us)};
}

tasks::Plan plan_of(const schema::TimetableInput& input) {
  tasks::Plan plan;
  plan.cron = input.cron;
  plan.zone = input.timezone.value_or("");
  plan.paused = input.paused;
  return plan;
}

schema::ScheduledQuery scheduled_object(const automation::ScheduledQuery& query) {
  return {.id = global_id("scheduledQuery", query.about.id),
          .name = query.about.name,
          .statement = query.ask.statement,
          .catalog = unless_empty(query.ask.catalog),
          .namespace_ = unless_empty(query.ask.schema),
          .plan = plan_object(query.plan),
          .created_by = query.about.created_by,
          .updated_at = time_of(query.about.updated_us)};
}

schema::AlertCheck check_object(const automation::AlertCheck& check) {
  return {.at = time_of(check.checked_us),
          .state = static_cast<schema::AlertState>(check.state),
          .value = check.value,
          .error = unless_empty(check.error)};
}

schema::Alert alert_object(const automation::Alert& alert) {
  std::vector<std::string> channels;
  for (const auto& id : alert.channels) channels.push_back(global_id("channel", id));
  std::optional<schema::AlertCheck> last;
  if (alert.last) last = check_object(*alert.last);
  std::optional<int32_t> minutes;
  if (alert.rule.change_minutes > 0) minutes = static_cast<int32_t>(alert.rule.change_minutes);
  return {.id = global_id("alert", alert.about.id),
          .name = alert.about.name,
          .statement = alert.ask.statement,
          .catalog = unless_empty(alert.ask.catalog),
          .namespace_ = unless_empty(alert.ask.schema),
          .condition = static_cast<schema::AlertCondition>(alert.rule.condition),
          .threshold = alert.rule.threshold,
          .change_minutes = minutes,
          .channel_ids = std::move(channels),
          .plan = plan_object(alert.plan),
          .state = static_cast<schema::AlertState>(alert.state),
          .since = time_or_none(alert.since_us),
          .last_check = std::move(last),
          .created_by = alert.about.created_by,
          .updated_at = time_of(alert.about.updated_us)};
}

schema::Channel channel_object(const automation::Channel& channel) {
  std::optional<schema::Task> last;
  if (channel.last) last = to_schema(*channel.last);
  return {.id = global_id("channel", channel.about.id),
          .name = channel.about.name,
          .kind = static_cast<schema::ChannelKind>(channel.kind),
          .to = channel.to,
          .url = unless_empty(channel.url),
          .last_delivery = std::move(last)};
}

template <typename Object, typename Element>
std::vector<Object> objects(const std::vector<Element>& all, Object (*make)(const Element&)) {
  std::vector<Object> made;
  for (const auto& element : all) made.push_back(make(element));
  return made;
}

schema::DashboardRefresh refresh_object(const automation::Refresh& refresh) {
  std::vector<schema::RefreshedTile> tiles;
  for (const auto& tile : refresh.tiles) {
    std::optional<schema::KeptRows> result;
    if (tile.answer) result = kept_rows(*tile.answer);
    tiles.push_back({.tile_id = tile.tile,
                     .statement = tile.statement,
                     .at = time_of(tile.asked_us),
                     .error = task_error(tile.error),
                     .result = std::move(result)});
  }
  return {.plan = plan_object(refresh.plan), .tiles = std::move(tiles)};
}

Result<automation::Alert> alert_of(const schema::AlertInput& input) {
  automation::Alert alert;
  if (input.id) alert.about.id = TRY(local_id("alert", *input.id));
  alert.about.name = input.name;
  alert.ask = {input.statement, input.catalog.value_or(""), input.namespace_.value_or("")};
  alert.rule.condition = static_cast<automation::AlertCondition>(input.condition);
  alert.rule.threshold = input.threshold;
  alert.rule.change_minutes = input.change_minutes.value_or(0);
  for (const auto& id : input.channel_ids) {
    alert.channels.push_back(TRY(local_id("channel", id)));
  }
  alert.plan = plan_of(input.plan);
  return alert;
}

}  // namespace

Field<std::vector<schema::ScheduledQuery>> QueryRoot::scheduled_queries(Call& call) const {
  using All = std::vector<schema::ScheduledQuery>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<All> {
    return objects(TRY(services.scheduled.list(who)), scheduled_object);
  });
}

Field<std::optional<schema::ScheduledQuery>> QueryRoot::scheduled_query(
    Call& call, const schema::QueryScheduledQueryArgs& args) const {
  using Found = std::optional<schema::ScheduledQuery>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto id = local_id("scheduledQuery", args.id);
    if (!id.ok()) return Found();
    const auto query = TRY(if_found(services.scheduled.find(who, *id)));
    return query ? Found(scheduled_object(*query)) : Found();
  });
}

Field<std::vector<schema::ScheduledResult>> QueryRoot::scheduled_results(
    Call& call, const schema::QueryScheduledResultsArgs& args) const {
  using All = std::vector<schema::ScheduledResult>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<All> {
    const auto id = TRY(local_id("scheduledQuery", args.id));
    All all;
    for (const auto& one :
         TRY(services.scheduled.results(who, id, std::clamp(args.first, 0, kFirstMax)))) {
      all.push_back({.at = time_of(one.asked_us), .result = kept_rows(one.answer)});
    }
    return all;
  });
}

Field<std::vector<schema::Alert>> QueryRoot::alerts(Call& call) const {
  using All = std::vector<schema::Alert>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<All> {
    return objects(TRY(services.alerts.list(who)), alert_object);
  });
}

Field<std::optional<schema::Alert>> QueryRoot::alert(Call& call,
                                                     const schema::QueryAlertArgs& args) const {
  using Found = std::optional<schema::Alert>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto id = local_id("alert", args.id);
    if (!id.ok()) return Found();
    const auto alert = TRY(if_found(services.alerts.find(who, *id)));
    return alert ? Found(alert_object(*alert)) : Found();
  });
}

Field<std::vector<schema::AlertCheck>> QueryRoot::alert_checks(
    Call& call, const schema::QueryAlertChecksArgs& args) const {
  using All = std::vector<schema::AlertCheck>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<All> {
    const auto id = TRY(local_id("alert", args.id));
    return objects(TRY(services.alerts.checks(who, id, std::clamp(args.first, 0, kFirstMax))),
                   check_object);
  });
}

Field<std::vector<schema::Channel>> QueryRoot::channels(Call& call) const {
  using All = std::vector<schema::Channel>;
  return asking(call, [&services = services_](const auth::Principal& who) -> Result<All> {
    return objects(TRY(services.delivery.channels(who)), channel_object);
  });
}

Field<std::optional<schema::TableProfile>> QueryRoot::table_profile(
    Call& call, const schema::QueryTableProfileArgs& args) const {
  using Found = std::optional<schema::TableProfile>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto table = TRY(if_found(find_table(services, who, args.table_id)));
    if (!table) return Found();
    const auto profile = TRY(services.profiles.find(who, table->table->metadata->table_uuid));
    if (!profile) return Found();
    return Found(schema::TableProfile{.profiled_at = time_of(profile->profiled_us),
                                      .summary = kept_rows(profile->answer)});
  });
}

Field<schema::ScheduledQuery> MutationRoot::set_scheduled_query(
    Call& call, const schema::MutationSetScheduledQueryArgs& args) const {
  return changing(
      call, {args.input.id.value_or(args.input.name)},
      [&services = services_,
       input = args.input](const auth::Principal& who) -> Result<schema::ScheduledQuery> {
        automation::ScheduledQuery query;
        if (input.id) query.about.id = TRY(local_id("scheduledQuery", *input.id));
        query.about.name = input.name;
        query.ask = {input.statement, input.catalog.value_or(""), input.namespace_.value_or("")};
        query.plan = plan_of(input.plan);
        return scheduled_object(TRY(services.scheduled.set(who, std::move(query))));
      });
}

Field<std::string> MutationRoot::delete_scheduled_query(
    Call& call, const schema::MutationDeleteScheduledQueryArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.scheduled.remove(who, TRY(local_id("scheduledQuery", args.id))));
                    return args.id;
                  });
}

Field<schema::Task> MutationRoot::run_scheduled_query(
    Call& call, const schema::MutationRunScheduledQueryArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Task> {
        const auto id = TRY(local_id("scheduledQuery", args.id));
        return to_schema(TRY(services.scheduled.run_now(who, id)));
      });
}

Field<std::optional<schema::DashboardRefresh>> QueryRoot::dashboard_refresh(
    Call& call, const schema::QueryDashboardRefreshArgs& args) const {
  using Found = std::optional<schema::DashboardRefresh>;
  return asking(call, [&services = services_, args](const auth::Principal& who) -> Result<Found> {
    const auto id = local_id("dashboard", args.dashboard_id);
    if (!id.ok()) return Found();
    const auto refresh = TRY(if_found(services.refreshes.find(who, *id)));
    return refresh && *refresh ? Found(refresh_object(**refresh)) : Found();
  });
}

Field<schema::DashboardRefresh> MutationRoot::set_dashboard_refresh(
    Call& call, const schema::MutationSetDashboardRefreshArgs& args) const {
  return changing(call, {args.dashboard_id},
                  [&services = services_,
                   args](const auth::Principal& who) -> Result<schema::DashboardRefresh> {
                    const auto id = TRY(local_id("dashboard", args.dashboard_id));
                    return refresh_object(TRY(services.refreshes.set(who, id, plan_of(args.plan))));
                  });
}

Field<std::string> MutationRoot::delete_dashboard_refresh(
    Call& call, const schema::MutationDeleteDashboardRefreshArgs& args) const {
  return changing(call, {args.dashboard_id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    const auto id = TRY(local_id("dashboard", args.dashboard_id));
                    TRY(services.refreshes.remove(who, id));
                    return args.dashboard_id;
                  });
}

Field<schema::Task> MutationRoot::refresh_dashboard(
    Call& call, const schema::MutationRefreshDashboardArgs& args) const {
  return changing(
      call, {args.dashboard_id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Task> {
        const auto id = TRY(local_id("dashboard", args.dashboard_id));
        return to_schema(TRY(services.refreshes.run_now(who, id)));
      });
}

Field<schema::Alert> MutationRoot::set_alert(Call& call,
                                             const schema::MutationSetAlertArgs& args) const {
  return changing(call, {args.input.id.value_or(args.input.name)},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::Alert> {
                    return alert_object(TRY(services.alerts.set(who, TRY(alert_of(input)))));
                  });
}

Field<std::string> MutationRoot::delete_alert(Call& call,
                                              const schema::MutationDeleteAlertArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.alerts.remove(who, TRY(local_id("alert", args.id))));
                    return args.id;
                  });
}

Field<schema::Task> MutationRoot::check_alert(Call& call,
                                              const schema::MutationCheckAlertArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Task> {
        return to_schema(TRY(services.alerts.check_now(who, TRY(local_id("alert", args.id)))));
      });
}

Field<schema::NewChannel> MutationRoot::create_channel(
    Call& call, const schema::MutationCreateChannelArgs& args) const {
  return changing(call, {args.input.name},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::NewChannel> {
                    const auto made = TRY(services.delivery.create_channel(
                        who, input.name, static_cast<automation::ChannelKind>(input.kind), input.to,
                        input.url.value_or("")));
                    return schema::NewChannel{.channel = channel_object(made.channel),
                                              .secret = unless_empty(made.secret)};
                  });
}

Field<std::string> MutationRoot::delete_channel(
    Call& call, const schema::MutationDeleteChannelArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.delivery.remove_channel(who, TRY(local_id("channel", args.id))));
                    return args.id;
                  });
}

Field<schema::Task> MutationRoot::test_channel(Call& call,
                                               const schema::MutationTestChannelArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Task> {
        return to_schema(TRY(services.delivery.test(who, TRY(local_id("channel", args.id)))));
      });
}

Field<schema::Task> MutationRoot::profile_table(
    Call& call, const schema::MutationProfileTableArgs& args) const {
  return changing(
      call, {args.table_id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Task> {
        const auto found = TRY(find_table(services, who, args.table_id));
        return to_schema(TRY(services.profiles.begin(who, found.table->metadata->table_uuid,
                                                     sql_name(found.entry, found.table->ident))));
      });
}

}  // namespace firn::api
