#include "federation/trino_answer.h"

#include <gtest/gtest.h>

namespace firn::federation {
namespace {

TEST(TrinoAnswer, gives_the_parts_and_the_path_of_what_follows) {
  const std::string body =
      R"({"id":"1","stats":{"a":[{"b":"}\""}]},"nextUri":"http://other:1/v1/statement/x?slug=y",)"
      R"( "columns" : [ {"name":"a","type":"bigint"} ], "data":[[1],[null]] , "error":null})";
  const auto answer = parse_trino_answer(body);
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->next_path, "/v1/statement/x?slug=y");
  EXPECT_EQ(answer->columns, R"([ {"name":"a","type":"bigint"} ])");
  EXPECT_EQ(answer->data, "[[1],[null]]");
  EXPECT_TRUE(answer->error.empty());
}

TEST(TrinoAnswer, what_is_no_answer_is_an_error) {
  for (const char* body : {"", "[]", "{", R"({"a"})", R"({"a":})", R"({"a":1)", R"({"a":[1})",
                           R"({"nextUri":"/v2/x"})", R"({"nextUri":7})", R"({"a":"\)"}) {
    EXPECT_FALSE(parse_trino_answer(body).ok()) << body;
  }
  EXPECT_FALSE(parse_trino_answer(R"({"a":)" + std::string(100'000, '[')).ok());
}

TEST(TrinoAnswer, errors_have_their_place_in_bytes) {
  const std::string statement = "SELECT 'ä',\n 'ö', nothing";
  const auto error = trino_error(
      R"({"message":"line 2:7: Column 'nothing' cannot be resolved","errorName":"COLUMN_NOT_FOUND",)"
      R"("errorType":"USER_ERROR","errorLocation":{"lineNumber":2,"columnNumber":7}})",
      statement);
  EXPECT_EQ(error.code(), ErrorCode::kInvalidStatement);
  ASSERT_TRUE(error.position());
  EXPECT_EQ(statement.substr(*error.position()), "nothing");
  EXPECT_EQ(trino_error(R"({"errorName":"TABLE_NOT_FOUND","errorType":"USER_ERROR"})", "").code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(trino_error(R"({"errorType":"INSUFFICIENT_RESOURCES"})", "").code(),
            ErrorCode::kResourceExhausted);
  EXPECT_EQ(trino_error("7", "").code(), ErrorCode::kUnavailable);
}

TEST(CommonStatement, comments_become_spaces_and_places_stay) {
  EXPECT_EQ(*common_statement("SELECT 1 -- one\n+ /* t\nwo */ 2;\n"),
            "SELECT 1       \n+     \n      2");
  EXPECT_EQ(*common_statement("SELECT 'it''s -- no comment', \"a;b\""),
            "SELECT 'it''s -- no comment', \"a;b\"");
}

TEST(CommonStatement, what_the_two_read_differently_is_refused) {
  for (const char* statement :
       {"SELECT 1 /* /* */ FROM secret -- */", "SELECT $$a$$", "SELECT $1", "SELECT E'\\''",
        "SELECT U&'x'", "SELECT 1; SELECT 2", "SELECT 'a", "SELECT `a`", "SELECT \\ 1",
        "SELECT\xC2\xA0"
        "1",
        "SELECT /* a"}) {
    const auto common = common_statement(statement);
    ASSERT_FALSE(common.ok()) << statement;
    EXPECT_EQ(common.error().code(), ErrorCode::kUnsupported);
  }
}

}  // namespace
}  // namespace firn::federation
