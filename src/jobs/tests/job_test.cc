#include "jobs/job.h"

#include <gtest/gtest.h>

#include "jobs/glob.h"

namespace firn::jobs {
namespace {

constexpr int64_t kNow = 1'700'000'000'000'000;

std::string refusal(std::string_view json) {
  const auto job = parse_job(json, kNow);
  return job.ok() ? "accepted" : job.error().message();
}

TEST(JobTest, what_is_missing_has_the_protocols_defaults) {
  const Job job = MUST(parse_job(R"({"jid":"12345678","jobtype":"mail","args":[]})", kNow));
  EXPECT_EQ(job.jid(), "12345678");
  EXPECT_EQ(job.queue(), "default");
  EXPECT_EQ(job.type, "mail");
  EXPECT_EQ(job.retry, 25);
  EXPECT_EQ(job.reserve_for_s, 1800);
  EXPECT_EQ(job.state, JobState::kWaiting);
  EXPECT_EQ(job.to_json(),
            R"({"jid":"12345678","queue":"default","jobtype":"mail","args":[],)"
            R"("created_at":"2023-11-14T22:13:20.000000Z","reserve_for":1800,"retry":25})");
}

TEST(JobTest, arguments_keep_every_digit_and_character) {
  const Job job = MUST(parse_job(
      "{\"jid\":\"12345678\", \"jobtype\":\"t\\n\\\"é\\u0001\",\r\n\"args\": [ 1.50 , "
      "123456789012345678901234567890, -0.0, 1e400, {\"b\" : {}, \"a\": [ [ ], null, true]}, "
      "\"\\u00e9\\ud83d\\ude00\\/\" ], \"custom\": {\"k\": 1}, \"backtrace\": 10, \"x\": {}}",
      kNow));
  EXPECT_EQ(job.type, "t\n\"é\x01");
  const std::string json = job.to_json();
  EXPECT_NE(json.find("\"args\":[1.50,123456789012345678901234567890,-0.0,1e400,"
                      "{\"b\":{},\"a\":[[],null,true]},\"é😀/\"]"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find("\"jobtype\":\"t\\n\\\"é\\u0001\""), std::string::npos) << json;
  // What was written can be read, and is the same.
  EXPECT_EQ(MUST(parse_job(json, 0)).to_json(), json);
}

TEST(JobTest, what_is_no_job_is_refused_in_known_words) {
  EXPECT_EQ(refusal(R"({"jobtype":"t","args":[]})"), "jobs must have a reasonable jid parameter");
  EXPECT_EQ(refusal(R"({"jid":"1234567","jobtype":"t","args":[]})"),
            "jobs must have a reasonable jid parameter");
  EXPECT_EQ(refusal(R"({"jid":"1234 678","jobtype":"t","args":[]})"),
            "jobs must have a reasonable jid parameter");
  EXPECT_EQ(refusal(R"({"jid":")" + std::string(129, 'a') + R"(","jobtype":"t","args":[]})"),
            "jobs must have a reasonable jid parameter");
  EXPECT_EQ(refusal(R"({"jid":"12345678","args":[]})"), "jobs must have a jobtype parameter");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t"})"), "jobs must have an args parameter");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":{}})"), "args has to be an array");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":[],"queue":"a b"})"),
            "queue names must match [a-zA-Z0-9._-]+ and have at most 128 characters");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":[],"reserve_for":59})"),
            "reserve_for has to be 60 to 86400 seconds");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":[],"reserve_for":86401})"),
            "reserve_for has to be 60 to 86400 seconds");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":[],"retry":-2})"),
            "retry has to be -1 to 1000");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":[],"at":"tomorrow"})"),
            "at has to be an RFC 3339 time");
  EXPECT_EQ(refusal(R"(["12345678"])"), "this has to be a JSON object");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":[01]})"),
            "this has to be a JSON object");
  EXPECT_EQ(refusal("{\"jid\":\"12345678\",\"jobtype\":\"t\",\"args\":[\"\xff\"]}"),
            "this has to be a JSON object");
  EXPECT_EQ(refusal(R"({"jid":"12345678","jobtype":"t","args":)" + std::string(100, '[') +
                    std::string(100, ']') + "}"),
            "this has to be a JSON object");
}

TEST(JobTest, custom_members_that_the_server_knows) {
  const Job job = MUST(parse_job(
      R"({"jid":"12345678","jobtype":"t","args":[1],"queue":"q","custom":{"bid":"b-1",)"
      R"("unique_for":60,"unique_until":"start","expires_at":"2030-01-01T00:00:00Z","track":1,)"
      R"("_bid":"b-2","_cb":"success","mine":[1]}})",
      kNow));
  ASSERT_NE(job.extras, nullptr);
  EXPECT_EQ(job.extras->bid, "b-1");
  EXPECT_EQ(job.extras->unique_for_s, 60);
  EXPECT_TRUE(job.extras->unique_until_start);
  EXPECT_EQ(job.extras->unique_key, "t\nq\n[1]");
  EXPECT_EQ(job.extras->expires_us, 1'893'456'000'000'000);
  EXPECT_TRUE(job.extras->tracked);
  EXPECT_EQ(job.extras->callback_of, "b-2");
  EXPECT_TRUE(job.extras->callback_on_success);
}

TEST(JobTest, delays_grow_with_the_fourth_power) {
  EXPECT_EQ(retry_delay_s(0, 0), 15);
  EXPECT_EQ(retry_delay_s(0, 29), 44);
  EXPECT_EQ(retry_delay_s(3, 10), 81 + 15 + 40);
  EXPECT_EQ(retry_delay_s(24, 0), 331'776 + 15);
  EXPECT_GT(retry_delay_s(INT32_MAX, 29), 0);
}

TEST(GlobTest, matches_as_redis_does) {
  EXPECT_TRUE(glob_matches("*uid:12345*", "{\"args\":[\"uid:12345\"]}"));
  EXPECT_FALSE(glob_matches("uid:12345", "{\"args\":[\"uid:12345\"]}"));
  EXPECT_TRUE(glob_matches("h?llo", "hello"));
  EXPECT_FALSE(glob_matches("h?llo", "hllo"));
  EXPECT_TRUE(glob_matches("h[ae]llo", "hallo"));
  EXPECT_FALSE(glob_matches("h[^a]llo", "hallo"));
  EXPECT_TRUE(glob_matches("h[a-c]llo", "hbllo"));
  EXPECT_TRUE(glob_matches("h\\*llo", "h*llo"));
  EXPECT_FALSE(glob_matches("h\\*llo", "hello"));
  EXPECT_TRUE(glob_matches("", ""));
  EXPECT_TRUE(glob_matches("***", "anything"));
  EXPECT_FALSE(glob_matches("a*b*c", "a-b-"));
  EXPECT_FALSE(glob_matches("[", "a"));
  // Many stars take no more than pattern * text steps.
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "*a";
  EXPECT_FALSE(glob_matches(stars + "b", std::string(100'000, 'a')));
}

}  // namespace
}  // namespace firn::jobs
