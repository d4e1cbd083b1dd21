#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "base/listeners.h"
#include "base/result.h"
#include "workspace/items.h"

namespace firn::workspace {

enum class ChartKind : uint8_t { kLine, kBar, kArea, kScatter, kPie, kHeatmap, kNumber, kTable };
inline constexpr std::string_view kChartKindNames[] = {"line", "bar",     "area",   "scatter",
                                                       "pie",  "heatmap", "number", "table"};

// How a result is drawn.
struct ChartSpec {
  ChartKind kind = ChartKind::kLine;
  std::optional<std::string> x;
  std::vector<std::string> y;
  std::optional<std::string> series;
  bool stacked = false;
};

// What every item has.
struct About {
  std::string id;
  std::string name;
  int32_t version = 1;
  std::string created_by;
  int64_t created_us = 0;
  std::string updated_by;
  int64_t updated_us = 0;
};

struct SavedQuery {
  About about;
  std::string statement;
  std::optional<std::string> description;
};

struct Chart {
  About about;
  std::string statement;
  ChartSpec spec;
};

enum class TileKind : uint8_t { kChart, kText };

// A place on a grid of 12 columns.
struct Tile {
  std::string id;
  TileKind kind = TileKind::kChart;
  std::string title;
  std::optional<std::string> statement;
  std::optional<ChartSpec> spec;
  std::optional<std::string> text;
  int32_t x = 0;
  int32_t y = 0;
  int32_t width = 4;
  int32_t height = 4;
};

struct Variable {
  std::string name;
  std::string label;
  std::string type = "text";  // text, number, date
  std::string default_value;
  std::vector<std::string> options;
};

enum class Comparison : uint8_t { kEqual, kNotEqual, kAtLeast, kAtMost, kContains, kWithin };

// Holds for every tile whose tables have the column.
struct Filter {
  std::string column;
  Comparison comparison = Comparison::kEqual;
  std::optional<std::string> value;  // of kWithin: two instants with / between
};

// What a dashboard shows before its viewer narrows or widens it.
struct Scope {
  // all, 24h, 7d, 30d, month, year, or two days with .. between, either of which may be left out.
  std::string range = "all";
  std::optional<std::string> time_column;
  std::vector<Filter> filters;
};

struct Dashboard {
  About about;
  std::optional<std::string> description;
  std::vector<Tile> tiles;
  std::vector<Variable> variables;
  Scope scope;
  std::optional<int32_t> refresh_seconds;
};

struct Insight {
  About about;  // name is the title
  std::string narrative;
  std::optional<std::string> evidence_id;
  std::optional<ChartSpec> spec;
  bool archived = false;
};

// Saved queries, charts, dashboards and insights of organizations. Viewers read, editors change.
// Errors: InvalidArgument where a part does not fit together, Conflict, NotFound, PermissionDenied.
// Thread-safe.
class Workspace {
 public:
  static Result<std::unique_ptr<Workspace>> create(store::Database& database,
                                                   platform::Clock& clock,
                                                   platform::Random& random);

  Result<std::vector<SavedQuery>> saved_queries(const auth::Principal& who,
                                                const std::string& search);
  Result<SavedQuery> saved_query(const auth::Principal& who, const std::string& id);
  Result<SavedQuery> create_saved_query(const auth::Principal& who, const SavedQuery& query);
  Result<SavedQuery> update_saved_query(const auth::Principal& who, const std::string& id,
                                        std::optional<int32_t> version,
                                        const std::function<void(SavedQuery&)>& change);
  Status remove_saved_query(const auth::Principal& who, const std::string& id);

  Result<std::vector<Chart>> charts(const auth::Principal& who, const std::string& search);
  Result<Chart> chart(const auth::Principal& who, const std::string& id);
  Result<Chart> create_chart(const auth::Principal& who, const Chart& chart);
  Result<Chart> update_chart(const auth::Principal& who, const std::string& id,
                             const std::function<void(Chart&)>& change);
  Status remove_chart(const auth::Principal& who, const std::string& id);

  Result<std::vector<Dashboard>> dashboards(const auth::Principal& who, const std::string& search);
  Result<Dashboard> dashboard(const auth::Principal& who, const std::string& id);
  Result<Dashboard> create_dashboard(const auth::Principal& who, const Dashboard& dashboard);
  Result<Dashboard> update_dashboard(const auth::Principal& who, const std::string& id,
                                     std::optional<int32_t> version,
                                     const std::function<void(Dashboard&)>& change);
  // An earlier version's content as a new version.
  Result<Dashboard> restore_dashboard(const auth::Principal& who, const std::string& id,
                                      int32_t version);
  Status remove_dashboard(const auth::Principal& who, const std::string& id);
  // Newest first; `about` holds who saved it, and when.
  Result<std::vector<Dashboard>> dashboard_versions(const auth::Principal& who,
                                                    const std::string& id);
  // Calls back after each save of that dashboard, on the thread that saved, until the subscription
  // is dropped.
  using Subscription = Listeners<Dashboard>::Subscription;
  Subscription on_dashboard_saved(const std::string& id,
                                  std::function<void(const Dashboard&)> saved);

  Result<std::vector<Insight>> insights(const auth::Principal& who);  // newest first
  Result<Insight> insight(const auth::Principal& who, const std::string& id);
  Result<Insight> create_insight(const auth::Principal& who, const Insight& insight);
  Result<Insight> archive_insight(const auth::Principal& who, const std::string& id, bool archived);

 private:
  Workspace(store::Database& database, platform::Clock& clock, platform::Random& random)
      : queries_(database, clock, random, "saved query"),
        charts_(database, clock, random, "chart"),
        dashboards_(database, clock, random, "dashboard"),
        insights_(database, clock, random, "insight") {}

  Items queries_;
  Items charts_;
  Items dashboards_;
  Items insights_;
  Listeners<Dashboard> listeners_;  // by dashboard
};

}  // namespace firn::workspace
