#include "query/kept_result.h"

#include <gtest/gtest.h>

#include "platform/file.h"
#include "platform/testing.h"
#include "query/query_log.h"
#include "store/database.h"

namespace firn::query {
namespace {

class KeptResultTest : public ::testing::Test {
 protected:
  std::unique_ptr<KeptResult> make(KeptResult::Limits limits = {}) {
    return MUST(KeptResult::create(platform::local_file_system(),
                                   folder_.path() + "/" + std::to_string(++made_), limits));
  }
  platform::TemporaryDirectory folder_;
  int made_ = 0;
};

TEST_F(KeptResultTest, PagesAreTheRowsInOrderHoweverTheyCame) {
  const auto result = make();
  result->set_columns({{"a", "BIGINT"}});
  std::string all;
  for (int i = 0; i < 1234; ++i) all += "[" + std::to_string(i) + "]\n";
  for (size_t at = 0; at < all.size(); at += 7) {
    ASSERT_TRUE(result->append(std::string_view(all).substr(at, 7)).ok());
  }
  EXPECT_EQ(MUST(result->page(0, 2)).rows, "[[0],[1]]");
  EXPECT_EQ(MUST(result->page(199, 3)).rows, "[[199],[200],[201]]");
  EXPECT_EQ(MUST(result->page(1233, 100)).rows, "[[1233]]");
  EXPECT_EQ(MUST(result->page(1234, 1)).rows, "[]");
  EXPECT_EQ(MUST(result->page(5, 0)).rows, "[]");
  EXPECT_EQ(MUST(result->page(0, UINT64_MAX)).total, 1234u);
  EXPECT_EQ(MUST(result->page(0, 1)).columns.at(0).name, "a");
}

TEST_F(KeptResultTest, WhatIsPastTheLimitsIsLeftOutAndSaid) {
  const auto result = make({.rows_max = 3});
  ASSERT_TRUE(result->append("[1]\n[2]\n[3]\n").ok());
  EXPECT_FALSE(MUST(result->page(0, 9)).truncated);
  ASSERT_TRUE(result->append("[4]\n").ok());
  EXPECT_TRUE(MUST(result->page(0, 9)).truncated);
  EXPECT_EQ(MUST(result->page(0, 9)).rows, "[[1],[2],[3]]");
}

TEST_F(KeptResultTest, TheHashOfRowsKnowsNoOrder) {
  const auto hash_of = [&](std::string_view lines) {
    const auto result = make();
    MUST(result->append(lines));
    return result->rows_hash();
  };
  EXPECT_EQ(hash_of("[1]\n[2]\n[2]\n"), hash_of("[2]\n[1]\n[2]\n"));
  EXPECT_NE(hash_of("[1]\n[2]\n[2]\n"), hash_of("[2]\n[1]\n[1]\n"));
  EXPECT_NE(hash_of(""), hash_of("[1]\n"));
}

TEST_F(KeptResultTest, TheFileGoesWithIt) {
  auto result = make();
  MUST(result->append("[1]\n"));
  MUST(result->page(0, 1));
  EXPECT_TRUE(MUST(platform::local_file_system().exists(folder_.path() + "/1")));
  result.reset();
  EXPECT_FALSE(MUST(platform::local_file_system().exists(folder_.path() + "/1")));
}

TEST(QueryLogTest, KeepsQueriesWithTheirEvidenceAcrossStarts) {
  const platform::TemporaryDirectory folder;
  QueryInfo info;
  info.organization = "one";
  info.query_id = "q1";
  info.account = "ann";
  info.statement = "SELECT 1";
  info.question.limit = 7;
  info.question.parameters = R"({"a":1})";
  info.start_us = 5;
  info.result_hash = "ab";
  info.tables.resize(1);
  info.tables[0].name = "t";
  info.tables[0].snapshot_id = 42;
  {
    const auto database = MUST(store::Database::open(folder.path() + "/firn.db"));
    const auto log = MUST(QueryLog::create(*database));
    log->record(info);
    info.query_id = "q2";
    info.start_us = 6;
    info.error = Error(ErrorCode::kInvalidStatement, "no").at(3);
    log->record(info);
  }
  const auto database = MUST(store::Database::open(folder.path() + "/firn.db"));
  const auto log = MUST(QueryLog::create(*database));
  const auto found = MUST(log->find("one", "q1"));
  EXPECT_EQ(found.info.tables.at(0).snapshot_id, 42);
  EXPECT_EQ(found.info.question.limit, 7u);
  EXPECT_EQ(found.info.question.parameters, R"({"a":1})");
  EXPECT_EQ(MUST(log->find("one", "q2")).info.error->position(), 3u);
  EXPECT_EQ(log->find("two", "q1").error().code(), ErrorCode::kNotFound);
  const auto newest = MUST(log->list("one", {.account = "ann"}, 1));
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_EQ(newest[0].info.query_id, "q2");
  const auto older =
      MUST(log->list("one", {.before_us = newest[0].info.start_us, .before_id = "q2"}, 5));
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].info.query_id, "q1");
  EXPECT_TRUE(MUST(log->list("one", {.account = "bob"}, 5)).empty());
}

}  // namespace
}  // namespace firn::query
