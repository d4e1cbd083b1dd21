#include "federation/spooled_segments.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <boost/json.hpp>

#include "base/bytes.h"
#include "federation/trino_answer.h"

namespace firn::federation {
namespace {

std::string compressed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string inline_segment(const std::string& bytes, const std::string& metadata) {
  return R"({"type":"inline","data":")" + base64_encode(as_bytes(bytes)) + R"(","metadata":{)" +
         metadata + "}}";
}

std::string data_of(const std::string& encoding, const std::string& segments) {
  return R"({"encoding":")" + encoding + R"(","metadata":{},"segments":[)" + segments + "]}";
}

TEST(SpooledSegments, rows_come_within_the_answer_or_lie_in_a_store) {
  const std::string rows = "[" + std::string(2'000, ' ') + "[1],[null]]";
  const std::string small = compressed(rows);
  const std::string json = data_of(
      "json+zstd",
      inline_segment("[[7]]", R"("rowOffset":0,"rowsCount":1,"segmentSize":5)") + "," +
          inline_segment(small, R"("segmentSize":)" + std::to_string(small.size()) +
                                    R"(,"uncompressedSize":)" + std::to_string(rows.size())) +
          R"(,{"type":"spooled","uri":"https://s3.test/a?b=c","ackUri":"http://t:1/v1/spooled/ack/x",)"
          R"("headers":{"x-amz-key":["secret"]},"metadata":{"segmentSize":9,"uncompressedSize":20}})");
  const std::string body = R"({"data":)" + json + "}";
  const auto answer = parse_trino_answer(body);
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->data.empty());
  const auto segments = parse_spooled_data(answer->spooled);
  ASSERT_TRUE(segments.ok()) << segments.error().message();
  ASSERT_EQ(segments->size(), 3u);
  EXPECT_EQ(*decode_segment(segments->at(0), segments->at(0).bytes), "[[7]]");
  EXPECT_EQ(*decode_segment(segments->at(1), segments->at(1).bytes), rows);
  const SpooledSegment& third = segments->at(2);
  EXPECT_EQ(third.uri, "https://s3.test/a?b=c");
  EXPECT_EQ(third.ack_path, "/v1/spooled/ack/x");
  ASSERT_EQ(third.headers.size(), 1u);
  EXPECT_EQ(third.headers[0].second, "secret");
  EXPECT_EQ(third.encoded_bytes, 9u);
  EXPECT_TRUE(third.is_compressed);
}

TEST(SpooledSegments, what_is_malformed_or_too_large_is_an_error) {
  const auto code = [](const std::string& json) {
    const auto segments = parse_spooled_data(json);
    return segments.ok() ? ErrorCode::kInternal : segments.error().code();
  };
  const auto spooled = [](const std::string& members) {
    return data_of("json", R"({"type":"spooled","metadata":{"segmentSize":1},)" + members + "}");
  };
  for (const std::string& json :
       {std::string("7"), std::string("{"), std::string(R"({"encoding":"json"})"),
        data_of("json", "7"), data_of("json", R"({"type":"inline","data":"W10="})"),
        data_of("json", R"({"type":"inline","data":"*","metadata":{"segmentSize":1}})"),
        data_of("json", R"({"type":"other","metadata":{"segmentSize":1}})"),
        data_of("json", inline_segment("[]", R"("segmentSize":-1)")),
        spooled(R"("uri":"https://a/b")"),
        spooled(R"("uri":"https://a/b","ackUri":"https://a/other")"),
        spooled(R"("uri":"https://a/b","ackUri":"https://a/v1/x","headers":{"a":["b\r\nc: d"]})"),
        spooled(R"("uri":"https://a/b","ackUri":"https://a/v1/x","headers":{"a b":["c"]})"),
        spooled(R"("uri":"https://a/b","ackUri":"https://a/v1/x","headers":{"a":["b","c"]})")}) {
    EXPECT_EQ(code(json), ErrorCode::kUnavailable) << json;
  }
  EXPECT_EQ(code(data_of("arrow", "")), ErrorCode::kUnsupported);
  EXPECT_EQ(code(data_of("json", inline_segment("[]", R"("segmentSize":134217729)"))),
            ErrorCode::kResourceExhausted);
}

TEST(SpooledSegments, bytes_that_are_not_what_was_announced_are_an_error) {
  const std::string rows = "[[1]]";
  const std::string small = compressed(rows);
  SpooledSegment segment;
  segment.is_compressed = true;
  segment.rows_bytes = rows.size();
  EXPECT_TRUE(decode_segment(segment, small).ok());
  EXPECT_FALSE(decode_segment(segment, small.substr(0, small.size() - 1)).ok());
  EXPECT_FALSE(decode_segment(segment, rows).ok());
  segment.rows_bytes = rows.size() - 1;  // a bomb is cut at what was announced
  EXPECT_FALSE(decode_segment(segment, small).ok());
  segment.rows_bytes = rows.size() + 1;
  EXPECT_FALSE(decode_segment(segment, small).ok());
  segment.is_compressed = false;
  segment.rows_bytes = 2;
  EXPECT_FALSE(decode_segment(segment, "{}").ok());
  EXPECT_TRUE(decode_segment(segment, "[]").ok());
}

}  // namespace
}  // namespace firn::federation
