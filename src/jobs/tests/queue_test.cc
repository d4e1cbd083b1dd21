#include "jobs/queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include <fmt/format.h>

#include "platform/random.h"
#include "platform/testing.h"

namespace firn::jobs {
namespace {

class Waiter final : public JobWaiter {
 public:
  using JobWaiter::JobWaiter;
  void deliver(Fetched fetched) override { got = std::move(fetched); }
  std::optional<Fetched> got;
};

class QueueTest : public ::testing::Test {
 protected:
  QueueTest() {
    options_.wal.directory = folder_.path() + "/jobs";
    options_.wal.segment_bytes = 1 << 20;
    options_.tick_every = std::chrono::milliseconds(0);
    open();
  }
  void open() {
    queue_.reset();
    queue_ = MUST(Queue::open(options_, files_, clock_, platform::system_random()));
  }
  // Without the commit of a closing: what is not settled is lost.
  void crash() {
    files_.fail_writes(true);
    queue_.reset();
    files_.fail_writes(false);
    open();
  }

  static std::string json(const std::string& jid, const std::string& more = "") {
    return fmt::format(R"({{"jid":"{}","jobtype":"t","args":[1]{}}})", jid,
                       more.empty() ? "" : "," + more);
  }
  Status push(const std::string& jid, const std::string& more = "") {
    const Ticket ticket = TRY(queue_->push(MUST(parse_job(json(jid, more), clock_.now_us()))));
    return queue_->settle(ticket);
  }
  // The jid; empty where there is none.
  std::string fetch(std::vector<std::string> queues = {"default"}) {
    const auto waiter = std::make_shared<Waiter>(std::move(queues), "worker-1");
    const auto fetched = MUST(queue_->fetch(waiter, false));
    return fetched ? fetched->jid : "";
  }
  std::string fetch_json(const std::string& queue = "default") {
    const auto waiter = std::make_shared<Waiter>(std::vector<std::string>{queue}, "worker-1");
    const auto fetched = MUST(queue_->fetch(waiter, false));
    return fetched ? fetched->json : "";
  }
  void ack(const std::string& jid) { ASSERT_TRUE(queue_->settle(MUST(queue_->ack(jid))).ok()); }
  void fail(const std::string& jid) {
    ASSERT_TRUE(queue_->settle(MUST(queue_->fail(jid, {"Oops", "it broke", {}, true}))).ok());
  }
  void pass_seconds(int64_t seconds) {
    clock_.advance_us(seconds * kSecondUs);
    queue_->tick();
  }

  platform::TemporaryDirectory folder_;
  platform::ManualClock clock_;
  platform::FaultyFileSystem files_{platform::local_file_system()};
  QueueOptions options_;
  std::unique_ptr<Queue> queue_;
};

TEST_F(QueueTest, jobs_come_in_order_and_queues_as_they_are_named) {
  ASSERT_TRUE(push("low-00001", R"("queue":"low")").ok());
  ASSERT_TRUE(push("high-0001", R"("queue":"high")").ok());
  ASSERT_TRUE(push("high-0002", R"("queue":"high")").ok());
  EXPECT_EQ(fetch({"high", "low"}), "high-0001");
  EXPECT_EQ(fetch({"low", "high"}), "low-00001");
  EXPECT_EQ(fetch({"none", "high"}), "high-0002");
  EXPECT_EQ(fetch({"high", "low"}), "");
  EXPECT_EQ(queue_->stats().working, 3U);
  EXPECT_EQ(queue_->stats().counters.enqueued, 3U);
}

TEST_F(QueueTest, everything_survives_a_crash) {
  ASSERT_TRUE(push("waiting-1").ok());
  ASSERT_TRUE(push("waiting-2").ok());
  ASSERT_TRUE(push("done-0001").ok());
  ASSERT_TRUE(push("sched-001", R"("at":"2030-01-01T00:00:00Z")").ok());
  ASSERT_TRUE(push("failing-1", R"("queue":"f")").ok());
  ASSERT_TRUE(push("dead-0001", R"("queue":"f","retry":-1)").ok());
  EXPECT_EQ(fetch({"f"}), "failing-1");
  EXPECT_EQ(fetch({"f"}), "dead-0001");
  fail("failing-1");
  fail("dead-0001");
  EXPECT_EQ(fetch(), "waiting-1");
  ack("done-0001");  // waits, was never fetched: stays
  ASSERT_TRUE(queue_->settle(MUST(queue_->set_paused({"f"}, true))).ok());
  crash();
  const QueueStats stats = queue_->stats();
  EXPECT_EQ(stats.working, 1U);
  EXPECT_EQ(stats.waiting, 2U);
  EXPECT_EQ(stats.scheduled, 1U);
  EXPECT_EQ(stats.retries, 1U);
  EXPECT_EQ(stats.dead, 1U);
  EXPECT_EQ(stats.counters.failures, 2U);
  EXPECT_TRUE(queue_->queues()[1].paused);
  EXPECT_EQ(fetch(), "waiting-2");
  EXPECT_EQ(fetch(), "done-0001");
  ack("waiting-1");
  crash();
  EXPECT_EQ(queue_->stats().counters.processed, 3U);
}

TEST_F(QueueTest, an_ack_counts_though_the_reservation_was_lost) {
  ASSERT_TRUE(push("job-00001").ok());
  EXPECT_EQ(fetch(), "job-00001");  // its reservation is not settled
  crash();
  EXPECT_EQ(queue_->stats().waiting, 1U);
  ack("job-00001");
  EXPECT_EQ(queue_->stats().waiting, 0U);
  EXPECT_EQ(fetch(), "");
}

TEST_F(QueueTest, a_push_without_its_answer_can_be_repeated) {
  ASSERT_TRUE(push("job-00001").ok());
  ASSERT_TRUE(push("job-00001").ok());
  EXPECT_EQ(fetch(), "job-00001");
  ASSERT_TRUE(push("job-00001").ok());
  EXPECT_EQ(fetch(), "");
  ack("job-00001");
  ASSERT_TRUE(push("job-00001").ok());
  EXPECT_EQ(fetch(), "job-00001");
}

TEST_F(QueueTest, failures_are_retried_with_growing_delays_and_die_in_the_end) {
  ASSERT_TRUE(push("job-00001", R"("retry":2,"backtrace":3)").ok());
  EXPECT_EQ(fetch(), "job-00001");
  const FailReport report{
      std::string(200, 'T'), std::string(2000, 'm'), {"a", "b", "c", "d"}, true};
  ASSERT_TRUE(queue_->fail("job-00001", report).ok());
  EXPECT_EQ(queue_->fail("job-00001", report).error().message(), "Job not found job-00001");
  pass_seconds(14);
  EXPECT_EQ(fetch(), "");
  pass_seconds(31);
  const std::string again = fetch_json();
  EXPECT_NE(again.find("\"retry_count\":0"), std::string::npos) << again;
  EXPECT_NE(again.find("\"errtype\":\"" + std::string(100, 'T') + "\""), std::string::npos);
  EXPECT_NE(again.find("\"message\":\"" + std::string(1000, 'm') + "\""), std::string::npos);
  EXPECT_NE(again.find("\"backtrace\":[\"a\",\"b\",\"c\"]"), std::string::npos) << again;
  fail("job-00001");
  pass_seconds(15);
  EXPECT_EQ(fetch(), "");
  pass_seconds(60);
  EXPECT_EQ(fetch(), "job-00001");
  fail("job-00001");
  EXPECT_EQ(queue_->stats().dead, 1U);
  pass_seconds(179 * 86'400);
  EXPECT_EQ(queue_->stats().dead, 1U);
  pass_seconds(86'400);
  EXPECT_EQ(queue_->stats().dead, 0U);
}

TEST_F(QueueTest, what_an_error_says_may_be_no_utf8) {
  ASSERT_TRUE(push("job-00001", R"("backtrace":2)").ok());
  EXPECT_EQ(fetch(), "job-00001");
  const FailReport report{
      "Bad\xff", std::string(999, 'm') + "\u00e9", {"caf\xc3(", "\xed\xa0\x80"}, true};
  ASSERT_TRUE(queue_->settle(MUST(queue_->fail("job-00001", report))).ok());
  crash();  // it opens again
  pass_seconds(60);
  const std::string again = fetch_json();
  ASSERT_TRUE(parse_object(again).ok()) << again;
  EXPECT_NE(again.find("\"errtype\":\"Bad\ufffd\""), std::string::npos) << again;
  EXPECT_NE(again.find("\"" + std::string(999, 'm') + "\""), std::string::npos) << again;
  EXPECT_NE(again.find("caf\ufffd("), std::string::npos) << again;
}

TEST_F(QueueTest, without_retries_a_failure_drops_the_job_or_kills_it) {
  ASSERT_TRUE(push("drop-0001", R"("retry":0)").ok());
  ASSERT_TRUE(push("dead-0001", R"("retry":-1)").ok());
  EXPECT_EQ(fetch(), "drop-0001");
  EXPECT_EQ(fetch(), "dead-0001");
  fail("drop-0001");
  fail("dead-0001");
  EXPECT_EQ(queue_->stats().dead, 1U);
  EXPECT_EQ(queue_->stats().retries, 0U);
  EXPECT_EQ(queue_->stats().counters.failures, 2U);
}

TEST_F(QueueTest, an_expired_reservation_goes_the_way_of_a_failure) {
  ASSERT_TRUE(push("job-00001", R"("reserve_for":60)").ok());
  EXPECT_EQ(fetch(), "job-00001");
  pass_seconds(59);
  EXPECT_EQ(queue_->stats().working, 1U);
  pass_seconds(2);
  EXPECT_EQ(queue_->stats().retries, 1U);
  pass_seconds(45);
  const std::string again = fetch_json();
  EXPECT_NE(again.find("\"errtype\":\"ReservationExpired\""), std::string::npos) << again;
  // Whoever had it was only slow, and did it.
  pass_seconds(61);
  ack("job-00001");
  EXPECT_EQ(queue_->stats().retries, 0U);
}

TEST_F(QueueTest, a_worker_that_goes_on_may_move_its_reservation) {
  ASSERT_TRUE(push("job-00001", R"("reserve_for":60,"custom":{"track":1})").ok());
  EXPECT_EQ(queue_->progress("job-00001").state, "enqueued");
  EXPECT_EQ(fetch(), "job-00001");
  ProgressUpdate update{"job-00001", 40, "half", clock_.now_us() + 200 * kSecondUs};
  ASSERT_TRUE(queue_->settle(MUST(queue_->set_progress(update))).ok());
  pass_seconds(199);
  EXPECT_EQ(queue_->progress("job-00001").state, "working");
  EXPECT_EQ(queue_->progress("job-00001").percent, 40);
  crash();
  ack("job-00001");
  EXPECT_EQ(queue_->progress("job-00001").state, "success");
  pass_seconds(31 * 60);
  EXPECT_EQ(queue_->progress("job-00001").state, "unknown");
}

TEST_F(QueueTest, a_waiter_gets_the_next_job_and_nobody_else_does) {
  const auto first = std::make_shared<Waiter>(std::vector<std::string>{"a", "b", "a"}, "worker-1");
  const auto second = std::make_shared<Waiter>(std::vector<std::string>{"b"}, "worker-2");
  EXPECT_FALSE(MUST(queue_->fetch(first, true)).has_value());
  EXPECT_FALSE(MUST(queue_->fetch(second, true)).has_value());
  ASSERT_TRUE(push("job-00001", R"("queue":"b")").ok());
  ASSERT_TRUE(first->got.has_value());
  EXPECT_EQ(first->got->jid, "job-00001");
  EXPECT_FALSE(second->got.has_value());
  EXPECT_FALSE(queue_->stop_waiting(first));
  EXPECT_TRUE(queue_->stop_waiting(second));
  ASSERT_TRUE(push("job-00002", R"("queue":"b")").ok());
  EXPECT_FALSE(second->got.has_value());
  // What could not be handed on goes back to its place.
  queue_->give_back("job-00001");
  EXPECT_EQ(fetch({"b"}), "job-00001");
}

TEST_F(QueueTest, paused_queues_give_nothing_until_they_are_resumed) {
  ASSERT_TRUE(push("job-00001").ok());
  ASSERT_TRUE(queue_->set_paused({"*"}, true).ok());
  EXPECT_EQ(fetch(), "");
  const auto waiter = std::make_shared<Waiter>(std::vector<std::string>{"default"}, "worker-1");
  EXPECT_FALSE(MUST(queue_->fetch(waiter, true)).has_value());
  ASSERT_TRUE(queue_->set_paused({"*"}, false).ok());
  ASSERT_TRUE(waiter->got.has_value());
  ASSERT_TRUE(queue_->remove_queues({"default"}).ok());
  EXPECT_EQ(queue_->queues().size(), 1U);  // somebody works on its job
}

TEST_F(QueueTest, unique_jobs_are_refused_while_one_is_there) {
  const std::string unique = R"("custom":{"unique_for":600})";
  ASSERT_TRUE(push("job-00001", unique).ok());
  EXPECT_EQ(push("job-00002", unique).error().message(), "Job not unique");
  crash();
  EXPECT_EQ(push("job-00002", unique).error().code(), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(push("job-00003").ok());  // asks for nothing
  EXPECT_EQ(fetch(), "job-00001");
  EXPECT_FALSE(push("job-00002", unique).ok());
  ack("job-00001");
  ASSERT_TRUE(push("job-00002", unique).ok());
  pass_seconds(601);
  ASSERT_TRUE(push("job-00004", unique).ok());  // the lock ends by itself
  const std::string start = R"("queue":"s","custom":{"unique_for":600,"unique_until":"start"})";
  ASSERT_TRUE(push("start-001", start).ok());
  EXPECT_FALSE(push("start-002", start).ok());
  EXPECT_EQ(fetch({"s"}), "start-001");
  ASSERT_TRUE(push("start-002", start).ok());
}

TEST_F(QueueTest, an_old_jobs_lock_does_not_take_a_younger_ones) {
  const std::string unique = R"("reserve_for":3600,"custom":{"unique_for":600})";
  ASSERT_TRUE(push("old-00001", unique).ok());
  EXPECT_EQ(fetch(), "old-00001");
  pass_seconds(601);
  ASSERT_TRUE(push("young-001", unique).ok());
  fail("old-00001");
  EXPECT_FALSE(push("other-001", unique).ok());
  crash();
  EXPECT_FALSE(push("other-001", unique).ok());
  // The log is written again, oldest first, until nothing of before is in it.
  pass_seconds(60);
  EXPECT_EQ(fetch(), "young-001");
  const std::string padding =
      R"("queue":"x","custom":{"pad":")" + std::string(50'000, 'x') + R"("})";
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(push(fmt::format("pad-{:05}", i), padding).ok());
    ack(fetch({"x"}));
    if (i % 20 == 0) queue_->tick();
  }
  crash();
  EXPECT_FALSE(push("other-001", unique).ok());
  ack("young-001");
  crash();
  ASSERT_TRUE(push("other-001", unique).ok());
}

TEST_F(QueueTest, a_lock_that_was_let_go_stays_so) {
  const std::string start = R"("custom":{"unique_for":600,"unique_until":"start"})";
  ASSERT_TRUE(push("start-001", start).ok());
  EXPECT_EQ(fetch(), "start-001");
  ASSERT_TRUE(queue_->settle_all().ok());
  crash();
  ASSERT_TRUE(push("start-002", start).ok());
  // A dead job's jid comes anew and asks for nothing.
  ASSERT_TRUE(push("dead-0001", R"("retry":-1,"queue":"d","custom":{"unique_for":600})").ok());
  EXPECT_EQ(fetch({"d"}), "dead-0001");
  fail("dead-0001");
  ASSERT_TRUE(push("dead-0001", R"("queue":"d")").ok());
  ASSERT_TRUE(push("other-001", R"("queue":"d","custom":{"unique_for":600})").ok());
}

TEST_F(QueueTest, jobs_that_came_too_late_are_dropped) {
  ASSERT_TRUE(push("late-0001", R"("custom":{"expires_at":"2023-11-14T22:14:00Z"})").ok());
  ASSERT_TRUE(push("job-00001").ok());
  pass_seconds(41);
  EXPECT_EQ(fetch(), "job-00001");
  EXPECT_EQ(queue_->stats().waiting, 0U);
}

TEST_F(QueueTest, many_that_came_too_late_do_not_keep_others_waiting) {
  const std::string late = R"("custom":{"expires_at":"2023-11-14T22:14:00Z"})";
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(queue_->push(MUST(parse_job(json(fmt::format("late-{:04}", i), late), 0))).ok());
  }
  ASSERT_TRUE(push("job-00001").ok());
  clock_.advance_us(41 * kSecondUs);
  const auto waiter = std::make_shared<Waiter>(std::vector<std::string>{"default"}, "worker-1");
  EXPECT_FALSE(MUST(queue_->fetch(waiter, true)).has_value());
  EXPECT_EQ(queue_->stats().waiting, 2001U);  // what one look drops has a bound
  queue_->tick();
  ASSERT_TRUE(waiter->got.has_value());
  EXPECT_EQ(waiter->got->jid, "job-00001");
  EXPECT_EQ(queue_->stats().waiting, 0U);
}

TEST_F(QueueTest, what_came_too_late_goes_though_nobody_asks) {
  const std::string late =
      R"("queue":"calm","custom":{"unique_for":600,"expires_at":"2023-11-14T22:14:00Z"})";
  ASSERT_TRUE(push("late-0001", late).ok());
  ASSERT_TRUE(queue_->set_paused({"calm"}, true).ok());
  pass_seconds(39);
  EXPECT_EQ(queue_->stats().waiting, 1U);
  crash();
  pass_seconds(2);
  EXPECT_EQ(queue_->stats().waiting, 0U);
  crash();
  EXPECT_EQ(queue_->stats().waiting, 0U);
}

TEST_F(QueueTest, sets_are_changed_by_id_type_and_pattern) {
  for (int i = 1; i <= 6; ++i) {
    ASSERT_TRUE(push(fmt::format("sched-{:03}", i),
                     fmt::format(R"("at":"2030-01-01T00:00:00Z","custom":{{"n":"v{}"}})", i))
                    .ok());
  }
  const auto mutate = [&](MutateCommand command, JobSet set, JobFilter filter) {
    ASSERT_TRUE(queue_->settle(MUST(queue_->mutate(command, set, filter))).ok());
  };
  mutate(MutateCommand::kKill, JobSet::kScheduled, {{"sched-001", "nobody-1"}, "", ""});
  mutate(MutateCommand::kDiscard, JobSet::kScheduled, {{}, "", "*\"n\":\"v2\"*"});
  mutate(MutateCommand::kRequeue, JobSet::kScheduled, {{"sched-003"}, "t", ""});
  mutate(MutateCommand::kRequeue, JobSet::kScheduled, {{"sched-004"}, "other", ""});
  EXPECT_EQ(queue_->stats().dead, 1U);
  EXPECT_EQ(queue_->stats().scheduled, 3U);
  EXPECT_EQ(fetch(), "sched-003");
  mutate(MutateCommand::kRequeue, JobSet::kDead, {});
  EXPECT_EQ(fetch(), "sched-001");
  mutate(MutateCommand::kClear, JobSet::kScheduled, {});
  EXPECT_EQ(queue_->stats().scheduled, 0U);
  ASSERT_TRUE(queue_->settle(MUST(queue_->flush())).ok());
  crash();
  EXPECT_EQ(queue_->stats().working, 0U);
}

TEST_F(QueueTest, callbacks_come_when_all_was_tried_and_when_all_is_done) {
  const auto callback = [](const char* type) {
    return fmt::format(R"({{"jobtype":"{}","args":[],"queue":"cb"}})", type);
  };
  const auto [bid, made] =
      MUST(queue_->new_batch({"", "two jobs", callback("success"), callback("complete")}));
  const std::string member = R"("retry":3,"custom":{"bid":")" + bid + R"("})";
  ASSERT_TRUE(push("member-01", member).ok());
  ASSERT_TRUE(push("member-02", member).ok());
  EXPECT_EQ(fetch(), "member-01");
  ack("member-01");
  ASSERT_TRUE(queue_->settle(MUST(queue_->commit_batch(bid))).ok());
  EXPECT_EQ(push("member-03", member).error().code(), ErrorCode::kConflict);
  crash();
  EXPECT_EQ(fetch(), "member-02");
  fail("member-02");
  Batch batch = MUST(queue_->batch(bid));
  EXPECT_EQ(batch.total, 2U);
  EXPECT_EQ(batch.pending, 1U);
  EXPECT_EQ(batch.failed, 1U);
  EXPECT_EQ(batch.complete_state, 1);
  const std::string complete = fetch({"cb"});
  ASSERT_NE(complete, "");
  ack(complete);
  crash();
  EXPECT_EQ(MUST(queue_->batch(bid)).complete_state, 2);
  EXPECT_EQ(fetch({"cb"}), "");
  pass_seconds(45);
  EXPECT_EQ(fetch(), "member-02");
  ack("member-02");
  EXPECT_EQ(MUST(queue_->batch(bid)).success_state, 1);
  const std::string success = fetch({"cb"});
  crash();
  ack(success);
  batch = MUST(queue_->batch(bid));
  EXPECT_EQ(batch.success_state, 2);
  EXPECT_EQ(batch.pending, 0U);
  EXPECT_NE(batch.ended_us, 0);
  pass_seconds(25 * 3600);
  EXPECT_FALSE(queue_->batch(bid).ok());
}

TEST_F(QueueTest, a_parents_callback_waits_for_that_of_its_child) {
  const std::string callback = R"({"jobtype":"cb","args":[],"queue":"cb"})";
  const auto [parent, t1] = MUST(queue_->new_batch({"", "", callback, ""}));
  const auto [child, t2] = MUST(queue_->new_batch({parent, "", callback, ""}));
  ASSERT_TRUE(push("member-01", R"("custom":{"bid":")" + child + R"("})").ok());
  ASSERT_TRUE(queue_->commit_batch(child).ok());
  ASSERT_TRUE(queue_->settle(MUST(queue_->commit_batch(parent))).ok());
  EXPECT_EQ(fetch(), "member-01");
  crash();
  EXPECT_EQ(fetch(), "member-01");  // its reservation was not settled
  ack("member-01");
  EXPECT_EQ(MUST(queue_->batch(child)).success_state, 1);
  EXPECT_EQ(MUST(queue_->batch(parent)).success_state, 0);
  ack(fetch({"cb"}));
  EXPECT_EQ(MUST(queue_->batch(parent)).success_state, 1);
  ack(fetch({"cb"}));
  EXPECT_NE(MUST(queue_->batch(parent)).ended_us, 0);
  EXPECT_FALSE(queue_->open_batch("b-none").ok());
  EXPECT_EQ(queue_->open_batch(parent).error().code(), ErrorCode::kConflict);
}

TEST_F(QueueTest, batches_end_though_a_job_was_dropped) {
  const auto callback = [](const char* type) {
    return fmt::format(R"({{"jobtype":"{}","args":[],"queue":"cb","retry":0}})", type);
  };
  const auto [parent, t1] = MUST(queue_->new_batch({"", "", callback("s"), callback("c")}));
  const auto [child, t2] = MUST(queue_->new_batch({parent, "", callback("s"), ""}));
  const std::string member = R"("retry":0,"custom":{"bid":")" + child + R"("})";
  ASSERT_TRUE(push("member-01", member).ok());
  ASSERT_TRUE(push("member-02", member).ok());
  ASSERT_TRUE(queue_->commit_batch(child).ok());
  ASSERT_TRUE(queue_->settle(MUST(queue_->commit_batch(parent))).ok());
  EXPECT_EQ(fetch(), "member-01");
  fail("member-01");
  EXPECT_EQ(MUST(queue_->batch(child)).ended_us, 0);
  crash();
  EXPECT_EQ(fetch(), "member-02");
  ack("member-02");
  Batch batch = MUST(queue_->batch(child));
  EXPECT_NE(batch.ended_us, 0);
  EXPECT_EQ(batch.success_state, Batch::kNever);
  EXPECT_EQ(batch.pending, 1U);
  EXPECT_EQ(queue_->open_batch(child).error().code(), ErrorCode::kConflict);
  // All was tried; that not all was done is the parent's end, too.
  crash();
  const std::string complete = fetch_json("cb");
  EXPECT_NE(complete.find("\"jobtype\":\"c\""), std::string::npos) << complete;
  EXPECT_EQ(fetch({"cb"}), "");
  EXPECT_EQ(MUST(queue_->batch(parent)).ended_us, 0);
  ack(std::string(MUST(parse_job(complete, 0)).jid()));
  batch = MUST(queue_->batch(parent));
  EXPECT_EQ(batch.complete_state, Batch::kDone);
  EXPECT_EQ(batch.success_state, Batch::kNever);
  EXPECT_NE(batch.ended_us, 0);
  EXPECT_EQ(fetch({"cb"}), "");
  pass_seconds(25 * 3600);
  pass_seconds(11);
  EXPECT_TRUE(queue_->batches().empty());
}

TEST_F(QueueTest, batches_end_though_a_callback_was_dropped) {
  const std::string callback = R"({"jobtype":"cb","args":[],"queue":"cb","retry":0})";
  const auto [bid, made] = MUST(queue_->new_batch({"", "", callback, callback}));
  ASSERT_TRUE(queue_->settle(MUST(queue_->commit_batch(bid))).ok());
  fail(fetch({"cb"}));
  EXPECT_NE(MUST(queue_->batch(bid)).ended_us, 0);
  EXPECT_EQ(fetch({"cb"}), "");
  pass_seconds(25 * 3600);
  EXPECT_TRUE(queue_->batches().empty());
}

TEST_F(QueueTest, batches_that_are_never_committed_go_in_the_end) {
  const auto [idle, t1] = MUST(queue_->new_batch({"", "idle", "", ""}));
  const auto [inner, t2] = MUST(queue_->new_batch({idle, "inner", "", ""}));
  const auto [used, t3] = MUST(queue_->new_batch({"", "used", "", ""}));
  ASSERT_TRUE(
      push("later-001", R"("at":"2030-01-01T00:00:00Z","custom":{"bid":")" + used + "\"}").ok());
  pass_seconds(29 * 86'400);
  EXPECT_EQ(queue_->batches().size(), 3U);
  pass_seconds(86'400);
  EXPECT_EQ(push("job-00001", R"("custom":{"bid":")" + inner + "\"}").error().code(),
            ErrorCode::kConflict);
  for (int i = 0; i < 5; ++i) pass_seconds(86'400);
  ASSERT_EQ(queue_->batches().size(), 1U);
  EXPECT_EQ(queue_->batches()[0].bid, used);
}

TEST_F(QueueTest, a_callback_leaves_another_job_of_its_name_alone) {
  const std::string callback = R"({"jid":"callback-1","jobtype":"cb","args":[],"queue":"cb"})";
  const auto [bid, made] = MUST(queue_->new_batch({"", "", callback, ""}));
  ASSERT_TRUE(push("callback-1", R"("queue":"mine")").ok());
  ASSERT_TRUE(queue_->settle(MUST(queue_->commit_batch(bid))).ok());
  EXPECT_EQ(fetch({"mine"}), "callback-1");
  const std::string other = fetch({"cb"});
  EXPECT_NE(other, "");
  EXPECT_NE(other, "callback-1");
  ack(other);
  EXPECT_NE(MUST(queue_->batch(bid)).ended_us, 0);
}

TEST_F(QueueTest, batches_are_nested_to_a_bound_and_end_from_within) {
  std::vector<std::string> bids = {""};
  for (int i = 0; i < 32; ++i) {
    bids.push_back(MUST(queue_->new_batch({bids.back(), "", "", ""})).first);
  }
  EXPECT_EQ(queue_->new_batch({bids.back(), "", "", ""}).error().message(),
            "batches are nested at most 32 deep");
  ASSERT_TRUE(push("member-01", R"("custom":{"bid":")" + bids.back() + "\"}").ok());
  for (size_t i = 1; i < bids.size(); ++i) ASSERT_TRUE(queue_->commit_batch(bids[i]).ok());
  ASSERT_TRUE(queue_->settle_all().ok());
  EXPECT_EQ(fetch(), "member-01");
  EXPECT_EQ(MUST(queue_->batch(bids[1])).ended_us, 0);
  crash();
  EXPECT_EQ(fetch(), "member-01");
  ack("member-01");
  for (size_t i = 1; i < bids.size(); ++i) EXPECT_NE(MUST(queue_->batch(bids[i])).ended_us, 0);
}

TEST_F(QueueTest, an_empty_batch_is_complete_when_it_is_committed) {
  const std::string callback = R"({"jid":"callback-1","jobtype":"cb","args":[],"queue":"cb"})";
  const auto [bid, ticket] = MUST(queue_->new_batch({"", "", "", callback}));
  EXPECT_EQ(fetch({"cb"}), "");
  ASSERT_TRUE(queue_->commit_batch(bid).ok());
  EXPECT_EQ(fetch({"cb"}), "callback-1");
}

TEST_F(QueueTest, schedules_push_on_time_and_make_up_once_for_what_was_missed) {
  // It is Tuesday, 2023-11-14T22:13:20Z.
  Schedule schedule{"nightly", "30 22 * * *", "", R"({"jobtype":"t","args":[],"queue":"n"})"};
  ASSERT_TRUE(queue_->settle(MUST(queue_->set_schedule(schedule))).ok());
  pass_seconds(16 * 60);
  EXPECT_EQ(fetch({"n"}), "");
  pass_seconds(60);
  EXPECT_EQ(fetch({"n"}), "cron-nightly-1700001000");
  pass_seconds(1);
  EXPECT_EQ(fetch({"n"}), "");
  ack("cron-nightly-1700001000");
  crash();
  clock_.advance_us(5 * 86'400 * kSecondUs);
  queue_->tick();
  EXPECT_EQ(fetch({"n"}), "cron-nightly-1700087400");
  EXPECT_EQ(fetch({"n"}), "");
  EXPECT_EQ(queue_->schedules()[0].next_us, (1'700'001'000 + 6 * 86'400) * kSecondUs);
  schedule.paused = true;
  ASSERT_TRUE(queue_->set_schedule(schedule).ok());
  pass_seconds(10 * 86'400);
  EXPECT_EQ(fetch({"n"}), "");
  schedule.cron = "99 * * * *";
  EXPECT_FALSE(queue_->set_schedule(schedule).ok());
  ASSERT_TRUE(queue_->settle(MUST(queue_->remove_schedule("nightly"))).ok());
  EXPECT_FALSE(queue_->remove_schedule("nightly").ok());
  crash();
  EXPECT_TRUE(queue_->schedules().empty());
}

TEST_F(QueueTest, limits_hold_for_queues_types_and_keys) {
  for (int i = 1; i <= 4; ++i) {
    ASSERT_TRUE(push(fmt::format("keyed-{:03}", i), R"("custom":{"limit_key":"customer-7"})").ok());
  }
  ASSERT_TRUE(push("other-001").ok());
  ASSERT_TRUE(queue_->settle(MUST(queue_->set_limit({LimitKind::kKey, "customer-7", 1}))).ok());
  EXPECT_EQ(fetch(), "keyed-001");
  EXPECT_EQ(fetch(), "other-001");  // past those that have to wait
  EXPECT_EQ(fetch(), "");
  crash();
  // The reservations were not settled; both wait again.
  EXPECT_EQ(fetch(), "keyed-001");
  const auto waiter = std::make_shared<Waiter>(std::vector<std::string>{"default"}, "worker-1");
  EXPECT_EQ(fetch(), "other-001");
  EXPECT_FALSE(MUST(queue_->fetch(waiter, true)).has_value());
  ack("keyed-001");
  ASSERT_TRUE(waiter->got.has_value());
  EXPECT_EQ(waiter->got->jid, "keyed-002");
  fail("keyed-002");
  EXPECT_EQ(fetch(), "keyed-003");
  ASSERT_TRUE(queue_->remove_limit(LimitKind::kKey, "customer-7").ok());
  EXPECT_EQ(fetch(), "keyed-004");
  // Two a minute of this type, whatever the queue.
  ASSERT_TRUE(queue_->set_limit({LimitKind::kType, "t", 0, 2, 60}).ok());
  for (int i = 1; i <= 4; ++i) ASSERT_TRUE(push(fmt::format("rated-{:03}", i)).ok());
  EXPECT_EQ(fetch(), "rated-001");
  EXPECT_EQ(fetch(), "rated-002");
  EXPECT_EQ(fetch(), "");
  pass_seconds(31);
  EXPECT_EQ(fetch(), "rated-003");
  EXPECT_EQ(fetch(), "");
  ASSERT_TRUE(queue_->set_limit({LimitKind::kQueue, "default", 1}).ok());
  pass_seconds(120);
  EXPECT_EQ(fetch(), "");
  EXPECT_FALSE(queue_->set_limit({LimitKind::kQueue, "", 1}).ok());
}

TEST_F(QueueTest, flushing_ends_what_ran_under_a_limit) {
  ASSERT_TRUE(queue_->set_limit({LimitKind::kQueue, "default", 2}).ok());
  ASSERT_TRUE(queue_->set_limit({LimitKind::kKey, "k", 1}).ok());
  const std::string keyed = R"("custom":{"limit_key":"k"})";
  ASSERT_TRUE(push("job-00001", keyed).ok());
  ASSERT_TRUE(push("job-00002").ok());
  EXPECT_EQ(fetch(), "job-00001");
  EXPECT_EQ(fetch(), "job-00002");
  ASSERT_TRUE(queue_->settle(MUST(queue_->flush())).ok());
  const auto both = [&] {
    ASSERT_TRUE(push("job-00003", keyed).ok());
    ASSERT_TRUE(push("job-00004").ok());
    EXPECT_EQ(fetch(), "job-00003");
    EXPECT_EQ(fetch(), "job-00004");
  };
  both();
  crash();
  ASSERT_TRUE(queue_->settle(MUST(queue_->flush())).ok());
  both();
}

TEST_F(QueueTest, a_disk_that_fails_refuses_and_loses_nothing) {
  ASSERT_TRUE(push("job-00001").ok());
  files_.fail_syncs(true);
  const Status failed = push("job-00002");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), ErrorCode::kStorageUnavailable);
  EXPECT_EQ(push("job-00003").error().code(), ErrorCode::kStorageUnavailable);
  const auto waiter = std::make_shared<Waiter>(std::vector<std::string>{"default"}, "worker-1");
  EXPECT_FALSE(queue_->fetch(waiter, false).ok());
  EXPECT_FALSE(queue_->ack("job-00001").ok() && queue_->stats().waiting == 0);
  files_.fail_syncs(false);
  queue_->tick();
  // The repeated push of the one that got an error is not a second job.
  ASSERT_TRUE(push("job-00002").ok());
  ASSERT_TRUE(push("job-00003").ok());
  crash();
  EXPECT_EQ(fetch(), "job-00001");
  EXPECT_EQ(fetch(), "job-00002");
  EXPECT_EQ(fetch(), "job-00003");
  EXPECT_EQ(fetch(), "");
}

TEST_F(QueueTest, a_repeated_ack_is_as_durable_as_the_first) {
  ASSERT_TRUE(push("job-00001").ok());
  ASSERT_TRUE(push("job-00002").ok());
  EXPECT_EQ(fetch(), "job-00001");
  files_.fail_syncs(true);
  EXPECT_FALSE(queue_->settle(MUST(queue_->ack("job-00001"))).ok());
  EXPECT_FALSE(queue_->ack("job-00001").ok());
  files_.fail_syncs(false);
  queue_->tick();
  // Nothing is written for those that nobody knows, also while reservations wait to be.
  EXPECT_EQ(fetch(), "job-00002");
  const int64_t operations = files_.operations();
  for (const char* jid : {"job-00001", "unknown-1"}) {
    const Ticket ticket = MUST(queue_->ack(jid));
    EXPECT_TRUE(queue_->settled(ticket));
    EXPECT_TRUE(queue_->settle(ticket).ok());
  }
  EXPECT_EQ(files_.operations(), operations);
  // The first one's answer is still on its way.
  const Ticket first = MUST(queue_->ack("job-00002"));
  EXPECT_FALSE(queue_->settled(first));
  const Ticket again = MUST(queue_->ack("job-00002"));
  EXPECT_FALSE(queue_->settled(again));
  ASSERT_TRUE(queue_->settle(again).ok());
  crash();
  EXPECT_EQ(fetch(), "");
}

TEST_F(QueueTest, every_operation_of_the_disk_may_fail_once) {
  for (int64_t nth = 1; nth < 200; ++nth) {
    platform::TemporaryDirectory folder;
    platform::FaultyFileSystem files(platform::local_file_system());
    QueueOptions options = options_;
    options.wal.directory = folder.path();
    files.fail_nth(nth);
    std::set<std::string> owed;
    {
      auto opened = Queue::open(options, files, clock_, platform::system_random());
      if (!opened.ok()) continue;
      Queue& queue = **opened;
      for (int i = 0; i < 8; ++i) {
        const std::string jid = fmt::format("job-{:05}", i);
        auto ticket = queue.push(MUST(parse_job(json(jid), clock_.now_us())));
        if (!ticket.ok()) {
          queue.tick();
          continue;
        }
        if (queue.settle(*ticket).ok()) owed.insert(jid);
      }
      files.fail_writes(true);
    }
    const auto queue = MUST(
        Queue::open(options, platform::local_file_system(), clock_, platform::system_random()));
    const auto waiter = std::make_shared<Waiter>(std::vector<std::string>{"default"}, "worker-1");
    for (auto got = MUST(queue->fetch(waiter, false)); got;
         got = MUST(queue->fetch(waiter, false))) {
      owed.erase(got->jid);
    }
    EXPECT_TRUE(owed.empty()) << "lost with fail_nth(" << nth << ")";
    if (files.operations() < nth) break;  // everything has failed once
  }
}

TEST_F(QueueTest, the_log_is_freed_and_what_is_old_in_it_survives) {
  ASSERT_TRUE(push("ancient-1", R"("queue":"old")").ok());
  ASSERT_TRUE(queue_->set_paused({"calm"}, true).ok());
  const auto [bid, made] = MUST(queue_->new_batch({"", "kept", "", json("callback-1")}));
  const std::string padding = R"("custom":{"pad":")" + std::string(4000, 'x') + R"("})";
  for (int i = 0; i < 5000; ++i) {
    const std::string jid = fmt::format("job-{:05}", i);
    ASSERT_TRUE(queue_->push(MUST(parse_job(json(jid, padding), clock_.now_us()))).ok());
    ASSERT_EQ(fetch(), jid);
    ASSERT_TRUE(queue_->ack(jid).ok());
    if (i % 100 == 0) {
      ASSERT_TRUE(queue_->settle_all().ok());
      queue_->tick();
    }
  }
  queue_->tick();
  EXPECT_LT(queue_->stats().log_bytes, 8U << 20);
  crash();
  EXPECT_EQ(fetch({"old"}), "ancient-1");
  EXPECT_EQ(MUST(queue_->batch(bid)).description, "kept");
  EXPECT_EQ(queue_->stats().counters.processed, 5000U);
  ASSERT_TRUE(push("job-calm1", R"("queue":"calm")").ok());
  EXPECT_EQ(fetch({"calm"}), "");
}

TEST_F(QueueTest, order_survives_the_freeing_of_the_log) {
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(push(fmt::format("job-{:05}", i)).ok());
  const std::string padding = R"("queue":"x","custom":{"pad":")" + std::string(4000, 'x') + R"("})";
  for (int i = 0; i < 4000; ++i) {
    const std::string jid = fmt::format("pad-{:05}", i);
    ASSERT_TRUE(queue_->push(MUST(parse_job(json(jid, padding), clock_.now_us()))).ok());
    ASSERT_EQ(fetch({"x"}), jid);
    ASSERT_TRUE(queue_->ack(jid).ok());
    if (i % 100 == 0) queue_->tick();
  }
  crash();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(fetch(), fmt::format("job-{:05}", i));
}

TEST_F(QueueTest, a_log_that_is_full_is_freed_and_goes_on) {
  options_.wal.live_bytes_max = 12 << 20;
  open();
  ASSERT_TRUE(push("ancient-1", R"("queue":"old")").ok());
  // Jobs that come and go, until there is no room for another; then time to free it.
  const std::string padding = R"("custom":{"pad":")" + std::string(100'000, 'x') + R"("})";
  const auto churn = [&] {
    for (int i = 0; i < 1000; ++i) {
      const std::string jid = fmt::format("job-{:05}", i);
      const Status pushed = push(jid, padding);
      if (!pushed.ok()) {
        EXPECT_EQ(pushed.error().code(), ErrorCode::kOverloaded);
        return;
      }
      const auto waiter = std::make_shared<Waiter>(std::vector<std::string>{"default"}, "worker-1");
      const auto fetched = queue_->fetch(waiter, false);
      if (!fetched.ok() || !queue_->ack((*fetched)->jid).ok()) return;
    }
    FAIL() << "never full";
  };
  for (int round = 0; round < 3; ++round) {
    churn();
    EXPECT_LE(queue_->stats().log_bytes, 12U << 20);
    queue_->tick();
    EXPECT_LE(queue_->stats().log_bytes, 6U << 20);
    ASSERT_TRUE(push("after-001").ok());
    ack(fetch());
    ack(fetch());
    ASSERT_TRUE(queue_->settle_all().ok());
  }
  churn();
  crash();
  queue_->tick();
  ASSERT_TRUE(push("after-002").ok());
  EXPECT_EQ(fetch({"old"}), "ancient-1");
  // More than it may hold from the beginning.
  options_.wal.live_bytes_max = 64 << 20;
  open();
  churn();
  EXPECT_GT(queue_->stats().log_bytes, 20U << 20);
  options_.wal.live_bytes_max = 12 << 20;
  crash();
  queue_->tick();
  EXPECT_LE(queue_->stats().log_bytes, 6U << 20);
  ASSERT_TRUE(push("after-003").ok());
}

TEST_F(QueueTest, jobs_are_refused_while_the_log_can_still_end_them) {
  options_.wal.live_bytes_max = 16 << 20;
  open();
  const std::string padding = R"("custom":{"pad":")" + std::string(50'000, 'x') + R"("})";
  int kept = 0;
  Status pushed;
  for (; kept < 1000 && pushed.ok(); ++kept) {
    pushed = push(fmt::format("job-{:05}", kept), padding);
    if (kept % 10 == 0) queue_->tick();
  }
  ASSERT_FALSE(pushed.ok());
  EXPECT_EQ(pushed.error().message(), "the job queue is full");
  EXPECT_EQ(queue_->new_batch({}).error().code(), ErrorCode::kOverloaded);
  const int before = kept - 1;
  for (int i = 0; i < before; ++i) ack(fetch());
  EXPECT_EQ(queue_->stats().waiting, 0U);
  EXPECT_LE(queue_->stats().log_bytes, 16U << 20);
  ASSERT_TRUE(push("after-001").ok());
}

TEST_F(QueueTest, a_log_of_what_is_alive_is_left_alone) {
  const FailReport report{"Oops", "it broke", std::vector<std::string>(50, std::string(1000, 'x')),
                          true};
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(push(fmt::format("job-{:05}", i), R"("retry":-1,"backtrace":50)").ok());
    ASSERT_TRUE(queue_->fail(fetch(), report).ok());
    ASSERT_TRUE(queue_->settle_all().ok());
  }
  queue_->tick();
  const int64_t operations = files_.operations();
  EXPECT_GT(queue_->stats().log_bytes, 8U << 20);
  EXPECT_GT(queue_->stats().bytes, 8U << 20);
  for (int i = 0; i < 5; ++i) queue_->tick();
  EXPECT_EQ(files_.operations(), operations);
  for (int i = 0; i < 3000; ++i) {
    const std::string text(1000, 'x');
    ASSERT_TRUE(queue_->new_batch({"", text, json("callback-1"), ""}).ok());
  }
  ASSERT_TRUE(queue_->settle_all().ok());
  EXPECT_GT(queue_->stats().bytes, 11U << 20);
  ASSERT_TRUE(queue_->settle(MUST(queue_->flush())).ok());
  EXPECT_EQ(queue_->stats().bytes, 0U);
}

TEST_F(QueueTest, threads_push_fetch_and_ack_at_once) {
  constexpr int kThreads = 4;
  constexpr int kJobs = 300;
  options_.tick_every = std::chrono::milliseconds(1);
  open();
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kJobs; ++i) {
        const std::string jid = fmt::format("job-{}-{:05}", t, i);
        auto ticket = queue_->push(MUST(parse_job(json(jid), clock_.now_us())));
        CHECK(queue_->settle(MUST(std::move(ticket))).ok());
        const auto waiter =
            std::make_shared<Waiter>(std::vector<std::string>{"default"}, "worker-1");
        const auto fetched = MUST(queue_->fetch(waiter, false));
        if (!fetched) continue;
        CHECK(queue_->settle(MUST(queue_->ack(fetched->jid))).ok());
        ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  while (fetch() != "") ++done;
  EXPECT_EQ(done, kThreads * kJobs);
}

}  // namespace
}  // namespace firn::jobs
