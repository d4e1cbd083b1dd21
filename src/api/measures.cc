#include <algorithm>
#include <chrono>
#include <cmath>

#include "agents/analyst/series.h"
#include "api/analysis.h"
#include "api/asked.h"
#include "api/convert.h"
#include "api/ids.h"
#include "api/rows.h"
#include "graphql/scalars.h"

// profileColumn, comparePeriods and forecast: statements made for the question, run as the caller.
namespace firn::api {
namespace {

using graphql::Value;

constexpr std::chrono::milliseconds kWaitMax{60'000};
constexpr size_t kDimensionsMax = 10;
constexpr int32_t kDriversMax = 100;
constexpr int64_t kStepsMax = 10'000;  // of a forecast's history
constexpr size_t kForecastValuesMin = 20;
constexpr uint64_t kGroupsMax = 5'000;  // of one dimension, those with the most rows

// `name`, or `other` where the type is no plain number.
bool is_number(const std::string& type) {
  return type == "int" || type == "long" || type == "float" || type == "double" ||
         type.starts_with("decimal");
}

std::string where_of(const std::optional<std::string>& condition) {
  // On a line of its own: a comment at its end must not take the rest along.
  return condition ? "(" + *condition + "\n)" : "true";
}

const Value& cell(const Value& rows, size_t row, size_t column) {
  static const Value kNull;
  if (row >= rows.items.size() || column >= rows.items[row].items.size()) return kNull;
  return rows.items[row].items[column];
}

std::optional<double> number(const Value& value) {
  if (value.is_number()) return value.number;
  if (value.kind != Value::Kind::kString) return std::nullopt;
  char* end = nullptr;  // decimals come as text
  const double read = std::strtod(value.text.c_str(), &end);
  if (value.text.empty() || *end != '\0' || !std::isfinite(read)) return std::nullopt;
  return read;
}

int64_t count(const Value& value) { return value.kind == Value::Kind::kInt ? value.integer : 0; }

std::optional<std::string> text(const Value& value) {
  if (value.kind != Value::Kind::kString) return std::nullopt;
  return value.text;
}

struct Answer {
  Value rows;
  std::string evidence_id;
};

Result<Answer> ask(Services& services, const auth::Principal& principal,
                   const std::string& statement, const std::string& client, uint64_t rows_max) {
  auto request = request_of(services, principal, client);
  request.statement = statement;
  const auto asked = TRY(ask_and_wait(services, std::move(request), rows_max, kWaitMax));
  return Answer{TRY(rows_of(asked)), global_id("evidence", asked.info.query_id)};
}

std::string profile_statement(const std::string& column, bool numeric, const std::string& from) {
  std::string out = "SELECT count(*), count(*) - count(" + column + "), approx_count_distinct(" +
                    column + "), min(" + column + ")::VARCHAR, max(" + column + ")::VARCHAR";
  if (numeric) {
    out += ", avg(" + column + "::DOUBLE), stddev_samp(" + column + "::DOUBLE), quantile_cont(" +
           column + "::DOUBLE, [0.05, 0.25, 0.5, 0.75, 0.95])";
  } else {
    out += ", NULL, NULL, NULL";
  }
  // The most frequent values in the same answer, so that one piece of evidence holds all.
  return out + ", (SELECT list({v: v, n: n}) FROM (SELECT " + column +
         "::VARCHAR AS v, count(*) AS n" + from + " GROUP BY 1 ORDER BY n DESC, v LIMIT 10))" +
         from;
}

// A literal that the column's type compares with directly, so that files can be pruned.
Result<std::string> time_literal(const std::string& type, graphql::DateTime time) {
  const std::string written = graphql::to_rfc3339(time);
  if (type == "timestamptz") return "TIMESTAMPTZ '" + written + "'";
  if (type == "timestamp") return "TIMESTAMP '" + written.substr(0, written.size() - 1) + "'";
  if (type == "date") return "DATE '" + written.substr(0, 10) + "'";
  return Error(ErrorCode::kInvalidArgument,
               "'timeColumn' has to be a date or a timestamp, and is a " + type);
}

struct Comparison {
  std::string table;
  std::string measure;
  std::string periods;  // a CASE: 'b', 'a' or null
  std::string where;
};

Result<Comparison> comparison_of(const FoundTable& found,
                                 const schema::QueryComparePeriodsArgs& args) {
  const auto column = TRY(find_column(found, args.time_column));
  const std::string name = quoted_column(args.time_column);
  const auto within = [&](const schema::PeriodInput& period) -> Result<std::string> {
    if (period.end <= period.start) {
      return Error(ErrorCode::kInvalidArgument, "a period ends after it starts");
    }
    return "(" + name + " >= " + TRY(time_literal(column.type.get(), period.start)) + " AND " +
           name + " < " + TRY(time_literal(column.type.get(), period.end)) + ")";
  };
  const std::string before = TRY(within(args.before));
  const std::string after = TRY(within(args.after));
  return Comparison{sql_name(found.entry, found.table->ident), args.measure,
                    "CASE WHEN " + before + " THEN 'b' WHEN " + after + " THEN 'a' END",
                    "(" + before + " OR " + after + ") AND " + where_of(args.where)};
}

// Rows of (dimension number, value, measure before, after, rows before, after); number -1: all.
std::string comparison_statement(const Comparison& what, const std::vector<std::string>& columns) {
  const auto part = [&](size_t number, const std::string& value, const std::string& groups) {
    return "(SELECT " + std::to_string(static_cast<int64_t>(number)) + " AS dimension, " + value +
           " AS value, period, count(*) AS n, CAST((" + what.measure +
           "\n) AS DOUBLE) AS m FROM "
           "source GROUP BY " +
           groups + " ORDER BY n DESC LIMIT " + std::to_string(kGroupsMax) + ")";
  };
  std::string parts = part(SIZE_MAX, "CAST(NULL AS VARCHAR)", "period");
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string value = "CAST(" + columns[i] + " AS VARCHAR)";
    parts += " UNION ALL " + part(i, value, value + ", period");
  }
  return "WITH source AS (SELECT *, " + what.periods + " AS period FROM " + what.table + " WHERE " +
         what.where + "), parts AS (" + parts +
         ") SELECT dimension, value, max(m) FILTER (WHERE period = 'b'), max(m) FILTER (WHERE "
         "period = 'a'), coalesce(sum(n) FILTER (WHERE period = 'b'), 0)::BIGINT, "
         "coalesce(sum(n) FILTER (WHERE period = 'a'), 0)::BIGINT FROM parts GROUP BY dimension, "
         "value ORDER BY dimension, value";
}

schema::Driver driver_of(const Value& rows, size_t row, const std::string& dimension,
                         schema::MeasureKind kind, int64_t before_rows, int64_t after_rows) {
  const auto before = number(cell(rows, row, 2));
  const auto after = number(cell(rows, row, 3));
  const int64_t rows_before = count(cell(rows, row, 4));
  const int64_t rows_after = count(cell(rows, row, 5));
  const auto share = [kind](int64_t part, int64_t whole) {
    if (kind == schema::MeasureKind::kAdditive) return 1.0;
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  return {.dimension = dimension,
          .value = text(cell(rows, row, 1)),
          .before = before,
          .after = after,
          .before_rows = rows_before,
          .after_rows = rows_after,
          .contribution = after.value_or(0) * share(rows_after, after_rows) -
                          before.value_or(0) * share(rows_before, before_rows)};
}

// Steps of time, which are calendar months or of one length.
struct Steps {
  std::string_view name;  // as DuckDB's date_trunc has it
  int64_t length_us;      // 0: months
  std::vector<size_t> seasons;
};

const Steps& steps_of(schema::TimeGrain grain) {
  constexpr int64_t kHourUs = 3'600'000'000;
  static const Steps kHours{"hour", kHourUs, {24, 168}};
  static const Steps kDays{"day", 24 * kHourUs, {7, 365}};
  static const Steps kWeeks{"week", 168 * kHourUs, {52}};
  static const Steps kMonths{"month", 0, {12}};
  switch (grain) {
    case schema::TimeGrain::kHour: return kHours;
    case schema::TimeGrain::kDay: return kDays;
    case schema::TimeGrain::kWeek: return kWeeks;
    case schema::TimeGrain::kMonth: return kMonths;
  }
  return kDays;
}

using Days = std::chrono::sys_days;

int64_t months_of(int64_t us) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(us))));
  return int64_t{static_cast<int>(day.year())} * 12 + static_cast<unsigned>(day.month()) - 1;
}

// Steps from one step's start to another's.
int64_t steps_between(const Steps& steps, int64_t from_us, int64_t to_us) {
  if (steps.length_us > 0) return (to_us - from_us) / steps.length_us;
  return months_of(to_us) - months_of(from_us);
}

int64_t steps_after(const Steps& steps, int64_t from_us, int64_t count) {
  if (steps.length_us > 0) return from_us + count * steps.length_us;
  const int64_t months = months_of(from_us) + count;
  const Days first = std::chrono::year(static_cast<int>(months / 12)) /
                     std::chrono::month(static_cast<unsigned>(months % 12) + 1) / 1;
  return std::chrono::duration_cast<std::chrono::microseconds>(first.time_since_epoch()).count();
}

// What the rows (start in microseconds, value), newest first, say step by step; NaN: no value.
struct Series {
  int64_t start_us = 0;
  std::vector<double> values;
};

Result<Series> series_of(const Value& rows, const Steps& steps) {
  Series series;
  const size_t size = rows.items.size();
  if (size == 0) return Error(ErrorCode::kNotFound, "there are no rows in it");
  series.start_us = count(cell(rows, size - 1, 0));
  const int64_t length = steps_between(steps, series.start_us, count(cell(rows, 0, 0))) + 1;
  if (length > kStepsMax) {
    return Error(ErrorCode::kInvalidArgument,
                 "there are more than " + std::to_string(kStepsMax) +
                     " steps between its first and last row: take a coarser grain, or a part");
  }
  series.values.assign(static_cast<size_t>(length), std::nan(""));
  for (size_t row = 0; row < size; ++row) {
    const int64_t at = steps_between(steps, series.start_us, count(cell(rows, row, 0)));
    const auto value = number(cell(rows, row, 1));
    if (value && at >= 0 && at < length) series.values[static_cast<size_t>(at)] = *value;
  }
  return series;
}

}  // namespace

Result<schema::ColumnProfile> profile_column(Services& services, const auth::Principal& principal,
                                             const schema::QueryProfileColumnArgs& args,
                                             const std::string& client) {
  const auto found = TRY(find_table_by_full_name(services, principal, args.table));
  const auto column = TRY(find_column(found, args.column));
  const bool numeric = is_number(column.type.get()) && !column.masked.get();
  const std::string from =
      " FROM " + sql_name(found.entry, found.table->ident) + " WHERE " + where_of(args.where);
  const auto answer =
      TRY(ask(services, principal, profile_statement(quoted_column(args.column), numeric, from),
              client, 1));
  std::optional<std::vector<double>> quantiles;
  for (const auto& value : cell(answer.rows, 0, 7).items) {
    if (!quantiles) quantiles.emplace();
    if (const auto quantile = number(value)) quantiles->push_back(*quantile);
  }
  std::vector<schema::ValueCount> top;
  for (const auto& one : cell(answer.rows, 0, 8).items) {
    const Value* value = one.field("v");
    const Value* times = one.field("n");
    if (value == nullptr || times == nullptr) continue;
    top.push_back({.value = text(*value), .count = count(*times)});
  }
  return schema::ColumnProfile{.table = args.table,
                               .column = args.column,
                               .type = column.type,
                               .row_count = count(cell(answer.rows, 0, 0)),
                               .null_count = count(cell(answer.rows, 0, 1)),
                               .distinct_count = count(cell(answer.rows, 0, 2)),
                               .min = text(cell(answer.rows, 0, 3)),
                               .max = text(cell(answer.rows, 0, 4)),
                               .mean = number(cell(answer.rows, 0, 5)),
                               .standard_deviation = number(cell(answer.rows, 0, 6)),
                               .quantiles = std::move(quantiles),
                               .top = std::move(top),
                               .evidence_id = answer.evidence_id};
}

Result<schema::PeriodComparison> compare_periods(Services& services,
                                                 const auth::Principal& principal,
                                                 const schema::QueryComparePeriodsArgs& args,
                                                 const std::string& client) {
  const auto found = TRY(find_table_by_full_name(services, principal, args.table));
  if (args.by.size() > kDimensionsMax) {
    return Error(ErrorCode::kInvalidArgument, "'by' takes at most 10 columns");
  }
  std::vector<std::string> columns;
  for (const auto& name : args.by) {
    TRY(find_column(found, name));
    columns.push_back(quoted_column(name));
  }
  const auto what = TRY(comparison_of(found, args));
  const auto answer = TRY(ask(services, principal, comparison_statement(what, columns), client,
                              kGroupsMax * 2 * (columns.size() + 1)));
  std::optional<double> before;
  std::optional<double> after;
  int64_t before_rows = 0;
  int64_t after_rows = 0;
  std::vector<schema::Driver> drivers;
  for (size_t row = 0; row < answer.rows.items.size(); ++row) {
    const int64_t dimension = count(cell(answer.rows, row, 0));
    if (dimension < 0) {  // the whole, which is first
      before = number(cell(answer.rows, row, 2));
      after = number(cell(answer.rows, row, 3));
      before_rows = count(cell(answer.rows, row, 4));
      after_rows = count(cell(answer.rows, row, 5));
    } else if (static_cast<size_t>(dimension) < args.by.size()) {
      drivers.push_back(driver_of(answer.rows, row, args.by[static_cast<size_t>(dimension)],
                                  args.kind, before_rows, after_rows));
    }
  }
  std::sort(drivers.begin(), drivers.end(), [](const auto& a, const auto& b) {
    return std::abs(a.contribution.get()) > std::abs(b.contribution.get());
  });
  const auto first = static_cast<ptrdiff_t>(std::clamp(args.first, 0, kDriversMax));
  if (first < static_cast<ptrdiff_t>(drivers.size())) {
    drivers.erase(drivers.begin() + first, drivers.end());
  }
  std::optional<double> change;
  if (before && after) change = *after - *before;
  return schema::PeriodComparison{
      .before = before,
      .after = after,
      .change = change,
      .change_ratio = change && *before != 0 ? std::optional(*change / *before) : std::nullopt,
      .before_rows = before_rows,
      .after_rows = after_rows,
      .drivers = std::move(drivers),
      .evidence_id = answer.evidence_id};
}

Result<schema::Forecast> forecast_measure(Services& services, const auth::Principal& principal,
                                          const schema::QueryForecastArgs& args,
                                          const std::string& client) {
  if (args.steps < 1 || args.steps > 200) {
    return Error(ErrorCode::kInvalidArgument, "'steps' is from 1 to 200");
  }
  if (!(args.share >= 0.5 && args.share <= 0.99)) {
    return Error(ErrorCode::kInvalidArgument, "'share' is from 0.5 to 0.99");
  }
  const auto found = TRY(find_table_by_full_name(services, principal, args.table));
  const auto column = TRY(find_column(found, args.time_column));
  TRY(time_literal(column.type.get(), graphql::DateTime{0}));  // it is a time
  const Steps& steps = steps_of(args.grain);
  const std::string time = quoted_column(args.time_column);
  const auto answer =
      TRY(ask(services, principal,
              "SELECT epoch_us(date_trunc('" + std::string(steps.name) + "', " + time +
                  ")) AS step, CAST((" + args.measure + "\n) AS DOUBLE) AS value FROM " +
                  sql_name(found.entry, found.table->ident) + " WHERE " + time +
                  " IS NOT NULL AND " + where_of(args.where) + " GROUP BY 1 ORDER BY 1 DESC",
              client, static_cast<uint64_t>(kStepsMax) + 1));
  const auto series = TRY(series_of(answer.rows, steps));
  const auto there = static_cast<size_t>(std::count_if(series.values.begin(), series.values.end(),
                                                       [](double v) { return std::isfinite(v); }));
  if (there < kForecastValuesMin) {
    return Error(ErrorCode::kInvalidArgument,
                 "a forecast needs at least 20 steps that have a value, and there are " +
                     std::to_string(there));
  }
  agents::SeriesOptions options;
  options.periods = steps.seasons;
  const auto decomposition = agents::decompose(series.values, options);
  const auto ahead =
      agents::forecast(series.values, decomposition, static_cast<size_t>(args.steps), args.share);
  std::vector<schema::TimePoint> history;
  for (size_t i = 0; i < series.values.size(); ++i) {
    const double value = series.values[i];
    history.push_back({.at = time_of(steps_after(steps, series.start_us, static_cast<int64_t>(i))),
                       .value = std::isfinite(value) ? std::optional(value) : std::nullopt});
  }
  std::vector<schema::ForecastPoint> points;
  for (size_t i = 0; i < ahead.expected.size(); ++i) {
    const auto at = static_cast<int64_t>(series.values.size() + i);
    points.push_back({.at = time_of(steps_after(steps, series.start_us, at)),
                      .expected = ahead.expected[i],
                      .lower = ahead.lower[i],
                      .upper = ahead.upper[i]});
  }
  std::optional<int32_t> season;
  if (decomposition.season) season = static_cast<int32_t>(decomposition.season->period);
  return schema::Forecast{.history = std::move(history),
                          .ahead = std::move(points),
                          .season_steps = season,
                          .level_shifts = static_cast<int32_t>(decomposition.shifts.size()),
                          .evidence_id = answer.evidence_id};
}

}  // namespace firn::api
