#include "jobs/record.h"

#include <gtest/gtest.h>

#include "jobs/state.h"

namespace firn::jobs {
namespace {

TEST(RecordTest, records_make_the_state_that_wrote_them) {
  std::string frame;
  Job job = MUST(parse_job(R"({"jid":"12345678","jobtype":"t","args":[1]})", 1'000'000));
  job.state = JobState::kRetrying;
  job.when_us = 77;
  job.sequence = 5;
  job.failure = std::make_unique<Failure>(Failure{3, R"({"retry_count":3})"});
  const std::string json = job.to_json();
  append_put(frame, job, Cause::kFailed);
  append_setting(frame, "pause/q", "1");
  Batch batch;
  batch.bid = "b-1";
  batch.description = "d";
  batch.total = 9;
  append_batch(frame, batch);
  append_counters(frame, 10, 2, 30);
  State state;
  state.at(7);
  ASSERT_TRUE(read_records(frame, state).ok());
  state.restored();
  ASSERT_NE(state.find("12345678"), nullptr);
  EXPECT_EQ(state.find("12345678")->job.to_json(), json);
  EXPECT_EQ(state.find("12345678")->job.failure->count, 3);
  EXPECT_EQ(state.in(JobState::kRetrying).begin()->first, 77);
  EXPECT_EQ(state.setting("pause/q"), "1");
  EXPECT_EQ(state.find_batch("b-1")->batch.total, 9U);
  EXPECT_EQ(state.counters().processed, 10U);
  // All of it written again makes the same state.
  std::string again;
  state.at(8);
  state.rewrite_oldest(again, 7, SIZE_MAX);
  State other;
  other.at(8);
  ASSERT_TRUE(read_records(again, other).ok());
  other.restored();
  EXPECT_EQ(other.find("12345678")->job.to_json(), json);
  EXPECT_EQ(other.find_batch("b-1")->batch.description, "d");
  EXPECT_EQ(other.setting("pause/q"), "1");
  EXPECT_EQ(other.counters().enqueued, 30U);
  EXPECT_EQ(other.oldest_lsn(), 8U);
}

TEST(RecordTest, a_failure_that_cannot_be_read_does_not_cost_the_job) {
  std::string frame;
  Job job = MUST(parse_job(R"({"jid":"12345678","jobtype":"t","args":[1]})", 1'000'000));
  job.state = JobState::kRetrying;
  job.failure = std::make_unique<Failure>(Failure{3, "{\"message\":\"\xff\"}"});
  append_put(frame, job, Cause::kFailed);
  State state;
  ASSERT_TRUE(read_records(frame, state).ok());
  state.restored();
  ASSERT_NE(state.find("12345678"), nullptr);
  EXPECT_EQ(state.find("12345678")->job.failure->count, 3);
  EXPECT_TRUE(parse_object(state.find("12345678")->job.to_json()).ok());
}

TEST(RecordTest, no_cut_or_changed_frame_is_taken_for_another) {
  std::string frame;
  append_reserve(frame, "12345678", "w", 5);
  append_remove(frame, "12345678", Cause::kDone);
  for (size_t cut = 1; cut < frame.size(); ++cut) {
    State state;
    const auto read = read_records(std::string_view(frame).substr(0, cut), state);
    // A frame's end is where the log says; a record's own end is the only other good place.
    if (!read.ok()) {
      EXPECT_EQ(read.error().code(), ErrorCode::kInvalidData);
    }
  }
  std::string strange = frame;
  strange[0] = 99;
  State state;
  EXPECT_FALSE(read_records(strange, state).ok());
}

}  // namespace
}  // namespace firn::jobs
