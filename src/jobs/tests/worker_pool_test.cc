#include "jobs/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

#include <fmt/format.h>

#include "jobs/outbox.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "platform/testing.h"

namespace firn::jobs {
namespace {

struct Greeting {
  std::string name;
  int64_t times = 1;
  double loud = 0.5;
  bool formal = false;
  std::vector<std::string> titles;
  std::optional<std::string> note;

  template <typename Visit>
  static void members(Visit&& visit) {
    visit("name", &Greeting::name, kRequired);
    visit("times", &Greeting::times);
    visit("loud", &Greeting::loud);
    visit("formal", &Greeting::formal);
    visit("titles", &Greeting::titles);
    visit("note", &Greeting::note);
  }
};

std::string refusal(std::string_view args) {
  const auto decoded = decode_arguments<Greeting>(args);
  return decoded.ok() ? "accepted" : decoded.error().message();
}

TEST(ArgumentsTest, structs_to_json_and_back) {
  const Greeting given{"Zoë \"Z\"", 3, 1.25, true, {"Dr", "Prof"}, "n"};
  const std::string json = encode_arguments(given);
  EXPECT_EQ(json, R"([{"name":"Zoë \"Z\"","times":3,"loud":1.25,"formal":true,)"
                  R"("titles":["Dr","Prof"],"note":"n"}])");
  const Greeting read = MUST(decode_arguments<Greeting>(json));
  EXPECT_EQ(encode_arguments(read), json);
  EXPECT_FALSE(MUST(decode_arguments<Greeting>(R"([{"name":"x","note":null}])")).note);
  EXPECT_EQ(refusal(R"([{}])"), "the argument has no name");
  EXPECT_EQ(refusal(R"([{"name":1}])"), "name has to be a string");
  EXPECT_EQ(refusal(R"([{"name":"x","times":1.5}])"), "times has to be a whole number");
  EXPECT_EQ(refusal(R"([{"name":"x","eat":1}])"), "the argument knows no eat");
  EXPECT_EQ(refusal(R"([1,2])"), "this job takes one argument, an object");
}

class WorkerPoolTest : public ::testing::Test {
 protected:
  WorkerPoolTest() {
    QueueOptions options;
    options.wal.directory = folder_.path() + "/jobs";
    options.wal.segment_bytes = 1 << 20;
    options.tick_every = std::chrono::milliseconds(20);
    queue_ = MUST(Queue::open(options, platform::local_file_system(), platform::system_clock(),
                              platform::system_random()));
  }
  void push(const std::string& jid, const std::string& type, const std::string& args,
            const std::string& queue = "default") {
    const auto job = fmt::format(R"({{"jid":"{}","jobtype":"{}","args":{},"queue":"{}"}})", jid,
                                 type, args, queue);
    const Ticket ticket =
        MUST(queue_->push(MUST(parse_job(job, platform::system_clock().now_us()))));
    ASSERT_TRUE(queue_->settle(ticket).ok());
  }
  std::unique_ptr<WorkerPool> start(Handlers handlers, WorkerPoolOptions options = {}) {
    return std::make_unique<WorkerPool>(
        options, embedded_sources(*queue_, platform::system_clock(), {"firn-worker"}),
        std::move(handlers), platform::system_clock(), platform::system_random());
  }
  template <typename F>
  void eventually(F condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_TRUE(condition());
  }

  platform::TemporaryDirectory folder_;
  std::unique_ptr<Queue> queue_;
};

TEST_F(WorkerPoolTest, handlers_get_their_arguments_and_end_jobs) {
  std::atomic<int64_t> greeted{0};
  Handlers handlers;
  handlers.add<Greeting>("greet", [&](const Greeting& greeting, JobContext& context) -> Status {
    context.progress(50, "greeting " + greeting.name);
    greeted += greeting.times;
    return {};
  });
  handlers.add("refuse",
               [](JobContext&) -> Status { return Error(ErrorCode::kPermissionDenied, "no"); });
  handlers.add("stumble",
               [](JobContext&) -> Status { return Error(ErrorCode::kUnavailable, "later"); });
  const auto pool = start(std::move(handlers), {2, {{"default", 2}, {"other", 1}}});
  for (int i = 0; i < 20; ++i) {
    push(fmt::format("greet-{:04}", i), "greet", R"([{"name":"x","times":2}])",
         i % 2 ? "default" : "other");
  }
  push("broken-001", "greet", "[]");
  push("refused-01", "refuse", "[]");
  push("stumble-01", "stumble", "[]");
  push("unknown-01", "nobody-knows", "[]");
  eventually([&] { return queue_->stats().counters.processed == 24; });
  EXPECT_EQ(greeted, 40);
  // No second try helps against bad arguments or missing rights.
  EXPECT_EQ(queue_->stats().dead, 2U);
  EXPECT_EQ(queue_->stats().retries, 2U);
  EXPECT_EQ(queue_->workers().list().at(0).wid, "firn-worker");
}

TEST_F(WorkerPoolTest, a_job_that_is_cancelled_is_tried_again) {
  std::atomic<bool> began{false};
  Handlers handlers;
  handlers.add("long", [&](JobContext& context) -> Status {
    began = true;
    while (!context.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Error(ErrorCode::kCancelled, "told to end");
  });
  const auto pool = start(std::move(handlers));
  push("long-00001", "long", "[]");
  eventually([&] { return began.load(); });
  EXPECT_EQ(pool->running(), 1);
  EXPECT_FALSE(pool->cancel("nobody-01"));
  EXPECT_TRUE(pool->cancel("long-00001"));
  eventually([&] { return queue_->stats().retries == 1; });
  push("long-00002", "long", "[]");
  eventually([&] { return pool->running() == 1; });
  pool->stop(std::chrono::milliseconds(10));  // gives up, and the job waits for somebody else
  EXPECT_EQ(queue_->stats().retries, 1U);
  EXPECT_EQ(queue_->stats().waiting, 1U);
}

TEST_F(WorkerPoolTest, reservations_move_while_a_handler_runs) {
  std::atomic<bool> end{false};
  Handlers handlers;
  handlers.add("long", [&](JobContext&) -> Status {
    while (!end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  });
  WorkerPoolOptions options;
  options.beat_every = std::chrono::milliseconds(20);
  options.reserve_ahead = std::chrono::hours(20);
  const auto pool = start(std::move(handlers), options);
  push("long-00001", "long", "[]");
  eventually([&] { return pool->running() == 1; });
  eventually([&] {
    return queue_->job("long-00001").ok() &&
           queue_->job("long-00001")->when_us >
               platform::system_clock().now_us() + 10LL * 3600 * kSecondUs;
  });
  end = true;
  eventually([&] { return queue_->stats().working == 0; });
}

TEST_F(WorkerPoolTest, the_outbox_pushes_what_was_committed_and_nothing_else) {
  const auto database = MUST(store::Database::open(folder_.path() + "/firn.db"));
  const auto outbox = MUST(Outbox::create(
      *database, embedded_sources(*queue_, platform::system_clock(), {"firn-outbox"})));
  const auto job = [](int i) {
    return fmt::format(R"({{"jid":"outbox-{:03}","jobtype":"t","args":[]}})", i);
  };
  ASSERT_TRUE(database
                  ->write([&](store::Transaction& transaction) -> Status {
                    TRY(outbox->push(transaction, job(1), 1));
                    return outbox->push(transaction, job(2), 1);
                  })
                  .ok());
  EXPECT_FALSE(database
                   ->write([&](store::Transaction& transaction) -> Status {
                     TRY(outbox->push(transaction, job(3), 1));
                     return Error(ErrorCode::kConflict, "rolled back");
                   })
                   .ok());
  EXPECT_FALSE(database
                   ->write([&](store::Transaction& transaction) -> Status {
                     return outbox->push(transaction, "{}", 1);
                   })
                   .ok());
  outbox->committed();
  eventually([&] { return queue_->stats().waiting == 2; });
  ASSERT_TRUE(outbox->relay().ok());
  EXPECT_EQ(queue_->stats().waiting, 2U);
}

}  // namespace
}  // namespace firn::jobs
