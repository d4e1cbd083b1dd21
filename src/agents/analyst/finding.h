#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace firn::agents {

enum class FindingKind : uint8_t {
  kSpike,
  kLevelShift,
  kTrend,
  kSeason,
  kDriver,
  kCorrelation,
  kDataQuality,
};
std::string_view name_of(FindingKind kind);  // "SPIKE", "LEVEL_SHIFT", ...

// How a finding is drawn, of the columns of its statement.
struct FindingChart {
  std::string kind = "line";  // as the workspace names them: line, bar, scatter
  std::string x;
  std::vector<std::string> y;
};

// Something that was found in a table, with what it stands on.
struct Finding {
  FindingKind kind = FindingKind::kSpike;
  std::string table;      // catalog.namespace.table
  std::string measure;    // "count(*)", "avg(delay)"
  std::string dimension;  // of drivers and correlations
  std::string value;      // of the dimension: the one that stands out
  std::string at;         // of spikes and shifts: the time, RFC 3339 or a date
  std::string title;
  std::string narrative;  // plain sentences with numbers
  FindingChart chart;
  std::string statement;    // whose answer shows it
  std::string evidence_id;  // of that answer
  double effect = 0;        // 0..1, comparable within a kind
  double support = 0;       // rows or steps that it stands on
  double p = 1;             // before, and
  double q = 1;             // after adjusting for everything that was looked at
  double score = 0;         // 0..1, effect and support together: best first
};

}  // namespace firn::agents
