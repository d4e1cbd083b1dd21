#include "api/context.h"
#include "api/convert.h"
#include "api/dashboards.h"
#include "api/paging.h"
#include "api/roots.h"

namespace firn::api {
namespace {

class DashboardImpl final : public schema::Dashboard {
 public:
  DashboardImpl(Services& services, workspace::Dashboard dashboard)
      : services_(services), dashboard_(std::move(dashboard)) {}

  Field<std::string> id(Call&) const override { return global_id("dashboard", about().id); }
  Field<std::string> name(Call&) const override { return about().name; }
  Field<std::optional<std::string>> description(Call&) const override {
    return dashboard_.description;
  }
  Field<std::vector<schema::Tile>> tiles(Call&) const override {
    std::vector<schema::Tile> tiles;
    for (const auto& tile : dashboard_.tiles) {
      std::optional<schema::ChartSpec> spec;
      if (tile.spec) spec = to_schema(*tile.spec);
      tiles.push_back({.id = tile.id,
                       .kind = static_cast<schema::TileKind>(tile.kind),
                       .title = tile.title,
                       .statement = tile.statement,
                       .spec = std::move(spec),
                       .text = tile.text,
                       .x = tile.x,
                       .y = tile.y,
                       .width = tile.width,
                       .height = tile.height});
    }
    return tiles;
  }
  Field<std::vector<schema::Variable>> variables(Call&) const override {
    std::vector<schema::Variable> variables;
    for (const auto& variable : dashboard_.variables) {
      variables.push_back({.name = variable.name,
                           .label = variable.label,
                           .type = variable.type,
                           .default_value = variable.default_value,
                           .options = variable.options});
    }
    return variables;
  }
  Field<schema::DashboardScope> scope(Call&) const override { return to_schema(dashboard_.scope); }
  Field<std::optional<int32_t>> refresh_seconds(Call&) const override {
    return dashboard_.refresh_seconds;
  }
  Field<int32_t> version(Call&) const override { return about().version; }
  Field<std::string> created_by(Call&) const override { return about().created_by; }
  Field<graphql::DateTime> created_at(Call&) const override { return time_of(about().created_us); }
  Field<std::string> updated_by(Call&) const override { return about().updated_by; }
  Field<graphql::DateTime> updated_at(Call&) const override { return time_of(about().updated_us); }
  Field<schema::DashboardVersionConnection> versions(
      Call& call, const schema::DashboardVersionsArgs& args) const override {
    return asking(
        call,
        [&services = services_, id = about().id,
         args](const auth::Principal& who) -> Result<schema::DashboardVersionConnection> {
          return paged<schema::DashboardVersionConnection, schema::DashboardVersionEdge>(
              TRY(services.workspace.dashboard_versions(who, id)), args.first, args.after,
              [](const workspace::Dashboard& one) { return std::to_string(one.about.version); },
              [](const workspace::Dashboard& one) -> Result<schema::DashboardVersion> {
                return schema::DashboardVersion{
                    .version = one.about.version,
                    .name = one.about.name,
                    .tile_count = static_cast<int32_t>(one.tiles.size()),
                    .saved_by = one.about.updated_by,
                    .saved_at = time_of(one.about.updated_us)};
              });
        });
  }

 private:
  const workspace::About& about() const { return dashboard_.about; }
  Services& services_;
  const workspace::Dashboard dashboard_;
};

// What `find(principal, id)` gives, as a nullable field has it.
template <typename Object, typename Find>
Field<Object> one(Call& call, std::string_view kind, const std::string& global, Find find) {
  return asking(call,
                [id = local_id(kind, global),
                 find = std::move(find)](const auth::Principal& who) -> Result<Object> {
                  if (!id.ok()) return Object();
                  auto found = find(who, *id);
                  if (!found.ok() && found.error().code() == ErrorCode::kNotFound) return Object();
                  return found;
                });
}

}  // namespace

DashboardObject make_dashboard(Services& services, workspace::Dashboard dashboard) {
  return std::make_shared<const DashboardImpl>(services, std::move(dashboard));
}

Field<schema::DashboardConnection> QueryRoot::dashboards(
    Call& call, const schema::QueryDashboardsArgs& args) const {
  return asking(call,
                [&services = services_,
                 args](const auth::Principal& who) -> Result<schema::DashboardConnection> {
                  return paged<schema::DashboardConnection, schema::DashboardEdge>(
                      TRY(services.workspace.dashboards(who, args.search.value_or(""))), args.first,
                      args.after,
                      [](const workspace::Dashboard& dashboard) { return dashboard.about.id; },
                      [&](const workspace::Dashboard& dashboard) -> Result<DashboardObject> {
                        return make_dashboard(services, dashboard);
                      });
                });
}

Field<DashboardObject> QueryRoot::dashboard(Call& call,
                                            const schema::QueryDashboardArgs& args) const {
  return one<DashboardObject>(
      call, "dashboard", args.id,
      [&services = services_](const auth::Principal& who,
                              const std::string& id) -> Result<DashboardObject> {
        return make_dashboard(services, TRY(services.workspace.dashboard(who, id)));
      });
}

Field<schema::ChartConnection> QueryRoot::charts(Call& call,
                                                 const schema::QueryChartsArgs& args) const {
  return asking(
      call,
      [&services = services_, args](const auth::Principal& who) -> Result<schema::ChartConnection> {
        return paged<schema::ChartConnection, schema::ChartEdge>(
            TRY(services.workspace.charts(who, args.search.value_or(""))), args.first, args.after,
            [](const workspace::Chart& chart) { return chart.about.id; },
            [](const workspace::Chart& chart) -> Result<schema::Chart> {
              return to_schema(chart);
            });
      });
}

Field<std::optional<schema::Chart>> QueryRoot::chart(Call& call,
                                                     const schema::QueryChartArgs& args) const {
  using Found = std::optional<schema::Chart>;
  return one<Found>(
      call, "chart", args.id,
      [&services = services_](const auth::Principal& who, const std::string& id) -> Result<Found> {
        return Found(to_schema(TRY(services.workspace.chart(who, id))));
      });
}

Field<schema::InsightConnection> QueryRoot::insights(Call& call,
                                                     const schema::QueryInsightsArgs& args) const {
  return asking(call,
                [&services = services_,
                 args](const auth::Principal& who) -> Result<schema::InsightConnection> {
                  auto all = TRY(services.workspace.insights(who));
                  std::erase_if(
                      all, [&](const auto& insight) { return insight.archived != args.archived; });
                  return paged<schema::InsightConnection, schema::InsightEdge>(
                      all, args.first, args.after,
                      [](const workspace::Insight& insight) { return insight.about.id; },
                      [](const workspace::Insight& insight) -> Result<schema::Insight> {
                        return to_schema(insight);
                      });
                });
}

Field<std::optional<schema::Insight>> QueryRoot::insight(
    Call& call, const schema::QueryInsightArgs& args) const {
  using Found = std::optional<schema::Insight>;
  return one<Found>(
      call, "insight", args.id,
      [&services = services_](const auth::Principal& who, const std::string& id) -> Result<Found> {
        return Found(to_schema(TRY(services.workspace.insight(who, id))));
      });
}

}  // namespace firn::api
