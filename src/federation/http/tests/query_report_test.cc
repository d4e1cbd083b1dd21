#include "federation/http/query_report.h"

#include <gtest/gtest.h>

namespace firn::federation {
namespace {

TEST(QueryReportTest, a_report_is_what_the_history_keeps) {
  const auto info = parse_query_report(
      R"({"query_id":"q1","account":"a1","statement":"SELECT 1","start_us":10,"end_us":30,"rows":7,
          "catalog":"lake","timezone":"UTC","tables":[{"catalog":"lake","schema":"main","name":"t",
          "snapshot_id":5,"rows":9},{"catalog":"pg","schema":"public","name":"u"}]})");
  ASSERT_TRUE(info.ok()) << info.error().message();
  EXPECT_EQ(info->query_id, "q1");
  EXPECT_EQ(info->account, "a1");
  EXPECT_EQ(info->state, query::QueryState::kDone);
  EXPECT_EQ(info->end_us - info->start_us, 20);
  EXPECT_EQ(info->rows, 7u);
  EXPECT_EQ(info->question.catalog, "lake");
  ASSERT_EQ(info->tables.size(), 2u);
  EXPECT_EQ(info->tables[0].snapshot_id, 5);
  EXPECT_EQ(info->tables[0].rows, 9);
  EXPECT_FALSE(info->tables[1].snapshot_id);
}

TEST(QueryReportTest, a_failure_is_an_error_of_ours) {
  const auto info = parse_query_report(
      R"({"query_id":"q1","account":"a1","statement":"SELECT x","start_us":10,"end_us":30,
          "error":{"message":"no column","errorName":"COLUMN_NOT_FOUND","errorType":"USER_ERROR"}})");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->state, query::QueryState::kFailed);
  ASSERT_TRUE(info->error);
  EXPECT_EQ(info->error->code(), ErrorCode::kInvalidStatement);
}

TEST(QueryReportTest, what_is_no_report_is_refused) {
  for (const char* body : {"", "[]", "{", "{}", R"({"query_id":"q","start_us":1,"end_us":2})",
                           R"({"query_id":"q","account":"a","start_us":3,"end_us":2})",
                           R"({"query_id":"q","account":"a","start_us":"1","end_us":2})",
                           R"({"query_id":"","account":"a","start_us":1,"end_us":2})"}) {
    const auto info = parse_query_report(body);
    EXPECT_FALSE(info.ok()) << body;
  }
}

TEST(QueryReportTest, a_long_text_ends_at_a_character) {
  std::string name(999, 'a');
  name += "\xC3\xA4";
  const auto info = parse_query_report(R"({"query_id":"q","account":"a","start_us":1,"end_us":2,)"
                                       R"("catalog":")" +
                                       name + "\"}");
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->question.catalog, std::string(999, 'a'));
}

}  // namespace
}  // namespace firn::federation
