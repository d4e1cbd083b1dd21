#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// Whether a measure differs between groups of rows, and which part of a change is whose.
namespace firn::agents {

// The rows with one value of a dimension.
struct Group {
  std::string value;
  double count = 0;  // rows where the measure is not null
  double mean = 0;
  double variance = 0;  // of a sample; 0 of fewer than two rows
};

struct GroupEffect {
  size_t group = 0;         // index
  double difference = 0;    // of its mean from that of all other rows
  double standardized = 0;  // over the deviation within groups
  double p = 1;             // Welch's t-test against all other rows
};

struct Effect {
  double explained = 0;  // epsilon squared: the share of variance, less what chance explains
  double p = 1;          // Welch's analysis of variance; of one group 1
  double mean = 0;       // of all rows
  double deviation = 0;  // within groups
  double count = 0;
  std::vector<GroupEffect> groups;  // largest difference first; those with enough rows
};

// Groups of fewer than `rows_min` rows count as one, and stand in no result.
Effect effect_of(const std::vector<Group>& groups, double rows_min = 10);

}  // namespace firn::agents
