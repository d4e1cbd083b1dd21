#include "agents/analyst/history.h"

#include <algorithm>
#include <cmath>

#include "agents/analyst/statistics.h"
#include "base/rfc3339.h"

namespace firn::agents {
namespace {

constexpr size_t kGapsMin = 10;
constexpr int64_t kHourUs = 3'600LL * 1'000'000;
constexpr int64_t kWeekUs = 7 * 24 * kHourUs;
// Gaps differ by a third at least from one to the next, however even they look.
constexpr double kLogSpreadMin = 0.3;

Error unreadable() { return {ErrorCode::kInternal, "a table's history cannot be read"}; }

Result<int64_t> time_in(const graphql::Value& object, std::string_view name) {
  const auto* value = object.field(name);
  if (value == nullptr) return unreadable();
  return parse_rfc3339_us(value->text);
}

Result<std::vector<std::string>> texts_in(const graphql::Value& object, std::string_view name) {
  const auto* list = object.field(name);
  if (list == nullptr) return unreadable();
  std::vector<std::string> texts;
  for (const auto& item : list->items) texts.push_back(item.text);
  return texts;
}

}  // namespace

Result<History> read_history(const graphql::Value& table) {
  History history;
  const auto* snapshots = table.field("snapshots");
  const auto* edges = snapshots == nullptr ? nullptr : snapshots->field("edges");
  const auto* changes = table.field("schemaChanges");
  if (edges == nullptr || changes == nullptr) return unreadable();
  for (const auto& edge : edges->items) {
    const auto* snapshot = edge.field("node");
    if (snapshot == nullptr) return unreadable();
    const auto* on_main = snapshot->field("isAncestor");
    const auto* operation = snapshot->field("operation");
    if (on_main == nullptr || operation == nullptr) return unreadable();
    // Upkeep rewrites files; that brings nothing.
    if (!on_main->boolean || operation->text == "replace") continue;
    history.commits_us.push_back(TRY(time_in(*snapshot, "committedAt")));
  }
  std::sort(history.commits_us.begin(), history.commits_us.end());
  for (const auto& change : changes->items) {
    SchemaStep step;
    step.at_us = TRY(time_in(change, "at"));
    step.added = TRY(texts_in(change, "added"));
    step.dropped = TRY(texts_in(change, "dropped"));
    step.changed = TRY(texts_in(change, "changed"));
    history.changes.push_back(std::move(step));
  }
  return history;
}

std::optional<Silence> silence_of(const std::vector<int64_t>& commits_us, int64_t now_us) {
  if (commits_us.size() < kGapsMin + 1) return std::nullopt;
  const double gap_s = static_cast<double>(now_us - commits_us.back()) / 1e6;
  const double span_s = static_cast<double>(commits_us.back() - commits_us.front()) / 1e6;
  // Rows came for longer than they have not: else it was a load that is over.
  if (gap_s <= 0 || span_s < 2 * gap_s) return std::nullopt;
  std::vector<double> gaps;
  std::vector<double> logs;
  for (size_t i = 1; i < commits_us.size(); ++i) {
    const double seconds = static_cast<double>(commits_us[i] - commits_us[i - 1]) / 1e6;
    gaps.push_back(seconds);
    // Commits of one moment are one.
    logs.push_back(std::log(std::max(1.0, seconds)));
  }
  Silence silence;
  silence.gap_s = gap_s;
  silence.usual_s = median(gaps);
  silence.longest_s = *std::max_element(gaps.begin(), gaps.end());
  // Longer than ever: nights and weekends are among those before.
  if (gap_s < 1.5 * silence.longest_s) return std::nullopt;
  const double spread = std::max(robust_deviation(logs), kLogSpreadMin);
  silence.p = normal_p((std::log(gap_s) - median(logs)) / spread);
  return silence;
}

std::vector<SchemaStep> recent_changes(const History& history, int64_t now_us) {
  std::vector<SchemaStep> recent;
  if (history.commits_us.empty()) return recent;
  for (const auto& change : history.changes) {
    if (change.at_us - history.commits_us.front() < kHourUs) continue;
    if (now_us - change.at_us <= kWeekUs) recent.push_back(change);
  }
  return recent;
}

}  // namespace firn::agents
