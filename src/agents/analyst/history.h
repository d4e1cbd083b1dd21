#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "graphql/value.h"

// What a table's commits say, whatever stands in its rows: whether rows still come as they used to,
// and whether their columns changed. Pure; times are microseconds since 1970, UTC.
namespace firn::agents {

struct SchemaStep {
  int64_t at_us = 0;
  std::vector<std::string> added;
  std::vector<std::string> dropped;
  std::vector<std::string> changed;  // "price: int, now price: long"
};

struct History {
  std::vector<int64_t> commits_us;  // of rows, oldest first
  std::vector<SchemaStep> changes;  // oldest first
};

// Of the `table` tool's answer. Errors: Internal where it is none.
Result<History> read_history(const graphql::Value& table);

// Rows used to come in a rhythm, and do not any more.
struct Silence {
  double gap_s = 0;      // since the last commit
  double usual_s = 0;    // between commits, the median
  double longest_s = 0;  // before
  double p = 1;          // of a gap as long, as the others scatter
};
// None where there are few commits, where they came in one go (a load), or where the gap is nothing
// unusual.
std::optional<Silence> silence_of(const std::vector<int64_t>& commits_us, int64_t now_us);

// Changes of the last week, but for those of the table's first hour: its columns settle then.
std::vector<SchemaStep> recent_changes(const History& history, int64_t now_us);

}  // namespace firn::agents
