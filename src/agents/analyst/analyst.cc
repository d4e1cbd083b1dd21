#include "agents/analyst/analyst.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "agents/analyst/analyst_internal.h"
#include "agents/analyst/groups.h"
#include "agents/analyst/narrative.h"
#include "agents/analyst/series.h"
#include "agents/analyst/statements.h"
#include "agents/analyst/statistics.h"

namespace firn::agents {
namespace {

constexpr int64_t kRowsMin = 50;      // of a table: less says nothing
constexpr int64_t kBucketsMax = 800;  // of a series
constexpr double kExplainedMin = 0.002;
constexpr double kCorrelationMin = 0.1;
constexpr double kGroupRowsMin = 20;
constexpr size_t kCorrelatedMax = 8;
constexpr size_t kDriversMax = 12;  // of one measure in a report
constexpr size_t kOfKindMax = 3;

double number(const Json& value) {
  if (value.is_number()) return value.number;
  return std::numeric_limits<double>::quiet_NaN();
}

std::string text(const Json& value) {
  return value.kind == Json::Kind::kString ? value.text : value.to_json();
}

struct Bucket {
  const char* name;
  double seconds;
  std::vector<size_t> periods;  // seasons that are worth a look
};

const std::array<Bucket, 5>& buckets() {
  static const std::array<Bucket, 5> all = {{{"minute", 60, {60}},
                                             {"hour", 3600, {24, 168}},
                                             {"day", 86400, {7}},
                                             {"week", 7 * 86400.0, {52}},
                                             {"month", 30.44 * 86400, {12}}}};
  return all;
}

// The finest whose series is short enough, and has some rows a step.
const Bucket* bucket_for(double span_seconds, int64_t rows) {
  for (const auto& bucket : buckets()) {
    const double steps = span_seconds / bucket.seconds + 1;
    if (steps <= kBucketsMax && static_cast<double>(rows) / steps >= 5) {
      return steps >= 20 ? &bucket : nullptr;
    }
  }
  return nullptr;
}

double share_of_rows(double support) { return std::clamp(std::log10(support + 1) / 5, 0.1, 1.0); }

void set_score(Finding& finding) {
  finding.score =
      std::clamp(finding.effect, 0.0, 1.0) * (0.5 + 0.5 * share_of_rows(finding.support));
}

// A series laid out step by step: what is not in the answer is 0 rows, and no mean.
struct Steps {
  std::vector<std::string> when;
  std::vector<double> rows;
  std::vector<std::vector<double>> values;  // by measure, then by nullable column
  std::vector<std::vector<double>> counts;  // by measure
};

}  // namespace

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::kSpike: return "SPIKE";
    case FindingKind::kLevelShift: return "LEVEL_SHIFT";
    case FindingKind::kTrend: return "TREND";
    case FindingKind::kSeason: return "SEASON";
    case FindingKind::kDriver: return "DRIVER";
    case FindingKind::kCorrelation: return "CORRELATION";
    case FindingKind::kDataQuality: return "DATA_QUALITY";
  }
  return "";
}

Result<Json> Analyst::ask_tool(const std::string& tool, const Json& arguments) {
  auto answer = TRY(tools_.call(tool, arguments));
  if (answer.failed) return Error(ErrorCode::kInvalidArgument, tool + ": " + answer.text);
  const Json* content = answer.content.field(tool);
  if (content == nullptr) return Error(ErrorCode::kInternal, tool + " gave no structured content");
  return Json(*content);
}

Result<Analyst::Answer> Analyst::ask(const std::string& statement, int64_t limit) {
  Json arguments = Json::object();
  arguments.set("statement", Json::of_string(statement));
  arguments.set("limit", Json::of_int(limit));
  arguments.set("fields", Json::of_string("rows rowCount evidenceId"));
  const Json content = TRY(ask_tool("runSql", arguments));
  const Json* rows = content.field("rows");
  const Json* evidence = content.field("evidenceId");
  if (rows == nullptr || evidence == nullptr) {
    return Error(ErrorCode::kInternal, "runSql gave no rows");
  }
  Answer answer;
  answer.statement = statement;
  answer.evidence_id = evidence->text;
  for (const auto& row : rows->items) answer.rows.push_back(row.items);
  return answer;
}

Result<std::vector<ColumnFacts>> Analyst::facts_of(const std::string& sql_name,
                                                   const std::vector<ColumnFacts>& columns,
                                                   int64_t& rows) {
  const Answer answer = TRY(ask(facts_statement(sql_name, columns), 1));
  std::vector<ColumnFacts> facts = columns;
  if (answer.rows.empty() || answer.rows[0].size() < 1 + 3 * facts.size()) {
    return Error(ErrorCode::kInternal, "the counts of a table are missing");
  }
  rows = static_cast<int64_t>(number(answer.rows[0][0]));
  for (size_t i = 0; i < facts.size(); ++i) {
    facts[i].filled = static_cast<int64_t>(number(answer.rows[0][1 + 3 * i]));
    facts[i].distinct = static_cast<int64_t>(number(answer.rows[0][2 + 3 * i]));
    facts[i].is_clock = answer.rows[0][3 + 3 * i].boolean;
  }
  return facts;
}

// Those that were asked for, if any were.
Status Analyst::keep_wanted(std::vector<ColumnFacts>& measures) const {
  if (options_.measures.empty()) return {};
  std::vector<ColumnFacts> kept;
  for (const auto& wanted : options_.measures) {
    const auto found = std::find_if(measures.begin(), measures.end(),
                                    [&](const ColumnFacts& one) { return one.name == wanted; });
    if (found == measures.end()) {
      std::string names;
      for (const auto& one : measures) names += (names.empty() ? "" : ", ") + one.name;
      return Error(ErrorCode::kInvalidArgument,
                   "'" + wanted + "' is no measure of this table; these are: " + names);
    }
    kept.push_back(*found);
  }
  measures = std::move(kept);
  return {};
}

Result<Subject> Analyst::describe(const std::string& table) {
  Json arguments = Json::object();
  arguments.set("name", Json::of_string(table));
  arguments.set("sampleRows", Json::of_int(1));
  arguments.set("fields", Json::of_string("fullName columns { name type masked }"));
  const Json content = TRY(ask_tool("describeTable", arguments));
  Subject subject;
  const Json* name = content.field("fullName");
  const Json* columns = content.field("columns");
  if (name == nullptr || columns == nullptr) {
    return Error(ErrorCode::kInternal, "describeTable gave no columns");
  }
  subject.table = name->text;
  subject.sql_name = quoted_table(subject.table);
  for (const auto& column : columns->items) {
    const Json* masked = column.field("masked");
    const Json* type = column.field("type");
    const Json* column_name = column.field("name");
    if (type == nullptr || column_name == nullptr) continue;
    const bool plain = is_number_type(type->text) || is_time_type(type->text) ||
                       type->text == "string" || type->text == "boolean";
    if (!plain || (masked != nullptr && masked->boolean)) continue;
    subject.columns.push_back({column_name->text, type->text, 0, 0, false});
  }
  if (subject.columns.empty()) return subject;
  subject.columns = TRY(facts_of(subject.sql_name, subject.columns, subject.rows));
  subject.roles = roles_of(subject.columns, subject.rows);
  TRY(keep_wanted(subject.roles.measures));
  return subject;
}

namespace {

// What is at the ends of time is only part of a step, as a rule.
Steps lay_out(const std::vector<std::vector<Json>>& rows, double seconds, size_t measures,
              size_t nullable) {
  Steps steps;
  steps.values.resize(measures + nullable);
  steps.counts.resize(measures);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const double at = number(row[1]);
    if (i > 0 && seconds < 28 * 86400.0) {
      // Months differ in length; their gaps are left out.
      const double missing = std::round((at - number(rows[i - 1][1])) / seconds) - 1;
      for (double k = 0; k < missing && steps.rows.size() < 2 * kBucketsMax; ++k) {
        steps.when.emplace_back();
        steps.rows.push_back(0);
        for (auto& values : steps.values) {
          values.push_back(std::numeric_limits<double>::quiet_NaN());
        }
        for (auto& counts : steps.counts) counts.push_back(0);
      }
    }
    steps.when.push_back(text(row[0]));
    steps.rows.push_back(number(row[2]));
    for (size_t m = 0; m < measures; ++m) {
      steps.counts[m].push_back(number(row[3 + 2 * m]));
      steps.values[m].push_back(number(row[4 + 2 * m]));
    }
    for (size_t c = 0; c < nullable; ++c) {
      steps.values[measures + c].push_back(number(row[3 + 2 * measures + c]));
    }
  }
  return steps;
}

void cut_ends(Steps& steps, bool first, bool last) {
  const auto cut = [&](auto& list) {
    if (last && !list.empty()) list.pop_back();
    if (first && !list.empty()) list.erase(list.begin());
  };
  cut(steps.when);
  cut(steps.rows);
  for (auto& values : steps.values) cut(values);
  for (auto& counts : steps.counts) cut(counts);
}

// Means of much fewer rows than usual scatter more: they are no spikes.
void drop_thin(std::vector<double>& values, const std::vector<double>& counts) {
  const double usual = median(counts);
  for (size_t i = 0; i < values.size(); ++i) {
    if (counts[i] < std::max(2.0, usual / 5)) values[i] = std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

Status Analyst::look_at_time(Subject& subject) {
  if (!subject.roles.time) return {};
  const std::string& time = subject.roles.time->name;
  const Answer span = TRY(ask(span_statement(subject.sql_name, time), 1));
  if (span.rows.empty()) return {};
  const double from = number(span.rows[0][0]);
  const double to = number(span.rows[0][1]);
  if (std::isnan(from) || std::isnan(to)) return {};
  const Bucket* bucket = bucket_for(to - from, subject.rows);
  if (bucket == nullptr) return {};
  std::vector<std::string> measures;
  for (const auto& measure : subject.roles.measures) measures.push_back(measure.name);
  std::vector<std::string> nullable;
  for (const auto& column : subject.roles.nullable) {
    if (nullable.size() < kCorrelatedMax) nullable.push_back(column.name);
  }
  const Answer answer = TRY(ask(
      series_statement(subject.sql_name, time, bucket->name, measures, nullable), kBucketsMax + 2));
  Steps steps = lay_out(answer.rows, bucket->seconds, measures.size(), nullable.size());
  const bool daily_dates = subject.roles.time->type == "date" && bucket->seconds == 86400;
  if (!daily_dates && !answer.rows.empty()) {
    const double first = number(answer.rows.front()[1]);
    const double last = number(answer.rows.back()[1]);
    cut_ends(steps, from - first > 0.1 * bucket->seconds, to - last < 0.9 * bucket->seconds);
  }
  SeriesOptions options;
  options.periods = bucket->periods;
  const auto look = [&](const std::string& measure, const std::string& column,
                        const std::vector<double>& values, double support, bool quality) {
    SeriesView view{subject.table, measure, column,  bucket->name,     steps.when,
                    values,        support, quality, answer.statement, answer.evidence_id};
    const Decomposition parts = decompose(values, options);
    // A shift or trend, the spikes, and the season.
    subject.looks += 3;
    describe_series(view, parts, subject.candidates);
  };
  look("count(*)", "rows", steps.rows, static_cast<double>(subject.rows), false);
  for (size_t i = 0; i < measures.size(); ++i) {
    drop_thin(steps.values[i], steps.counts[i]);
    look("avg(" + measures[i] + ")", "avg " + measures[i], steps.values[i],
         static_cast<double>(subject.roles.measures[i].filled), false);
  }
  for (size_t i = 0; i < nullable.size(); ++i) {
    auto& values = steps.values[measures.size() + i];
    drop_thin(values, steps.rows);
    look("missing " + nullable[i], "missing " + nullable[i], values,
         static_cast<double>(subject.rows), true);
  }
  return {};
}

Status Analyst::look_at_history(Subject& subject) {
  const TableName name = name_of_table(subject.table);
  Json arguments = Json::object();
  arguments.set("catalog", Json::of_string(name.catalog));
  arguments.set("namespace", Json::of_string(name.name_space));
  arguments.set("name", Json::of_string(name.table));
  arguments.set("fields",
                Json::of_string("snapshots(first: 500) { edges { node { committedAt isAncestor "
                                "operation } } } schemaChanges { at added dropped changed }"));
  const History history = TRY(read_history(TRY(ask_tool("table", arguments))));
  if (const auto silence = silence_of(history.commits_us, options_.now_us)) {
    ++subject.looks;
    const Answer answer = TRY(ask("SELECT count(*) AS rows FROM " + subject.sql_name, 1));
    subject.candidates.push_back(describe_silence(subject, *silence, history.commits_us.back(),
                                                  answer.statement, answer.evidence_id));
  }
  for (const auto& change : recent_changes(history, options_.now_us)) {
    ++subject.looks;
    std::string columns = "count(*) AS rows";
    for (const auto& name : change.added) {
      const bool there = std::any_of(subject.columns.begin(), subject.columns.end(),
                                     [&](const ColumnFacts& one) { return one.name == name; });
      if (there) columns += ", count(" + quoted(name) + ") AS " + quoted("with " + name);
    }
    const Answer answer = TRY(ask("SELECT " + columns + " FROM " + subject.sql_name, 1));
    subject.candidates.push_back(
        describe_change(subject, change, answer.statement, answer.evidence_id));
  }
  return {};
}

Status Analyst::look_at_groups(Subject& subject) {
  std::vector<std::string> measures;
  for (const auto& measure : subject.roles.measures) measures.push_back(quoted(measure.name));
  if (measures.empty()) return {};
  for (const auto& dimension : subject.roles.dimensions) {
    const Answer answer =
        TRY(ask(groups_statement(subject.sql_name, quoted(dimension.name), measures), 100));
    GroupsView view{subject.table,    dimension.name,     "",
                    answer.statement, answer.evidence_id, subject.roles.measures};
    look_at_answer(answer.rows, view, subject);
  }
  return {};
}

// Of one grouping: what each measure has of it.
void look_at_answer(const std::vector<std::vector<Json>>& rows, const GroupsView& view,
                    Subject& subject) {
  for (size_t m = 0; m < view.measures.size(); ++m) {
    std::vector<Group> groups;
    for (const auto& row : rows) {
      Group group;
      group.value = row[0].is_null() ? "(none)" : text(row[0]);
      group.count = number(row[2 + 3 * m]);
      group.mean = number(row[3 + 3 * m]);
      group.variance = std::isnan(number(row[4 + 3 * m])) ? 0 : number(row[4 + 3 * m]);
      if (std::isnan(group.mean)) continue;
      groups.push_back(group);
    }
    ++subject.looks;
    const Effect effect = effect_of(groups, kGroupRowsMin);
    if (effect.explained < kExplainedMin || effect.groups.empty()) continue;
    subject.candidates.push_back(describe_groups(view, m, groups, effect));
  }
}

Status Analyst::look_at_correlations(Subject& subject) {
  std::vector<std::string> names;
  std::vector<std::string> expressions;
  for (const auto& measure : subject.roles.measures) {
    if (names.size() == kCorrelatedMax) break;
    names.push_back(measure.name);
    expressions.push_back(quoted(measure.name));
  }
  if (names.size() < 2) return {};
  const Answer answer = TRY(ask(correlations_statement(subject.sql_name, expressions), 1));
  if (answer.rows.empty()) return {};
  const double n = number(answer.rows[0][0]);
  size_t at = 1;
  for (size_t i = 0; i < names.size(); ++i) {
    for (size_t k = i + 1; k < names.size(); ++k, ++at) {
      ++subject.looks;
      const double r = number(answer.rows[0][at]);
      if (std::isnan(r) || std::abs(r) < kCorrelationMin) continue;
      subject.candidates.push_back(describe_correlation(subject.table, names[i], names[k], r, n,
                                                        answer.statement, answer.evidence_id));
    }
  }
  return {};
}

std::vector<Finding> Analyst::best_of(Subject& subject) const {
  std::vector<double> p;
  for (const auto& finding : subject.candidates) p.push_back(finding.p);
  const auto q = adjusted_p(p, subject.looks);
  std::vector<Finding> found;
  for (size_t i = 0; i < subject.candidates.size(); ++i) {
    Finding& finding = subject.candidates[i];
    finding.q = q[i];
    if (finding.q > options_.q_max) continue;
    set_score(finding);
    found.push_back(std::move(finding));
  }
  std::sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) {
    return std::tie(b.score, a.title) < std::tie(a.score, b.title);
  });
  // One measure must not drown the others, nor one kind.
  std::map<std::pair<std::string, FindingKind>, size_t> of_kind;
  std::erase_if(found, [&](const Finding& finding) {
    const size_t most = finding.kind == FindingKind::kDriver ? kDriversMax : kOfKindMax;
    return ++of_kind[{finding.measure, finding.kind}] > most;
  });
  if (found.size() > options_.findings_max) found.resize(options_.findings_max);
  return found;
}

Result<std::vector<Finding>> Analyst::analyze(const std::string& table) {
  Subject subject = TRY(describe(table));
  if (subject.rows < kRowsMin) return std::vector<Finding>{};
  TRY(look_at_time(subject));
  if (options_.measures.empty()) TRY(look_at_history(subject));
  TRY(look_at_groups(subject));
  TRY(look_at_correlations(subject));
  if (options_.across_tables) TRY(look_up_elsewhere(subject));
  return best_of(subject);
}

}  // namespace firn::agents
