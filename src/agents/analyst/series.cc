#include "agents/analyst/series.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "agents/analyst/statistics.h"

namespace firn::agents {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kValuesMin = 20;
constexpr size_t kCyclesMin = 3;
constexpr double kSeasonP = 1e-4;
constexpr double kSeasonExplainedMin = 0.1;
constexpr size_t kSegmentMin = 8;

std::vector<double> present(const std::vector<double>& values, size_t from, size_t to) {
  std::vector<double> there;
  for (size_t i = from; i < to; ++i) {
    if (!std::isnan(values[i])) there.push_back(values[i]);
  }
  return there;
}
std::vector<double> present(const std::vector<double>& values) {
  return present(values, 0, values.size());
}

double sum_of_squares(const std::vector<double>& values) {
  const double middle = mean(values);
  return std::accumulate(values.begin(), values.end(), 0.0, [middle](double sum, double value) {
    return sum + (value - middle) * (value - middle);
  });
}

// The values with those far out pulled in, so that a few of them do not carry a mean.
std::vector<double> pulled_in(const std::vector<double>& values) {
  const auto there = present(values);
  const double middle = median(there);
  const double reach = 3 * robust_deviation(there);
  std::vector<double> out = values;
  if (reach <= 0) return out;
  for (double& value : out) {
    if (!std::isnan(value)) value = std::clamp(value, middle - reach, middle + reach);
  }
  return out;
}

// A running median over `window` values, or fewer at the ends.
std::vector<double> smooth(const std::vector<double>& values, size_t window) {
  std::vector<double> out(values.size(), kNan);
  const size_t half = window / 2;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t from = i < half ? 0 : i - half;
    const size_t to = std::min(values.size(), i + half + 1);
    const auto near = present(values, from, to);
    if (!near.empty()) out[i] = median(near);
  }
  return out;
}

// Whether steps of one phase are alike: an analysis of variance by phase, of values from which a
// slow level was taken.
std::optional<Season> season_of(const std::vector<double>& values, size_t period) {
  if (period < 2 || values.size() < kCyclesMin * period) return std::nullopt;
  const size_t window = period % 2 == 1 ? period : period + 1;
  const auto level = smooth(values, std::max<size_t>(window, 5));
  std::vector<double> detrended(values.size(), kNan);
  for (size_t i = 0; i < values.size(); ++i) detrended[i] = values[i] - level[i];
  detrended = pulled_in(detrended);
  std::vector<std::vector<double>> phases(period);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(detrended[i])) phases[i % period].push_back(detrended[i]);
  }
  double within = 0;
  size_t count = 0;
  for (const auto& phase : phases) {
    if (phase.size() < kCyclesMin) return std::nullopt;
    within += sum_of_squares(phase);
    count += phase.size();
  }
  const double total = sum_of_squares(present(detrended));
  const double degrees_1 = static_cast<double>(period - 1);
  const double degrees_2 = static_cast<double>(count - period);
  if (total <= 0 || degrees_2 < 1) return std::nullopt;
  const double f = within > 0 ? ((total - within) / degrees_1) / (within / degrees_2)
                              : std::numeric_limits<double>::infinity();
  Season season;
  season.period = period;
  // What is left of the share when chance has had its part.
  season.explained = 1 - (within / degrees_2) / (total / static_cast<double>(count - 1));
  if (fisher_p(f, degrees_1, degrees_2) > kSeasonP || season.explained < kSeasonExplainedMin) {
    return std::nullopt;
  }
  for (const auto& phase : phases) season.pattern.push_back(median(phase));
  const double middle = median(season.pattern);
  for (double& value : season.pattern) value -= middle;
  return season;
}

std::optional<Season> best_season(const std::vector<double>& values,
                                  const std::vector<size_t>& periods) {
  std::optional<Season> best;
  for (const size_t period : periods) {
    auto season = season_of(values, period);
    // A longer one has to explain clearly more: a week of hours holds seven days.
    if (season && (!best || season->explained > best->explained + 0.05)) best = std::move(season);
  }
  return best;
}

// How many independent values so many are worth, whose neighbours resemble each other.
double effective(double count, double neighbour) {
  const double r = std::clamp(neighbour, 0.0, 0.95);
  return std::max(2.0, count * (1 - r) / (1 + r));
}

// Where the ranks say that two levels meet (Pettitt 1979): the place of the largest |U|.
std::optional<size_t> pettitt(const std::vector<double>& values, size_t from, size_t to,
                              double* p) {
  std::vector<size_t> index;
  for (size_t i = from; i < to; ++i) {
    if (!std::isnan(values[i])) index.push_back(i);
  }
  const size_t n = index.size();
  if (n < 2 * kSegmentMin) return std::nullopt;
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return values[index[a]] < values[index[b]]; });
  std::vector<double> rank(n);
  for (size_t i = 0; i < n;) {
    size_t end = i;
    while (end < n && values[index[order[end]]] == values[index[order[i]]]) ++end;
    for (size_t k = i; k < end; ++k) {
      rank[order[k]] = (static_cast<double>(i + 1) + static_cast<double>(end)) / 2;
    }
    i = end;
  }
  double running = 0;
  double largest = 0;
  size_t best = 0;
  for (size_t t = 0; t + 1 < n; ++t) {
    running += rank[t];
    const double u = 2 * running - static_cast<double>(t + 1) * (static_cast<double>(n) + 1);
    if (t + 1 < kSegmentMin || n - t - 1 < kSegmentMin) continue;
    if (std::abs(u) > std::abs(largest)) {
      largest = u;
      best = t + 1;
    }
  }
  if (best == 0) return std::nullopt;
  const double count = static_cast<double>(n);
  *p =
      std::min(1.0, 2 * std::exp(-6 * largest * largest / (count * count * count + count * count)));
  return index[best];
}

// Residuals about two levels, for their autocorrelation and spread.
std::vector<double> about_levels(const std::vector<double>& values, size_t from, size_t at,
                                 size_t to, double before, double after) {
  std::vector<double> residuals;
  for (size_t i = from; i < to; ++i) residuals.push_back(values[i] - (i < at ? before : after));
  return residuals;
}

double absolute_deviation(const std::vector<double>& values) {
  const double middle = median(values);
  return std::accumulate(values.begin(), values.end(), 0.0, [middle](double sum, double value) {
    return sum + std::abs(value - middle);
  });
}

// Ranks find that there is a shift; where, the two medians say that fit best nearby.
size_t refined(const std::vector<double>& values, size_t from, size_t at, size_t to) {
  constexpr size_t kNear = 10;
  const size_t first = std::max(from + kSegmentMin, at - std::min(at, kNear));
  const size_t last = std::min(to - kSegmentMin, at + kNear);
  size_t best = at;
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = first; i <= last; ++i) {
    const double rest =
        absolute_deviation(present(values, from, i)) + absolute_deviation(present(values, i, to));
    if (rest < least) {
      least = rest;
      best = i;
    }
  }
  return best;
}

std::optional<LevelShift> shift_in(const std::vector<double>& values, size_t from, size_t to,
                                   double significance) {
  double p = 1;
  auto at = pettitt(values, from, to, &p);
  if (!at) return std::nullopt;
  at = refined(values, from, *at, to);
  LevelShift shift;
  shift.at = *at;
  const auto left = present(values, from, *at);
  const auto right = present(values, *at, to);
  shift.before = median(left);
  shift.after = median(right);
  const auto residuals = about_levels(values, from, *at, to, shift.before, shift.after);
  const double spread = robust_deviation(present(residuals));
  const double neighbour = autocorrelation(residuals, 1);
  const double n_left = effective(static_cast<double>(left.size()), neighbour);
  const double n_right = effective(static_cast<double>(right.size()), neighbour);
  // Medians of normal values scatter 1.2533 times as widely as means.
  const double error = 1.2533 * spread * std::sqrt(1 / n_left + 1 / n_right);
  const double difference = shift.after - shift.before;
  if (difference == 0) return std::nullopt;
  shift.z = error > 0 ? difference / error : std::copysign(1e3, difference);
  // The place was chosen as the best of all: as many looks as there were places.
  const double looks = static_cast<double>(to - from) / static_cast<double>(kSegmentMin);
  const double shrunk = effective(static_cast<double>(left.size() + right.size()), neighbour) /
                        static_cast<double>(left.size() + right.size());
  const double rank_p = std::min(1.0, 2 * std::pow(p / 2, shrunk));
  shift.p = std::max(rank_p, std::min(1.0, looks * normal_p(shift.z)));
  // Less than the values scatter anyway is no other level that anybody would notice.
  if (std::abs(difference) < spread) return std::nullopt;
  if (shift.p > significance) return std::nullopt;
  return shift;
}

std::vector<LevelShift> find_shifts(const std::vector<double>& values,
                                    const SeriesOptions& options) {
  std::vector<size_t> cuts{0, values.size()};
  for (size_t round = 0; round < options.shifts_max; ++round) {
    std::optional<LevelShift> best;
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      auto shift = shift_in(values, cuts[i], cuts[i + 1], options.significance);
      if (shift && (!best || std::abs(shift->z) > std::abs(best->z))) best = std::move(shift);
    }
    if (!best) break;
    cuts.insert(std::upper_bound(cuts.begin(), cuts.end(), best->at), best->at);
  }
  // Once more between the neighbours, now that all are known.
  std::vector<LevelShift> shifts;
  for (size_t i = 1; i + 1 < cuts.size(); ++i) {
    auto shift = shift_in(values, cuts[i - 1], cuts[i + 1], options.significance);
    if (shift) shifts.push_back(*shift);
  }
  return shifts;
}

std::optional<Trend> find_trend(const std::vector<double>& values, double significance) {
  std::vector<size_t> index;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) index.push_back(i);
  }
  // Pairs are as many as the square: of long series, every k-th value.
  constexpr size_t kPairsOf = 600;
  const size_t step = (index.size() + kPairsOf - 1) / kPairsOf;
  std::vector<size_t> some;
  for (size_t i = 0; i < index.size(); i += std::max<size_t>(step, 1)) some.push_back(index[i]);
  std::vector<double> slopes;
  double s = 0;
  for (size_t i = 0; i < some.size(); ++i) {
    for (size_t k = i + 1; k < some.size(); ++k) {
      const double rise = values[some[k]] - values[some[i]];
      slopes.push_back(rise / static_cast<double>(some[k] - some[i]));
      s += rise > 0 ? 1 : rise < 0 ? -1 : 0;
    }
  }
  if (slopes.empty()) return std::nullopt;
  Trend trend;
  trend.slope = median(std::move(slopes));
  std::vector<double> starts;
  for (const size_t i : index) starts.push_back(values[i] - trend.slope * static_cast<double>(i));
  trend.start = median(starts);
  std::vector<double> residuals(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    residuals[i] = values[i] - trend.start - trend.slope * static_cast<double>(i);
  }
  const double n = static_cast<double>(some.size());
  const double variance = n * (n - 1) * (2 * n + 5) / 18;
  const double neighbour = step <= 1 ? autocorrelation(residuals, 1) : 0;
  const double worth = effective(n, neighbour) / n;
  trend.p = variance > 0 ? normal_p((s - (s > 0 ? 1 : -1)) / std::sqrt(variance / worth)) : 1;
  const double total = sum_of_squares(present(pulled_in(values)));
  const double rest = sum_of_squares(present(pulled_in(residuals)));
  trend.explained = total > 0 ? std::max(0.0, 1 - rest / total) : 0;
  if (trend.p > significance || trend.explained < 0.1) return std::nullopt;
  return trend;
}

std::vector<double> level_of(size_t size, const std::vector<double>& values,
                             const std::vector<LevelShift>& shifts) {
  std::vector<double> level(size);
  size_t from = 0;
  for (size_t i = 0; i <= shifts.size(); ++i) {
    const size_t to = i < shifts.size() ? shifts[i].at : size;
    const double middle = median(present(values, from, to));
    std::fill(level.begin() + static_cast<ptrdiff_t>(from),
              level.begin() + static_cast<ptrdiff_t>(to), middle);
    from = to;
  }
  return level;
}

std::vector<double> line_of(size_t size, const Trend& trend) {
  std::vector<double> level(size);
  for (size_t i = 0; i < size; ++i) level[i] = trend.start + trend.slope * static_cast<double>(i);
  return level;
}

double misfit(const std::vector<double>& values, const std::vector<double>& level) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) sum += std::abs(values[i] - level[i]);
  }
  return sum;
}

void find_spikes(const std::vector<double>& values, const SeriesOptions& options,
                 Decomposition& into) {
  std::vector<double> residuals(values.size());
  for (size_t i = 0; i < values.size(); ++i) residuals[i] = values[i] - into.expected[i];
  const auto there = present(residuals);
  into.deviation = robust_deviation(there);
  if (into.deviation <= 0) return;
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(residuals[i])) continue;
    const double z = residuals[i] / into.deviation;
    if (std::abs(z) < options.spike_z) continue;
    // As many looks as values; and tails are heavier than normal ones.
    const double p = std::min(1.0, static_cast<double>(there.size()) * student_p(z, 30));
    into.spikes.push_back({i, into.expected[i], z, p});
  }
  // Where many are far out, none of them is: it is how the values scatter.
  if (into.spikes.size() > std::max<size_t>(3, there.size() / 20)) into.spikes.clear();
}

}  // namespace

Decomposition decompose(const std::vector<double>& values, const SeriesOptions& options) {
  Decomposition found;
  const auto there = present(values);
  found.expected.assign(values.size(), there.empty() ? kNan : median(there));
  if (there.size() < kValuesMin) return found;
  found.season = best_season(values, options.periods);
  std::vector<double> plain = values;
  if (found.season) {
    for (size_t i = 0; i < plain.size(); ++i) {
      plain[i] -= found.season->pattern[i % found.season->period];
    }
  }
  found.shifts = find_shifts(plain, options);
  found.trend = find_trend(plain, options.significance);
  std::vector<double> level = level_of(plain.size(), plain, found.shifts);
  if (found.trend) {
    const auto line = line_of(plain.size(), *found.trend);
    // Steps have more to choose than a line, so they have to fit clearly better.
    const double handicap = 1 + 0.05 * static_cast<double>(found.shifts.size());
    if (found.shifts.empty() || misfit(plain, line) < handicap * misfit(plain, level)) {
      level = line;
      found.shifts.clear();
    } else {
      found.trend.reset();
    }
  }
  for (size_t i = 0; i < values.size(); ++i) {
    found.expected[i] =
        level[i] + (found.season ? found.season->pattern[i % found.season->period] : 0);
  }
  find_spikes(values, options, found);
  return found;
}

namespace {

// Season and level are each found beside a rough idea of the other; what is carried on has to be
// right at the end of the series, so each is found anew without the other (backfitting).
Decomposition refined(const std::vector<double>& values, Decomposition found) {
  constexpr int kRounds = 3;
  if (!found.season) return found;
  auto& pattern = found.season->pattern;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::vector<double>> phases(pattern.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t phase = i % pattern.size();
      const double level = found.expected[i] - pattern[phase];
      if (!std::isnan(values[i])) phases[phase].push_back(values[i] - level);
    }
    for (size_t phase = 0; phase < pattern.size(); ++phase) {
      if (!phases[phase].empty()) pattern[phase] = median(std::move(phases[phase]));
    }
    const double middle = median(pattern);
    std::vector<double> plain = values;
    for (double& value : pattern) value -= middle;
    for (size_t i = 0; i < plain.size(); ++i) plain[i] -= pattern[i % pattern.size()];
    if (found.trend) found.trend = find_trend(plain, SeriesOptions().significance);
    found.expected = found.trend ? line_of(plain.size(), *found.trend)
                                 : level_of(plain.size(), plain, found.shifts);
    for (size_t i = 0; i < plain.size(); ++i) found.expected[i] += pattern[i % pattern.size()];
  }
  return found;
}

}  // namespace

Forecast forecast(const std::vector<double>& values, const Decomposition& found, size_t steps,
                  double share) {
  Forecast ahead;
  if (values.empty()) return ahead;
  const Decomposition decomposition = refined(values, found);
  std::vector<double> residuals(values.size());
  for (size_t i = 0; i < values.size(); ++i) residuals[i] = values[i] - decomposition.expected[i];
  const auto there = present(residuals);
  const double low = there.empty() ? 0 : quantile(there, (1 - share) / 2);
  const double high = there.empty() ? 0 : quantile(there, (1 + share) / 2);
  const double neighbour = std::clamp(autocorrelation(residuals, 1), 0.0, 0.95);
  const auto season_at = [&](size_t step) {
    if (!decomposition.season) return 0.0;
    return decomposition.season->pattern[step % decomposition.season->period];
  };
  const size_t last = values.size() - 1;
  const double level = decomposition.expected[last] - season_at(last);
  // What the last residual carries over, unless it was an outlier.
  double carried = std::isnan(residuals[last]) ? 0 : std::clamp(residuals[last], low, high);
  double wider = 0;
  for (size_t i = 1; i <= steps; ++i) {
    const double slope = decomposition.trend ? decomposition.trend->slope : 0;
    carried *= neighbour;
    // The variance of an AR(1) process, as a share of what it comes to in the end.
    wider = wider * neighbour * neighbour + (1 - neighbour * neighbour);
    // A trend's slope is not known exactly: the farther, the wider.
    const double far =
        decomposition.trend ? 1 + static_cast<double>(i) / static_cast<double>(values.size()) : 1;
    const double expected = level + slope * static_cast<double>(i) + season_at(last + i) + carried;
    const double width = std::sqrt(wider) * far;
    ahead.expected.push_back(expected);
    ahead.lower.push_back(expected + low * width);
    ahead.upper.push_back(expected + high * width);
  }
  return ahead;
}

}  // namespace firn::agents
