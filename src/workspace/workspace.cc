#include "workspace/workspace.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "auth/directory.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "store/database.h"
#include "workspace/body_json.h"

namespace firn::workspace {
namespace {

using auth::Principal;

constexpr size_t kStatementMax = 1 << 20;
constexpr size_t kTextMax = 64 << 10;
constexpr size_t kTilesMax = 100;
constexpr size_t kVariablesMax = 50;
constexpr size_t kFiltersMax = 20;
constexpr size_t kColumnNameMax = 256;
constexpr size_t kFilterValueMax = 1000;
constexpr int32_t kGridColumns = 12;
constexpr int32_t kGridRowsMax = 1000;

Status may_read(const Principal& who) { return authorize_anywhere(who, auth::Role::kViewer); }
Status may_change(const Principal& who) {
  return authorize(who, auth::Role::kEditor, auth::Object::whole(who));
}

Error wrong(std::string message) { return Error(ErrorCode::kInvalidArgument, std::move(message)); }

Status check(const SavedQuery& query) {
  if (query.statement.empty()) return wrong("a saved query has a statement");
  if (query.statement.size() > kStatementMax) return wrong("the statement is longer than 1 MiB");
  if (query.description && query.description->size() > kTextMax) {
    return wrong("the description is longer than 64 KiB");
  }
  return {};
}

Status check(const ChartSpec& spec) {
  if (spec.y.size() > 50) return wrong("a chart draws at most 50 columns");
  return {};
}

Status check(const Chart& chart) {
  if (chart.statement.empty()) return wrong("a chart has a statement");
  if (chart.statement.size() > kStatementMax) return wrong("the statement is longer than 1 MiB");
  return check(chart.spec);
}

Status check(const Tile& tile) {
  const std::string name = "the tile '" + tile.id + "' ";
  if (tile.id.empty() || tile.id.size() > 64) return wrong("a tile's id has 1 to 64 characters");
  const bool fits = tile.x >= 0 && tile.y >= 0 && tile.width >= 1 && tile.height >= 1 &&
                    tile.x <= kGridColumns - tile.width && tile.width <= kGridColumns &&
                    tile.y <= kGridRowsMax && tile.height <= 100;
  if (!fits) return wrong(name + "does not lie on the grid of 12 columns");
  if (tile.kind == TileKind::kChart && (!tile.statement || !tile.spec)) {
    return wrong(name + "is a chart, which has a statement and a spec");
  }
  if (tile.kind == TileKind::kText && !tile.text) return wrong(name + "is a text, but has none");
  if (tile.text && tile.text->size() > kTextMax)
    return wrong(name + "has more than 64 KiB of text");
  if (tile.title.size() > 200) return wrong(name + "has a title of more than 200 bytes");
  return tile.spec ? check(*tile.spec) : Status();
}

// "2026-01-31" as text; whether there is such a day, the one who shows it sees.
bool is_day(std::string_view text) {
  if (text.size() != 10) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7 ? text[i] != '-' : !std::isdigit(static_cast<uint8_t>(text[i])))
      return false;
  }
  return true;
}

bool is_range(std::string_view text) {
  for (const std::string_view named : {"all", "24h", "7d", "30d", "month", "year"}) {
    if (text == named) return true;
  }
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) return false;
  const std::string_view from = text.substr(0, dots);
  const std::string_view to = text.substr(dots + 2);
  return (from.empty() || is_day(from)) && (to.empty() || is_day(to));
}

Status check(const Scope& scope) {
  if (!is_range(scope.range)) {
    return wrong(
        "a range is all, 24h, 7d, 30d, month, year or two days as in "
        "2026-01-01..2026-01-31");
  }
  const auto named = [](const std::string& column) {
    return !column.empty() && column.size() <= kColumnNameMax;
  };
  if (scope.time_column && !named(*scope.time_column)) {
    return wrong("a time column's name has 1 to 256 bytes");
  }
  if (scope.filters.size() > kFiltersMax) return wrong("a dashboard has at most 20 filters");
  for (const Filter& filter : scope.filters) {
    if (!named(filter.column)) return wrong("a filter's column has a name of 1 to 256 bytes");
    if (filter.value && filter.value->size() > kFilterValueMax) {
      return wrong("the filter of '" + filter.column + "' has a value of more than 1000 bytes");
    }
    const bool equals =
        filter.comparison == Comparison::kEqual || filter.comparison == Comparison::kNotEqual;
    if (!filter.value && !equals) {
      return wrong("the filter of '" + filter.column + "' needs a value");
    }
    if (filter.comparison == Comparison::kWithin && filter.value->find('/') == std::string::npos) {
      return wrong("the filter of '" + filter.column + "' needs two instants with / between");
    }
  }
  return {};
}

Status check(const Dashboard& dashboard) {
  if (dashboard.tiles.size() > kTilesMax) return wrong("a dashboard has at most 100 tiles");
  if (dashboard.variables.size() > kVariablesMax)
    return wrong("a dashboard has at most 50 variables");
  if (dashboard.refresh_seconds && *dashboard.refresh_seconds < 1) {
    return wrong("refreshSeconds is 1 or more");
  }
  TRY(check(dashboard.scope));
  std::set<std::string_view> ids;
  for (const auto& tile : dashboard.tiles) {
    TRY(check(tile));
    if (!ids.insert(tile.id).second) return wrong("two tiles have the id '" + tile.id + "'");
  }
  std::set<std::string_view> names;
  for (const auto& variable : dashboard.variables) {
    const auto word = [](char c) { return std::isalnum(static_cast<uint8_t>(c)) || c == '_'; };
    if (variable.name.empty() || !std::all_of(variable.name.begin(), variable.name.end(), word)) {
      return wrong("a variable's name has letters, digits and _");
    }
    if (variable.type != "text" && variable.type != "number" && variable.type != "date") {
      return wrong("a variable's type is text, number or date");
    }
    if (!names.insert(variable.name).second) {
      return wrong("two variables have the name '" + variable.name + "'");
    }
  }
  return {};
}

Status check(const Insight& insight) {
  if (insight.narrative.size() > kTextMax) return wrong("the narrative is longer than 64 KiB");
  return insight.spec ? check(*insight.spec) : Status();
}

template <typename T>
Result<T> read(const Item& item) {
  T made;
  made.about = {item.id,         item.name,       item.version,   item.created_by,
                item.created_us, item.updated_by, item.updated_us};
  TRY(read_body(item.body, made));
  return made;
}

template <typename T>
Result<std::vector<T>> list(Items& items, const Principal& who, const std::string& search) {
  TRY(may_read(who));
  std::vector<T> found;
  for (const auto& item : TRY(items.list(who.organization, search))) {
    found.push_back(TRY(read<T>(item)));
  }
  return found;
}

template <typename T>
Result<T> find(Items& items, const Principal& who, const std::string& id) {
  TRY(may_read(who));
  return read<T>(TRY(items.find(who.organization, id)));
}

template <typename T>
Result<T> create(Items& items, const Principal& who, const T& wanted) {
  TRY(may_change(who));
  TRY(check(wanted));
  const std::string name = TRY(auth::check_name("a name", wanted.about.name));
  return read<T>(TRY(items.insert(who.organization, name, body_of(wanted), who.name)));
}

template <typename T>
Result<T> update(Items& items, const Principal& who, const std::string& id,
                 std::optional<int32_t> version, const std::function<void(T&)>& change) {
  TRY(may_change(who));
  const auto apply = [&](Item& item) -> Status {
    T value = TRY(read<T>(item));
    change(value);
    TRY(check(value));
    item.name = TRY(auth::check_name("a name", value.about.name));
    item.body = body_of(value);
    return {};
  };
  return read<T>(TRY(items.update(who.organization, id, version, who.name, apply)));
}

Status remove(Items& items, const Principal& who, const std::string& id) {
  TRY(may_change(who));
  return items.remove(who.organization, id);
}

}  // namespace

Result<std::unique_ptr<Workspace>> Workspace::create(store::Database& database,
                                                     platform::Clock& clock,
                                                     platform::Random& random) {
  TRY(Items::migrate(database));
  return std::unique_ptr<Workspace>(new Workspace(database, clock, random));
}

Result<std::vector<SavedQuery>> Workspace::saved_queries(const Principal& who,
                                                         const std::string& search) {
  return list<SavedQuery>(queries_, who, search);
}
Result<SavedQuery> Workspace::saved_query(const Principal& who, const std::string& id) {
  return find<SavedQuery>(queries_, who, id);
}
Result<SavedQuery> Workspace::create_saved_query(const Principal& who, const SavedQuery& query) {
  return workspace::create(queries_, who, query);
}
Result<SavedQuery> Workspace::update_saved_query(const Principal& who, const std::string& id,
                                                 std::optional<int32_t> version,
                                                 const std::function<void(SavedQuery&)>& change) {
  return update(queries_, who, id, version, change);
}
Status Workspace::remove_saved_query(const Principal& who, const std::string& id) {
  return remove(queries_, who, id);
}

Result<std::vector<Chart>> Workspace::charts(const Principal& who, const std::string& search) {
  return list<Chart>(charts_, who, search);
}
Result<Chart> Workspace::chart(const Principal& who, const std::string& id) {
  return find<Chart>(charts_, who, id);
}
Result<Chart> Workspace::create_chart(const Principal& who, const Chart& chart) {
  return workspace::create(charts_, who, chart);
}
Result<Chart> Workspace::update_chart(const Principal& who, const std::string& id,
                                      const std::function<void(Chart&)>& change) {
  return update(charts_, who, id, std::nullopt, change);
}
Status Workspace::remove_chart(const Principal& who, const std::string& id) {
  return remove(charts_, who, id);
}

Result<std::vector<Dashboard>> Workspace::dashboards(const Principal& who,
                                                     const std::string& search) {
  return list<Dashboard>(dashboards_, who, search);
}
Result<Dashboard> Workspace::dashboard(const Principal& who, const std::string& id) {
  return find<Dashboard>(dashboards_, who, id);
}
Result<Dashboard> Workspace::create_dashboard(const Principal& who, const Dashboard& dashboard) {
  return workspace::create(dashboards_, who, dashboard);
}

Result<Dashboard> Workspace::update_dashboard(const Principal& who, const std::string& id,
                                              std::optional<int32_t> version,
                                              const std::function<void(Dashboard&)>& change) {
  Dashboard saved = TRY(update(dashboards_, who, id, version, change));
  listeners_.tell(saved.about.id, saved);
  return saved;
}

Result<Dashboard> Workspace::restore_dashboard(const Principal& who, const std::string& id,
                                               int32_t version) {
  const auto all = TRY(dashboard_versions(who, id));
  const auto found = std::find_if(all.begin(), all.end(), [&](const Dashboard& dashboard) {
    return dashboard.about.version == version;
  });
  if (found == all.end()) {
    return Error(ErrorCode::kNotFound, "the dashboard has no version " + std::to_string(version));
  }
  return update_dashboard(who, id, std::nullopt, [&](Dashboard& dashboard) {
    const About about = dashboard.about;
    dashboard = *found;
    const std::string name = dashboard.about.name;
    dashboard.about = about;
    dashboard.about.name = name;
  });
}

Status Workspace::remove_dashboard(const Principal& who, const std::string& id) {
  return remove(dashboards_, who, id);
}

Result<std::vector<Dashboard>> Workspace::dashboard_versions(const Principal& who,
                                                             const std::string& id) {
  TRY(may_read(who));
  std::vector<Dashboard> versions;
  for (const auto& version : TRY(dashboards_.versions(who.organization, id))) {
    const Item item{id, version.name,     version.body,     version.version,
                    "", version.saved_us, version.saved_by, version.saved_us};
    versions.push_back(TRY(read<Dashboard>(item)));
  }
  return versions;
}

Workspace::Subscription Workspace::on_dashboard_saved(const std::string& id,
                                                      std::function<void(const Dashboard&)> saved) {
  return listeners_.add(id, std::move(saved));
}

Result<std::vector<Insight>> Workspace::insights(const Principal& who) {
  auto all = TRY(list<Insight>(insights_, who, {}));
  std::sort(all.begin(), all.end(), [](const Insight& a, const Insight& b) {
    return std::tie(a.about.created_us, a.about.id) > std::tie(b.about.created_us, b.about.id);
  });
  return all;
}
Result<Insight> Workspace::insight(const Principal& who, const std::string& id) {
  return find<Insight>(insights_, who, id);
}
Result<Insight> Workspace::create_insight(const Principal& who, const Insight& insight) {
  return workspace::create(insights_, who, insight);
}
Result<Insight> Workspace::archive_insight(const Principal& who, const std::string& id,
                                           bool archived) {
  return update<Insight>(insights_, who, id, std::nullopt,
                         [&](Insight& insight) { insight.archived = archived; });
}

}  // namespace firn::workspace
