#include "federation/portable_filter.h"

#include <gtest/gtest.h>

#include "base/result.h"

namespace firn::federation {
namespace {

const std::vector<FilterColumn> kColumns = {
    {"id", FilterType::kNumber, false}, {"Region", FilterType::kText, false},
    {"code", FilterType::kText, true},  {"open", FilterType::kBoolean, false},
    {"day", FilterType::kDate, false},  {"score", FilterType::kOther, false},
    {"date", FilterType::kDate, false}, {"user", FilterType::kText, false}};
const query::Caller kCaller{"a-1", "o'neil@example.org", "viewer"};

std::string translated(std::string_view filter) {
  return MUST(portable_filter(filter, kColumns, kCaller));
}

bool refused(std::string_view filter) {
  const auto done = portable_filter(filter, kColumns, kCaller);
  return !done.ok() && done.error().code() == ErrorCode::kUnsupported;
}

TEST(PortableFilterTest, comparisons_of_one_type_are_translated) {
  EXPECT_EQ(translated("id > 3"), "((\"id\" > 3))");
  EXPECT_EQ(translated("ID != -1.50"), "((\"id\" <> -1.50))");
  EXPECT_EQ(translated("\"region\" = 'it''s'"), "((\"Region\" = 'it''s'))");
  EXPECT_EQ(translated("day BETWEEN DATE '2024-01-01' AND date"),
            "((\"day\" BETWEEN DATE '2024-01-01' AND \"date\"))");
  EXPECT_EQ(translated("region IN ('a', 'b') OR NOT open"),
            "((\"Region\" IN ('a', 'b')) OR NOT \"open\")");
  EXPECT_EQ(translated("region not like 'A%' and id is not null"),
            "((\"Region\" NOT LIKE 'A%') AND (\"id\" IS NOT NULL))");
  EXPECT_EQ(translated("(id = 1 or id = 2) and open = true"),
            "(((\"id\" = 1) OR (\"id\" = 2)) AND (\"open\" = true))");
}

TEST(PortableFilterTest, a_databases_text_is_compared_as_text) {
  EXPECT_EQ(translated("code = 'x'"), "((CAST(\"code\" AS varchar) = 'x'))");
}

TEST(PortableFilterTest, the_callers_values_are_quoted) {
  EXPECT_EQ(translated("region = caller_email() AND caller_role() = 'viewer'"),
            "((\"Region\" = 'o''neil@example.org') AND ('viewer' = 'viewer'))");
}

TEST(PortableFilterTest, names_with_quotes_are_quoted) {
  const std::vector<FilterColumn> odd = {{"a\"b", FilterType::kNumber, false}};
  EXPECT_EQ(MUST(portable_filter("\"a\"\"b\" = 1", odd, kCaller)), "((\"a\"\"b\" = 1))");
}

TEST(PortableFilterTest, what_may_mean_something_else_is_refused) {
  for (const char* filter : {"",
                             "id",
                             "id / 2 = 1",
                             "id + 1 > 2",
                             "score > 1",
                             "score = score",
                             "id = '1'",
                             "id = 1e3",
                             "region = caller_id",
                             "lower(region) = 'a'",
                             "id IN (1, NULL)",
                             "id IN (SELECT 1)",
                             "id IN (id)",
                             "region = E'a'",
                             "region = $$a$$",
                             "id = 1 -- x",
                             "id = 1 /* x */",
                             "id = 1;",
                             "user = 'a'",
                             "current_date = day",
                             "day > '2024-01-01'",
                             "day = DATE '2024-1-1'",
                             "region LIKE 'a' ESCAPE '!'",
                             "region ILIKE 'a'",
                             "region = 'a",
                             "(id = 1",
                             "id = 1)",
                             "nothing = 1",
                             "id IS TRUE",
                             "id = 1234567890123456789",
                             "id = 1.2.3",
                             "id = 1a",
                             "t.id = 1",
                             "id = 1 AND",
                             "caller_id(1) = 'a'",
                             "NOT",
                             "id = --1"}) {
    EXPECT_TRUE(refused(filter)) << filter;
  }
  EXPECT_FALSE(refused("\"user\" = 'a'"));
}

TEST(PortableFilterTest, a_name_that_stands_twice_is_refused) {
  const std::vector<FilterColumn> twice = {{"a", FilterType::kNumber, false},
                                           {"A", FilterType::kNumber, false}};
  EXPECT_FALSE(portable_filter("a = 1", twice, kCaller).ok());
}

TEST(PortableFilterTest, depth_has_a_bound) {
  EXPECT_TRUE(refused(std::string(100, '(') + "id = 1" + std::string(100, ')')));
  std::string nots;
  for (int i = 0; i < 100; ++i) nots += "NOT ";
  EXPECT_TRUE(refused(nots + "id = 1"));
}

}  // namespace
}  // namespace firn::federation
