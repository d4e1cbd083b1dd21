#include "jobs/cron.h"

#include <gtest/gtest.h>

#include "base/rfc3339.h"

namespace firn::jobs {
namespace {

// Three times in a row, in UTC.
std::string next(std::string_view expression, std::string_view zone, std::string_view after) {
  const auto cron = Cron::parse(expression, zone);
  if (!cron.ok()) return cron.error().message();
  std::string all;
  int64_t at = MUST(parse_rfc3339_us(after));
  for (int i = 0; i < 3; ++i) {
    const auto found = cron->next_after(at);
    if (!found.ok()) return found.error().message();
    at = *found;
    std::string text;
    append_rfc3339(text, at);
    all += text.substr(0, 16) + ' ';
  }
  return all;
}

TEST(CronTest, fields_lists_ranges_steps_and_names) {
  EXPECT_EQ(next("*/20 * * * *", "", "2026-01-31T23:45:10Z"),
            "2026-02-01T00:00 2026-02-01T00:20 2026-02-01T00:40 ");
  EXPECT_EQ(next("5,10-12/2 3 * * *", "", "2026-01-31T03:05:00Z"),
            "2026-01-31T03:10 2026-01-31T03:12 2026-02-01T03:05 ");
  EXPECT_EQ(next("0 9 * * MON-fri", "", "2026-01-30T12:00:00Z"),
            "2026-02-02T09:00 2026-02-03T09:00 2026-02-04T09:00 ");
  EXPECT_EQ(next("0 0 13 * 5", "", "2026-01-31T00:00:00Z"),  // either will do
            "2026-02-06T00:00 2026-02-13T00:00 2026-02-20T00:00 ");
  EXPECT_EQ(next("0 0 29 feb *", "", "2026-01-01T00:00:00Z"),
            "2028-02-29T00:00 2032-02-29T00:00 2036-02-29T00:00 ");
  EXPECT_EQ(next("@weekly", "", "2026-01-31T00:00:00Z"),
            "2026-02-01T00:00 2026-02-08T00:00 2026-02-15T00:00 ");
  EXPECT_EQ(next("0 0 * * 7", "", "2026-01-31T00:00:00Z"),
            "2026-02-01T00:00 2026-02-08T00:00 2026-02-15T00:00 ");
}

TEST(CronTest, clocks_that_are_put_forward_and_back) {
  // 2026-03-29 in Berlin has no 02:30; 2026-10-25 has it twice.
  EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z"),
            "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30 ");
  EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z"),
            "2026-10-25T00:30 2026-10-26T01:30 2026-10-27T01:30 ");
}

TEST(CronTest, what_is_no_schedule_is_said) {
  EXPECT_NE(next("* * * *", "", "2026-01-01T00:00:00Z").find("five fields"), std::string::npos);
  EXPECT_NE(next("60 * * * *", "", "2026-01-01T00:00:00Z").find("'60' is no minute"),
            std::string::npos);
  EXPECT_NE(next("* * * * mon-", "", "2026-01-01T00:00:00Z").find("no day of week"),
            std::string::npos);
  EXPECT_NE(next("*/0 * * * *", "", "2026-01-01T00:00:00Z").find("no minute"), std::string::npos);
  EXPECT_EQ(next("0/2147483647 * * * *", "", "2026-01-01T00:00:00Z"),
            "'0/2147483647' steps beyond the minute of a schedule: by 1 to 60");
  EXPECT_NE(next("* 1-3/25 * * *", "", "2026-01-01T00:00:00Z").find("by 1 to 24"),
            std::string::npos);
  EXPECT_EQ(next("*/60 * * * *", "", "2026-01-01T00:00:00Z"),
            "2026-01-01T01:00 2026-01-01T02:00 2026-01-01T03:00 ");
  EXPECT_NE(next("5-1 * * * *", "", "2026-01-01T00:00:00Z").find("no minute"), std::string::npos);
  EXPECT_NE(next(", * * * *", "", "2026-01-01T00:00:00Z").find("no minute"), std::string::npos);
  EXPECT_EQ(next("0 0 30 2 *", "", "2026-01-01T00:00:00Z"), "this schedule never comes");
  EXPECT_EQ(next("* * * * *", "Mars/Olympus", "2026-01-01T00:00:00Z"),
            "there is no time zone Mars/Olympus");
}

}  // namespace
}  // namespace firn::jobs
