#include "agents/analyst/history.h"

#include <random>

#include <gtest/gtest.h>

#include "graphql/json.h"

namespace firn::agents {
namespace {

constexpr int64_t kMinute = 60LL * 1'000'000;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kStart = 1'790'000'000LL * 1'000'000;

// Commits every `every`, give or take a tenth, for `count` of them.
std::vector<int64_t> rhythm(int64_t every, size_t count, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> about(0.9, 1.1);
  std::vector<int64_t> times = {kStart};
  while (times.size() < count) {
    times.push_back(times.back() +
                    static_cast<int64_t>(about(random) * static_cast<double>(every)));
  }
  return times;
}

TEST(HistoryTest, ATableWhoseRowsStopComingIsNoticed) {
  const auto commits = rhythm(kHour, 200);
  const auto silence = silence_of(commits, commits.back() + 9 * kHour);
  ASSERT_TRUE(silence);
  EXPECT_NEAR(silence->gap_s, 9 * 3600, 1);
  EXPECT_NEAR(silence->usual_s, 3600, 200);
  EXPECT_LT(silence->p, 1e-6);
}

TEST(HistoryTest, AUsualGapIsNoSilence) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const auto commits = rhythm(kHour, 60, seed);
    EXPECT_FALSE(silence_of(commits, commits.back() + 70 * kMinute)) << seed;
  }
}

TEST(HistoryTest, NightsAreNoSilenceWhereThereWereNightsBefore) {
  std::vector<int64_t> commits;
  for (int64_t day = 0; day < 10; ++day) {
    for (int64_t hour = 8; hour < 18; ++hour) commits.push_back(kStart + day * kDay + hour * kHour);
  }
  EXPECT_FALSE(silence_of(commits, commits.back() + 14 * kHour));
  EXPECT_TRUE(silence_of(commits, commits.back() + 2 * kDay));
}

TEST(HistoryTest, ALoadThatIsOverIsNoSilence) {
  const auto commits = rhythm(1'000'000, 50);
  EXPECT_FALSE(silence_of(commits, commits.back() + kHour));
  EXPECT_FALSE(silence_of(commits, commits.back() + 400 * kDay));
}

TEST(HistoryTest, FewCommitsSayNothing) {
  const auto commits = rhythm(kHour, 8);
  EXPECT_FALSE(silence_of(commits, commits.back() + 3 * kHour));
  EXPECT_FALSE(silence_of({}, kStart));
}

TEST(HistoryTest, ChangesOfTheFirstHourAndOldOnesAreNoNews) {
  History history;
  history.commits_us = rhythm(kHour, 24 * 30);
  const int64_t now = history.commits_us.back();
  history.changes = {{kStart + kMinute, {"early"}, {}, {}},
                     {kStart + 3 * kDay, {"long ago"}, {}, {}},
                     {now - kDay, {"new"}, {"gone"}, {"a: int, now a: long"}}};
  const auto recent = recent_changes(history, now);
  ASSERT_EQ(recent.size(), 1U);
  EXPECT_EQ(recent[0].added, std::vector<std::string>{"new"});
}

TEST(HistoryTest, AnAnswerOfTheToolIsRead) {
  const auto table = MUST(graphql::parse_json(R"({
    "snapshots": {"edges": [
      {"node": {"committedAt": "2026-11-02T00:00:00.000Z", "isAncestor": true, "operation": "append"}},
      {"node": {"committedAt": "2026-11-01T12:00:00.000Z", "isAncestor": false, "operation": "append"}},
      {"node": {"committedAt": "2026-11-01T06:00:00.000Z", "isAncestor": true, "operation": "replace"}},
      {"node": {"committedAt": "2026-11-01T00:00:00.000Z", "isAncestor": true, "operation": "overwrite"}}]},
    "schemaChanges": [{"at": "2026-11-02T00:00:00.000Z", "added": ["x"], "dropped": [], "changed": []}]})"));
  const auto history = MUST(read_history(table));
  ASSERT_EQ(history.commits_us.size(), 2U);
  EXPECT_EQ(history.commits_us[1] - history.commits_us[0], kDay);
  EXPECT_EQ(history.changes.at(0).added.at(0), "x");
  EXPECT_FALSE(read_history(MUST(graphql::parse_json("{}"))).ok());
}

}  // namespace
}  // namespace firn::agents
