#include "agents/analyst/narrative.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "agents/analyst/statistics.h"
#include "base/rfc3339.h"

namespace firn::agents {
namespace {

constexpr size_t kValueMax = 60;  // bytes of a value in a sentence

std::string thousands(double value) {
  std::string digits = fmt::format("{:.0f}", std::abs(value));
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return (value < 0 ? "-" : "") + digits;
}

std::string percent(double share) { return figure(100 * share) + " %"; }

std::string chance(double p) {
  if (p < 1e-6) return "less than one in a million";
  return fmt::format("{:.2g}", p);
}

// "2013-07-10T00:00:00.000Z" as a reader wants it for steps of this length.
std::string moment(const std::string& when, const std::string& bucket) {
  if (bucket == "day" || bucket == "week") return when.substr(0, 10);
  if (bucket == "month") return when.substr(0, 7);
  std::string short_one = when.substr(0, 16);
  std::replace(short_one.begin(), short_one.end(), 'T', ' ');
  return short_one;
}

const char* preposition(const std::string& bucket) {
  return bucket == "hour" || bucket == "minute" ? "at" : bucket == "month" ? "in" : "on";
}

Finding of_series(const SeriesView& view, FindingKind kind) {
  Finding finding;
  finding.kind = view.quality && kind != FindingKind::kSeason ? FindingKind::kDataQuality : kind;
  finding.table = view.table;
  finding.measure = view.measure;
  finding.chart = {"line", "when", {view.column}};
  finding.statement = view.statement;
  finding.evidence_id = view.evidence_id;
  finding.support = view.support;
  return finding;
}

std::string ratio_text(double before, double after) {
  if (before == 0 || (before < 0) != (after < 0)) return "";
  const double change = after / before - 1;
  return fmt::format(" ({}{})", change >= 0 ? "+" : "", percent(change));
}

void describe_spike(const SeriesView& view, const Decomposition& parts, const Spike& spike,
                    std::vector<Finding>& into) {
  Finding finding = of_series(view, FindingKind::kSpike);
  const double value = view.values[spike.at];
  const std::string& when = view.when[spike.at];
  finding.at = when;
  finding.p = spike.p;
  finding.effect = std::abs(spike.z) / (std::abs(spike.z) + 5);
  const std::string name = moment(when, view.bucket);
  finding.title = when.empty()
                      ? fmt::format("No rows where {} were expected", figure(spike.expected))
                      : fmt::format("{} was {} {} {}, {} expected", view.measure, figure(value),
                                    preposition(view.bucket), name, figure(spike.expected));
  finding.narrative = fmt::format(
      "{} was {} {} {}. Season and level explain {}; the usual deviation from that is {}, and "
      "this is {} times as far. Chance alone makes such a {} anywhere in the series with a "
      "probability of {}.",
      view.measure, figure(value), preposition(view.bucket), name, figure(spike.expected),
      figure(parts.deviation), figure(std::abs(spike.z)), spike.z > 0 ? "peak" : "dip",
      chance(spike.p));
  into.push_back(std::move(finding));
}

void describe_shift(const SeriesView& view, const LevelShift& shift, double deviation,
                    std::vector<Finding>& into) {
  Finding finding = of_series(view, FindingKind::kLevelShift);
  finding.at = view.when[shift.at];
  finding.p = shift.p;
  const double apart = deviation > 0 ? std::abs(shift.after - shift.before) / deviation : 10;
  finding.effect = apart / (apart + 2);
  const std::string name = moment(finding.at, view.bucket);
  finding.title = fmt::format("{} {} from {} to {}{} {} {}", view.measure,
                              shift.after > shift.before ? "rose" : "fell", figure(shift.before),
                              figure(shift.after), ratio_text(shift.before, shift.after),
                              preposition(view.bucket), name);
  finding.narrative = fmt::format(
      "From {} on, {} has another level: the median of a {} was {} before and is {} after{}. The "
      "difference is {} times the usual deviation. With neighbours' likeness accounted for, "
      "chance alone makes a shift as clear with a probability of {}.",
      name, view.measure, view.bucket, figure(shift.before), figure(shift.after),
      ratio_text(shift.before, shift.after), figure(apart), chance(shift.p));
  into.push_back(std::move(finding));
}

void describe_trend(const SeriesView& view, const Trend& trend, std::vector<Finding>& into) {
  Finding finding = of_series(view, FindingKind::kTrend);
  finding.p = trend.p;
  finding.effect = std::sqrt(std::max(0.0, trend.explained));
  const double steps = static_cast<double>(view.values.size());
  const double end = trend.start + trend.slope * (steps - 1);
  finding.title = fmt::format("{} {} steadily from {} to {}{}", view.measure,
                              trend.slope > 0 ? "rises" : "falls", figure(trend.start), figure(end),
                              ratio_text(trend.start, end));
  finding.narrative = fmt::format(
      "Over {} {}s, {} went from about {} to about {}: {} a {} (the median slope). The line "
      "explains {} of what is no season. Chance alone makes a trend as clear with a probability "
      "of {}.",
      figure(steps), view.bucket, view.measure, figure(trend.start), figure(end),
      figure(trend.slope), view.bucket, percent(trend.explained), chance(trend.p));
  into.push_back(std::move(finding));
}

void describe_season(const SeriesView& view, const Season& season, std::vector<Finding>& into) {
  Finding finding = of_series(view, FindingKind::kSeason);
  finding.p = 1e-9;  // the decomposition asks for 1e-4 before it speaks of a season at all
  finding.effect = std::sqrt(std::max(0.0, season.explained));
  const auto [low, high] = std::minmax_element(season.pattern.begin(), season.pattern.end());
  finding.title = fmt::format("{} repeats every {} {}s", view.measure, season.period, view.bucket);
  const auto at = [&](auto where) {
    const auto phase = static_cast<size_t>(where - season.pattern.begin());
    // The first whole step of this phase that has a time.
    for (size_t i = phase; i < view.when.size(); i += season.period) {
      if (!view.when[i].empty()) return moment(view.when[i], view.bucket);
    }
    return std::string();
  };
  finding.narrative = fmt::format(
      "The season explains {} of the variance of {}. It is highest ({} above its level) at the "
      "place in the cycle of {}, and lowest ({} below) at that of {}.",
      percent(season.explained), view.measure, figure(*high), at(high), figure(-*low), at(low));
  into.push_back(std::move(finding));
}

}  // namespace

std::string shortened(const std::string& text, size_t bytes) {
  constexpr std::string_view kEllipsis = "…";
  if (text.size() <= bytes) return text;
  size_t end = bytes > kEllipsis.size() ? bytes - kEllipsis.size() : 0;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end).append(kEllipsis);
}

std::string figure(double value) {
  if (std::isnan(value)) return "nothing";
  const double size = std::abs(value);
  if (size >= 1000) return thousands(value);
  if (size >= 100) return fmt::format("{:.0f}", value);
  if (size < 0.001 && size > 0) return fmt::format("{:.2g}", value);
  std::string out = fmt::format("{:.{}f}", value, size >= 10 ? 1 : size >= 1 ? 2 : 3);
  while (out.find('.') != std::string::npos && (out.back() == '0' || out.back() == '.')) {
    const bool point = out.back() == '.';
    out.pop_back();
    if (point) break;
  }
  return out == "-0" ? "0" : out;
}

void describe_series(const SeriesView& view, const Decomposition& parts,
                     std::vector<Finding>& into) {
  for (const auto& spike : parts.spikes) describe_spike(view, parts, spike, into);
  for (const auto& shift : parts.shifts) describe_shift(view, shift, parts.deviation, into);
  if (parts.trend) describe_trend(view, *parts.trend, into);
  if (parts.season) describe_season(view, *parts.season, into);
}

Finding describe_groups(const GroupsView& view, size_t measure, const std::vector<Group>& groups,
                        const Effect& effect) {
  const std::string& name = view.measures[measure].name;
  // Of those whose difference is no chance, the farthest from the others.
  const GroupEffect& top = effect.groups.front();
  const Group& group = groups[top.group];
  const double rest = group.mean - top.difference;
  Finding finding;
  finding.kind = FindingKind::kDriver;
  finding.table = view.table;
  finding.measure = "avg(" + name + ")";
  finding.dimension = view.dimension;
  finding.value = group.value;
  finding.chart = {"bar", "group", {"mean" + std::to_string(measure + 1)}};
  finding.statement = view.statement;
  finding.evidence_id = view.evidence_id;
  finding.effect = std::sqrt(effect.explained);
  finding.support = effect.count;
  finding.p = effect.p;
  const std::string of = view.other.empty() ? "" : " of " + view.other;
  finding.title =
      fmt::format("{} depends on {}{}: {} where it is {}, {} elsewhere", name, view.dimension, of,
                  figure(group.mean), shortened(group.value, kValueMax), figure(rest));
  std::string list;
  const size_t shown = std::min<size_t>(effect.groups.size(), 4);
  for (size_t i = 0; i < shown; ++i) {
    const Group& one = groups[effect.groups[i].group];
    list += fmt::format("{}{}: {} ({} rows)", i > 0 ? ", " : "", shortened(one.value, kValueMax),
                        figure(one.mean), figure(one.count));
  }
  finding.narrative = fmt::format(
      "The mean of {} over {} rows is {}. By {}{} it is not the same: {}. The groups explain {} "
      "of its variance; chance alone makes groups differ as much with a probability of {}.",
      name, figure(effect.count), figure(effect.mean), view.dimension, of, list,
      percent(effect.explained), chance(effect.p));
  return finding;
}

namespace {

// Seconds as people say them.
std::string duration(double seconds) {
  constexpr std::pair<double, const char*> kUnits[] = {
      {86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const auto& [length, name] : kUnits) {
    if (seconds < 2 * length && length > 1) continue;
    return figure(std::round(10 * seconds / length) / 10) + " " + name + "s";
  }
  return "";
}

std::string date_of(int64_t at_us) {
  std::string text;
  append_rfc3339(text, at_us);
  return text.substr(0, 10) + " at " + text.substr(11, 5) + " UTC";
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + shortened(name, kValueMax);
  return text;
}

Finding of_history(const Subject& subject, const std::string& statement,
                   const std::string& evidence_id) {
  Finding finding;
  finding.kind = FindingKind::kDataQuality;
  finding.table = subject.table;
  finding.measure = "count(*)";
  finding.chart = {"table", "", {"rows"}};
  finding.statement = statement;
  finding.evidence_id = evidence_id;
  finding.support = static_cast<double>(subject.rows);
  return finding;
}

}  // namespace

Finding describe_silence(const Subject& subject, const Silence& silence, int64_t last_us,
                         const std::string& statement, const std::string& evidence_id) {
  Finding finding = of_history(subject, statement, evidence_id);
  std::string at;
  append_rfc3339(at, last_us);
  finding.at = at;
  finding.p = silence.p;
  const double times = silence.gap_s / std::max(1.0, silence.longest_s);
  finding.effect = times / (times + 2);
  finding.title =
      fmt::format("{} has had no new rows for {}", subject.table, duration(silence.gap_s));
  finding.narrative = fmt::format(
      "The last rows were committed on {}. Before that, some came every {} as a rule, and the "
      "longest pause was {}; this one is {} times as long. What sends them may have stopped. "
      "Chance alone makes a pause as long with a probability of {}.",
      date_of(last_us), duration(silence.usual_s), duration(silence.longest_s), figure(times),
      chance(silence.p));
  return finding;
}

Finding describe_change(const Subject& subject, const SchemaStep& change,
                        const std::string& statement, const std::string& evidence_id) {
  Finding finding = of_history(subject, statement, evidence_id);
  append_rfc3339(finding.at, change.at_us);
  finding.p = 0;
  finding.effect = change.dropped.empty() && change.changed.empty() ? 0.4 : 0.7;
  std::string what;
  const auto say = [&](const std::vector<std::string>& names, const char* text) {
    if (names.empty()) return;
    if (!what.empty()) what += "; ";
    what += text + listed(names);
  };
  say(change.added, "new: ");
  say(change.dropped, "gone: ");
  say(change.changed, "changed: ");
  finding.title = fmt::format("Columns of {} changed: {}", subject.table, shortened(what, 200));
  finding.narrative = fmt::format(
      "Rows that were committed on {} and since have other columns than those before: {}. Charts "
      "and statements that name what is gone or changed may need to follow.",
      date_of(change.at_us), what);
  return finding;
}

Finding describe_correlation(const std::string& table, const std::string& a, const std::string& b,
                             double r, double n, const std::string& statement,
                             const std::string& evidence_id) {
  Finding finding;
  finding.kind = FindingKind::kCorrelation;
  finding.table = table;
  finding.measure = a;
  finding.dimension = b;
  finding.chart = {"table", "", {}};
  finding.statement = statement;
  finding.evidence_id = evidence_id;
  finding.effect = std::abs(r);
  finding.support = n;
  finding.p = correlation_p(r, n);
  finding.title = fmt::format("{} and {} {} together (rank correlation {:.2f})", a, b, "rise", r);
  if (r < 0)
    finding.title = fmt::format("{} falls where {} rises (rank correlation {:.2f})", a, b, r);
  finding.narrative = fmt::format(
      "Over {} rows, the ranks of {} and {} correlate with {:.2f}. Chance alone makes as much with "
      "a probability of {}. A correlation does not say which of them moves the other.",
      figure(n), a, b, r, chance(finding.p));
  return finding;
}

}  // namespace firn::agents
