#pragma once

#include <cstddef>
#include <optional>
#include <vector>

// What a measure did over time, one value a step. A missing value is NaN.
namespace firn::agents {

// A value that neither the season, the level nor the trend explains.
struct Spike {
  size_t at = 0;
  double expected = 0;
  double z = 0;  // residual over the residuals' robust deviation
  double p = 1;
};

// From `at` on, the level is another.
struct LevelShift {
  size_t at = 0;
  double before = 0;  // medians, without the season
  double after = 0;
  double z = 0;  // of the difference, with what autocorrelation leaves of the sample
  double p = 1;
};

struct Trend {
  double slope = 0;      // a step (Theil and Sen)
  double start = 0;      // of the line, without the season
  double p = 1;          // Mann and Kendall, with what autocorrelation leaves of the sample
  double explained = 0;  // share of the variance that is no season
};

struct Season {
  size_t period = 0;            // steps
  std::vector<double> pattern;  // by step modulo period, adds to the level; its median is 0
  double explained = 0;         // share of the variance
};

// A robust decomposition into level (shifts or a trend, whichever fits better), season and rest.
struct Decomposition {
  std::optional<Season> season;
  std::vector<LevelShift> shifts;  // in order of time
  std::optional<Trend> trend;      // none where there are shifts
  std::vector<double> expected;    // level and season, for every step
  double deviation = 0;            // robust, of the residuals
  std::vector<Spike> spikes;       // in order of time
};

struct SeriesOptions {
  std::vector<size_t> periods;  // candidates, in steps; each needs three whole cycles
  double spike_z = 5;           // least
  double significance = 0.01;   // of shifts and trends, before they are compared with others
  size_t shifts_max = 3;
};

// Fewer than 20 values that are there: everything is empty but `expected`, the median.
Decomposition decompose(const std::vector<double>& values, const SeriesOptions& options);

struct Forecast {
  std::vector<double> expected;
  std::vector<double> lower;  // of the interval
  std::vector<double> upper;
};
// The `steps` values that follow, with an interval that holds `share` of them (0.8, 0.95) if all
// goes on as it did: its width is from the residuals' quantiles and grows with what their
// autocorrelation carries over.
Forecast forecast(const std::vector<double>& values, const Decomposition& decomposition,
                  size_t steps, double share);

}  // namespace firn::agents
