#include "workspace/body_json.h"

#include <algorithm>
#include <boost/json.hpp>

namespace firn::workspace {
namespace {

namespace json = boost::json;

json::value optional_text(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::array texts(const std::vector<std::string>& values) {
  json::array list;
  for (const auto& value : values) list.emplace_back(value);
  return list;
}

json::value spec_value(const ChartSpec& spec) {
  return json::object{{"kind", kChartKindNames[static_cast<size_t>(spec.kind)]},
                      {"x", optional_text(spec.x)},
                      {"y", texts(spec.y)},
                      {"series", optional_text(spec.series)},
                      {"stacked", spec.stacked}};
}

json::value optional_spec(const std::optional<ChartSpec>& spec) {
  return spec ? spec_value(*spec) : json::value(nullptr);
}

// Looks members up; what is missing or of another type gives the default, as an older version of
// the body may lack it.
class Reader {
 public:
  explicit Reader(const json::value& value) : object_(value.if_object()) {}
  explicit operator bool() const { return object_ != nullptr; }

  std::string text(std::string_view name) const { return optional_text(name).value_or(""); }
  std::optional<std::string> optional_text(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string().data(), value->get_string().size());
  }
  std::optional<int32_t> number(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return static_cast<int32_t>(value->get_int64());
  }
  bool flag(std::string_view name) const {
    const auto* value = find(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  }
  std::vector<std::string> texts(std::string_view name) const {
    std::vector<std::string> values;
    each(name, [&](const json::value& value) {
      if (value.is_string()) {
        values.emplace_back(value.get_string().data(), value.get_string().size());
      }
    });
    return values;
  }
  template <typename Take>
  void each(std::string_view name, Take&& take) const {
    const auto* value = find(name);
    if (value == nullptr || !value->is_array()) return;
    for (const auto& element : value->get_array()) take(element);
  }
  template <typename Take>
  void object(std::string_view name, Take&& take) const {
    const auto* value = find(name);
    if (value != nullptr && value->is_object()) take(Reader(*value));
  }
  std::optional<ChartSpec> spec(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr || !value->is_object()) return std::nullopt;
    const Reader in(*value);
    ChartSpec spec;
    const std::string kind = in.text("kind");
    const auto* found = std::find(std::begin(kChartKindNames), std::end(kChartKindNames), kind);
    if (found != std::end(kChartKindNames)) {
      spec.kind = static_cast<ChartKind>(found - std::begin(kChartKindNames));
    }
    spec.x = in.optional_text("x");
    spec.y = in.texts("y");
    spec.series = in.optional_text("series");
    spec.stacked = in.flag("stacked");
    return spec;
  }

 private:
  const json::value* find(std::string_view name) const { return object_->if_contains(name); }
  const json::object* object_;
};

template <typename Read>
Status with_object(std::string_view text, Read&& read) {
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  const Reader reader(value);
  if (failed || !reader) {
    return Error(ErrorCode::kInternal, "what was saved cannot be read", "a malformed item body");
  }
  read(reader);
  return {};
}

constexpr const char* kComparisonNames[] = {"=", "<>", ">=", "<=", "contains", "within"};

json::value scope_value(const Scope& scope) {
  json::array filters;
  for (const Filter& filter : scope.filters) {
    filters.push_back(json::object{{"column", filter.column},
                                   {"is", kComparisonNames[static_cast<size_t>(filter.comparison)]},
                                   {"value", optional_text(filter.value)}});
  }
  return json::object{{"range", scope.range},
                      {"time", optional_text(scope.time_column)},
                      {"filters", std::move(filters)}};
}

Scope read_scope(const Reader& in) {
  Scope scope;
  scope.range = in.optional_text("range").value_or("all");
  scope.time_column = in.optional_text("time");
  in.each("filters", [&](const json::value& value) {
    const Reader filter(value);
    if (!filter) return;
    const std::string is = filter.text("is");
    const auto* found = std::find(std::begin(kComparisonNames), std::end(kComparisonNames), is);
    if (found == std::end(kComparisonNames)) return;
    scope.filters.push_back({filter.text("column"),
                             static_cast<Comparison>(found - std::begin(kComparisonNames)),
                             filter.optional_text("value")});
  });
  return scope;
}

Tile read_tile(const Reader& in) {
  Tile tile;
  tile.id = in.text("id");
  tile.kind = in.text("kind") == "text" ? TileKind::kText : TileKind::kChart;
  tile.title = in.text("title");
  tile.statement = in.optional_text("statement");
  tile.spec = in.spec("spec");
  tile.text = in.optional_text("text");
  tile.x = in.number("x").value_or(0);
  tile.y = in.number("y").value_or(0);
  tile.width = in.number("width").value_or(4);
  tile.height = in.number("height").value_or(4);
  return tile;
}

}  // namespace

std::string body_of(const SavedQuery& query) {
  return json::serialize(json::object{{"statement", query.statement},
                                      {"description", optional_text(query.description)}});
}

std::string body_of(const Chart& chart) {
  return json::serialize(
      json::object{{"statement", chart.statement}, {"spec", spec_value(chart.spec)}});
}

std::string body_of(const Dashboard& dashboard) {
  json::array tiles;
  for (const auto& tile : dashboard.tiles) {
    tiles.push_back(json::object{{"id", tile.id},
                                 {"kind", tile.kind == TileKind::kText ? "text" : "chart"},
                                 {"title", tile.title},
                                 {"statement", optional_text(tile.statement)},
                                 {"spec", optional_spec(tile.spec)},
                                 {"text", optional_text(tile.text)},
                                 {"x", tile.x},
                                 {"y", tile.y},
                                 {"width", tile.width},
                                 {"height", tile.height}});
  }
  json::array variables;
  for (const auto& variable : dashboard.variables) {
    variables.push_back(json::object{{"name", variable.name},
                                     {"label", variable.label},
                                     {"type", variable.type},
                                     {"default", variable.default_value},
                                     {"options", texts(variable.options)}});
  }
  json::object body{{"description", optional_text(dashboard.description)},
                    {"tiles", std::move(tiles)},
                    {"variables", std::move(variables)},
                    {"scope", scope_value(dashboard.scope)}};
  if (dashboard.refresh_seconds) body["refresh"] = *dashboard.refresh_seconds;
  return json::serialize(body);
}

std::string body_of(const Insight& insight) {
  return json::serialize(json::object{{"narrative", insight.narrative},
                                      {"evidence", optional_text(insight.evidence_id)},
                                      {"spec", optional_spec(insight.spec)},
                                      {"archived", insight.archived}});
}

Status read_body(std::string_view text, SavedQuery& query) {
  return with_object(text, [&](const Reader& in) {
    query.statement = in.text("statement");
    query.description = in.optional_text("description");
  });
}

Status read_body(std::string_view text, Chart& chart) {
  return with_object(text, [&](const Reader& in) {
    chart.statement = in.text("statement");
    chart.spec = in.spec("spec").value_or(ChartSpec{});
  });
}

Status read_body(std::string_view text, Dashboard& dashboard) {
  return with_object(text, [&](const Reader& in) {
    dashboard.description = in.optional_text("description");
    dashboard.refresh_seconds = in.number("refresh");
    in.object("scope", [&](const Reader& scope) { dashboard.scope = read_scope(scope); });
    in.each("tiles", [&](const json::value& value) {
      if (const Reader tile(value); tile) dashboard.tiles.push_back(read_tile(tile));
    });
    in.each("variables", [&](const json::value& value) {
      const Reader variable(value);
      if (!variable) return;
      dashboard.variables.push_back({variable.text("name"), variable.text("label"),
                                     variable.text("type"), variable.text("default"),
                                     variable.texts("options")});
    });
  });
}

Status read_body(std::string_view text, Insight& insight) {
  return with_object(text, [&](const Reader& in) {
    insight.narrative = in.text("narrative");
    insight.evidence_id = in.optional_text("evidence");
    insight.spec = in.spec("spec");
    insight.archived = in.flag("archived");
  });
}

}  // namespace firn::workspace
