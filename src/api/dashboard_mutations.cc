#include "api/context.h"
#include "api/convert.h"
#include "api/dashboards.h"
#include "api/pins.h"
#include "api/roots.h"
#include "api/runs_object.h"

namespace firn::api {
namespace {

std::vector<workspace::Tile> tiles_of(const std::vector<schema::TileInput>& inputs) {
  std::vector<workspace::Tile> tiles;
  for (const auto& input : inputs) {
    workspace::Tile tile;
    tile.id = input.id;
    tile.kind = static_cast<workspace::TileKind>(input.kind);
    tile.title = input.title;
    tile.statement = input.statement;
    if (input.spec) tile.spec = from_schema(*input.spec);
    tile.text = input.text;
    tile.x = input.x;
    tile.y = input.y;
    tile.width = input.width;
    tile.height = input.height;
    tiles.push_back(std::move(tile));
  }
  return tiles;
}

std::vector<workspace::Variable> variables_of(const std::vector<schema::VariableInput>& inputs) {
  std::vector<workspace::Variable> variables;
  for (const auto& input : inputs) {
    variables.push_back({input.name, input.label, input.type, input.default_value, input.options});
  }
  return variables;
}

}  // namespace

Field<DashboardObject> MutationRoot::create_dashboard(
    Call& call, const schema::MutationCreateDashboardArgs& args) const {
  return changing(call, {args.input.name},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<DashboardObject> {
                    workspace::Dashboard dashboard;
                    dashboard.about.name = input.name;
                    dashboard.description = input.description;
                    dashboard.tiles = tiles_of(input.tiles);
                    dashboard.variables = variables_of(input.variables);
                    if (input.scope) dashboard.scope = from_schema(*input.scope);
                    dashboard.refresh_seconds = input.refresh_seconds;
                    return make_dashboard(services,
                                          TRY(services.workspace.create_dashboard(who, dashboard)));
                  });
}

Field<DashboardObject> MutationRoot::update_dashboard(
    Call& call, const schema::MutationUpdateDashboardArgs& args) const {
  return changing(call, {args.input.id},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<DashboardObject> {
                    return make_dashboard(
                        services, TRY(services.workspace.update_dashboard(
                                      who, TRY(local_id("dashboard", input.id)), input.version,
                                      [&](workspace::Dashboard& dashboard) {
                                        if (input.name) dashboard.about.name = *input.name;
                                        if (input.description.given())
                                          dashboard.description = input.description;
                                        if (input.tiles) dashboard.tiles = tiles_of(*input.tiles);
                                        if (input.variables)
                                          dashboard.variables = variables_of(*input.variables);
                                        if (input.scope)
                                          dashboard.scope = from_schema(*input.scope);
                                        if (input.refresh_seconds.given()) {
                                          dashboard.refresh_seconds = input.refresh_seconds;
                                        }
                                      })));
                  });
}

Field<DashboardObject> MutationRoot::restore_dashboard(
    Call& call, const schema::MutationRestoreDashboardArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<DashboardObject> {
        return make_dashboard(services,
                              TRY(services.workspace.restore_dashboard(
                                  who, TRY(local_id("dashboard", args.id)), args.version)));
      });
}

Field<std::string> MutationRoot::delete_dashboard(
    Call& call, const schema::MutationDeleteDashboardArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
        TRY(services.workspace.remove_dashboard(who, TRY(local_id("dashboard", args.id))));
        return args.id;
      });
}

Field<schema::Chart> MutationRoot::create_chart(Call& call,
                                                const schema::MutationCreateChartArgs& args) const {
  return changing(call, {args.input.name},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::Chart> {
                    workspace::Chart chart;
                    chart.about.name = input.name;
                    chart.statement = input.statement;
                    chart.spec = from_schema(input.spec);
                    return to_schema(TRY(services.workspace.create_chart(who, chart)));
                  });
}

Field<schema::Chart> MutationRoot::update_chart(Call& call,
                                                const schema::MutationUpdateChartArgs& args) const {
  return changing(call, {args.input.id},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::Chart> {
                    return to_schema(TRY(services.workspace.update_chart(
                        who, TRY(local_id("chart", input.id)), [&](workspace::Chart& chart) {
                          if (input.name) chart.about.name = *input.name;
                          if (input.statement) chart.statement = *input.statement;
                          if (input.spec) chart.spec = from_schema(*input.spec);
                        })));
                  });
}

Field<std::string> MutationRoot::delete_chart(Call& call,
                                              const schema::MutationDeleteChartArgs& args) const {
  return changing(call, {args.id},
                  [&services = services_, args](const auth::Principal& who) -> Result<std::string> {
                    TRY(services.workspace.remove_chart(who, TRY(local_id("chart", args.id))));
                    return args.id;
                  });
}

Field<schema::Insight> MutationRoot::create_insight(
    Call& call, const schema::MutationCreateInsightArgs& args) const {
  return changing(call, {args.input.title},
                  [&services = services_,
                   input = args.input](const auth::Principal& who) -> Result<schema::Insight> {
                    workspace::Insight insight;
                    insight.about.name = input.title;
                    insight.narrative = input.narrative;
                    if (input.spec) insight.spec = from_schema(*input.spec);
                    if (input.evidence_id) {
                      TRY(visible_evidence(services, who, *input.evidence_id));
                      insight.evidence_id = TRY(local_id("evidence", *input.evidence_id));
                      TRY(api::pin_evidence(services, who, *insight.evidence_id));
                    }
                    return to_schema(TRY(services.workspace.create_insight(who, insight)));
                  });
}

Field<schema::Insight> MutationRoot::archive_insight(
    Call& call, const schema::MutationArchiveInsightArgs& args) const {
  return changing(
      call, {args.id},
      [&services = services_, args](const auth::Principal& who) -> Result<schema::Insight> {
        return to_schema(TRY(services.workspace.archive_insight(
            who, TRY(local_id("insight", args.id)), args.archived)));
      });
}

}  // namespace firn::api
