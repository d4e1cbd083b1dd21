#include "agents/analyst/series.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "agents/analyst/groups.h"
#include "agents/analyst/statistics.h"

namespace firn::agents {
namespace {

constexpr size_t kDays = 140;

class Noise {
 public:
  explicit Noise(uint64_t seed) : random_(seed) {}
  double normal() { return normal_(random_); }
  // Normal noise whose neighbours resemble each other by `likeness`, of deviation 1.
  std::vector<double> series(size_t size, double likeness) {
    std::vector<double> values(size);
    double last = normal();
    for (double& value : values) {
      last = likeness * last + std::sqrt(1 - likeness * likeness) * normal();
      value = last;
    }
    return values;
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
};

const SeriesOptions kDaily{{7}, 5, 0.01, 3};

void add_week(std::vector<double>& values, double size) {
  constexpr double kPattern[7] = {0, 0.3, 0.4, 0.2, 0, -1, -1.5};
  for (size_t i = 0; i < values.size(); ++i) values[i] += size * kPattern[i % 7];
}

TEST(SeriesTest, noise_has_no_news) {
  int alarms = 0;
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Noise noise(seed);
    // A third each: independent, alike, and with a week in it.
    auto values = noise.series(kDays, seed % 3 == 1 ? 0.5 : 0);
    if (seed % 3 == 2) add_week(values, 3);
    const auto found = decompose(values, kDaily);
    if (!found.spikes.empty() || !found.shifts.empty() || found.trend) ++alarms;
    EXPECT_EQ(found.season.has_value(), seed % 3 == 2) << seed;
  }
  EXPECT_LE(alarms, 12);
}

TEST(SeriesTest, a_spike_is_found_where_it_is) {
  int found_it = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Noise noise(seed);
    auto values = noise.series(kDays, 0);
    add_week(values, 3);
    const size_t at = 20 + seed % 100;
    values[at] += seed % 2 == 0 ? 8 : -8;
    const auto found = decompose(values, kDaily);
    const bool right = found.spikes.size() == 1 && found.spikes[0].at == at;
    if (right && found.shifts.empty() && !found.trend) ++found_it;
  }
  EXPECT_GE(found_it, 95);
}

TEST(SeriesTest, a_shift_is_found_near_where_it_is) {
  int found_it = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Noise noise(seed);
    auto values = noise.series(kDays, 0.2);
    add_week(values, 3);
    const size_t at = 30 + seed % 80;
    for (size_t i = at; i < kDays; ++i) values[i] += seed % 2 == 0 ? 3 : -3;
    const auto found = decompose(values, kDaily);
    const bool right =
        found.shifts.size() == 1 &&
        std::abs(static_cast<double>(found.shifts[0].at) - static_cast<double>(at)) <= 3;
    if (right && found.spikes.empty() && !found.trend) ++found_it;
  }
  EXPECT_GE(found_it, 90);
}

TEST(SeriesTest, a_trend_is_no_shift) {
  int found_it = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Noise noise(seed);
    auto values = noise.series(kDays, 0.2);
    for (size_t i = 0; i < kDays; ++i) values[i] += 0.03 * static_cast<double>(i);
    const auto found = decompose(values, kDaily);
    if (found.trend && found.shifts.empty() && std::abs(found.trend->slope - 0.03) < 0.01) {
      ++found_it;
    }
  }
  EXPECT_GE(found_it, 90);
}

TEST(SeriesTest, a_forecast_holds_as_much_as_it_says) {
  int inside = 0;
  int all = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Noise noise(seed);
    auto values = noise.series(kDays + 14, seed % 2 == 0 ? 0 : 0.5);
    add_week(values, 3);
    const std::vector<double> known(values.begin(), values.end() - 14);
    const auto ahead = forecast(known, decompose(known, kDaily), 14, 0.8);
    ASSERT_EQ(ahead.expected.size(), 14U);
    for (size_t i = 0; i < 14; ++i) {
      const double truth = values[kDays + i];
      inside += truth >= ahead.lower[i] && truth <= ahead.upper[i] ? 1 : 0;
      ++all;
    }
  }
  const double share = static_cast<double>(inside) / all;
  EXPECT_GT(share, 0.72);
  EXPECT_LT(share, 0.88);
}

TEST(SeriesTest, gaps_and_short_series_are_taken) {
  const double none = std::nan("");
  EXPECT_TRUE(decompose({}, kDaily).expected.empty());
  EXPECT_EQ(decompose({1, none, 3}, kDaily).expected[1], 2);
  std::vector<double> values(kDays, none);
  EXPECT_TRUE(decompose(values, kDaily).spikes.empty());
  std::vector<double> flat(kDays, 5);
  const auto found = decompose(flat, kDaily);
  EXPECT_TRUE(found.spikes.empty() && found.shifts.empty() && !found.trend && !found.season);
}

std::vector<Group> groups_of(Noise& noise, double size, int rows) {
  std::vector<Group> groups;
  for (int g = 0; g < 6; ++g) {
    std::vector<double> values;
    for (int i = 0; i < rows; ++i) values.push_back(noise.normal() + (g == 2 ? size : 0));
    double squares = 0;
    for (const double value : values) squares += (value - mean(values)) * (value - mean(values));
    groups.push_back({std::string(1, static_cast<char>('a' + g)), static_cast<double>(rows),
                      mean(values), squares / (rows - 1)});
  }
  return groups;
}

TEST(GroupsTest, the_one_that_differs_is_named) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Noise noise(seed);
    const auto groups = groups_of(noise, seed % 2 == 0 ? 1 : -1, 200);
    const auto effect = effect_of(groups);
    ASSERT_LT(effect.p, 1e-6);
    ASSERT_GT(effect.explained, 0.03);
    ASSERT_EQ(groups[effect.groups[0].group].value, "c");
  }
}

TEST(GroupsTest, p_of_noise_is_uniform) {
  int below = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    Noise noise(seed);
    below += effect_of(groups_of(noise, 0, 30)).p < 0.05 ? 1 : 0;
  }
  EXPECT_GE(below, 30);
  EXPECT_LE(below, 70);
}

TEST(StatisticsTest, adjusted_p_is_that_of_benjamini_and_hochberg) {
  const auto q = adjusted_p({0.01, 0.04, 0.03, 0.005});
  EXPECT_NEAR(q[0], 0.02, 1e-12);
  EXPECT_NEAR(q[1], 0.04, 1e-12);
  EXPECT_NEAR(q[2], 0.04, 1e-12);
  EXPECT_NEAR(q[3], 0.02, 1e-12);
  EXPECT_NEAR(adjusted_p({0.01}, 10)[0], 0.1, 1e-12);
}

TEST(StatisticsTest, p_values_are_those_of_the_tables) {
  EXPECT_NEAR(normal_p(1.959964), 0.05, 1e-6);
  EXPECT_NEAR(student_p(2.228139, 10), 0.05, 1e-6);
  EXPECT_NEAR(fisher_p(3.325835, 5, 10), 0.05, 1e-6);
  EXPECT_EQ(fisher_p(std::nan(""), 1, 1), 1);
  EXPECT_NEAR(median({3, 1, 2, 10}), 2.5, 1e-12);
  EXPECT_NEAR(robust_deviation({1, 2, 3, 4, 100}), 1.4826, 1e-9);
}

}  // namespace
}  // namespace firn::agents
