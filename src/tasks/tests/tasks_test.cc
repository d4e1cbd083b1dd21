#include "tasks/tasks.h"

#include <gtest/gtest.h>

#include "jobs/queue.h"
#include "jobs/worker_pool.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "platform/testing.h"

namespace firn::tasks {
namespace {

struct Mend {
  std::string table;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("table", &Mend::table, jobs::kRequired);
  }
};

// Tasks over a queue and a store of their own; jobs are done by work().
class TasksTest : public ::testing::Test {
 protected:
  TasksTest() {
    jobs::QueueOptions queue;
    queue.wal.directory = folder_.path() + "/jobs";
    queue.wal.segment_bytes = 1 << 20;
    queue_ = MUST(jobs::Queue::open(queue, platform::local_file_system(), clock_, random_));
    database_ = MUST(store::Database::open(folder_.path() + "/firn.db"));
    auth_ = MUST(auth::Authenticator::create(*database_, clock_, random_));
    who_.organization = MUST(auth_->directory().ensure_organization("o", "production", "lake"));
    who_.account =
        MUST(auth_->accounts().create_first(who_.organization, "reader", auth::Role::kViewer)).id;
    who_.role = auth::Role::kViewer;
    outbox_ = MUST(jobs::Outbox::create(*database_, jobs::embedded_sources(*queue_, clock_, {})));
    TasksOptions options;
    options.unfinished_max = 3;
    tasks_ = MUST(Tasks::create(options, *database_, *outbox_, *auth_, clock_, random_));
  }

  // Does what waits: whether the queue heard that all is done; none where nothing waits.
  std::optional<bool> work() {
    EXPECT_TRUE(outbox_->relay().ok());
    const auto before = queue_->stats();
    if (before.waiting == 0) return std::nullopt;
    jobs::WorkerPoolOptions options;
    options.threads = 1;
    options.queues = {{tasks_->queue(), 1}};
    jobs::WorkerPool pool(options, jobs::embedded_sources(*queue_, clock_, {"worker"}),
                          tasks_->handlers(), clock_, random_);
    while (queue_->stats().counters.processed < before.counters.processed + before.waiting) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    pool.stop(std::chrono::seconds(10));
    return queue_->stats().counters.failures == before.counters.failures;
  }
  Task now(const std::string& id) { return MUST(tasks_->find(who_, id)); }

  platform::TemporaryDirectory folder_;
  platform::Clock& clock_ = platform::system_clock();
  platform::Random& random_ = platform::system_random();
  auth::Principal who_;
  std::unique_ptr<jobs::Queue> queue_;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<auth::Authenticator> auth_;
  std::unique_ptr<jobs::Outbox> outbox_;
  std::unique_ptr<Tasks> tasks_;
};

TEST_F(TasksTest, a_task_is_there_when_its_transaction_commits_and_else_not) {
  tasks_->add<Mend>("mend", auth::Role::kViewer,
                    [](const Mend& mend, TaskContext& context) -> Result<std::string> {
                      EXPECT_EQ(context.principal.name, "reader");
                      return "{\"mended\":\"" + mend.table + "\"}";
                    });
  EXPECT_FALSE(database_
                   ->write([&](store::Transaction& transaction) -> Status {
                     TRY(tasks_->enqueue(transaction, who_, "mend", Mend{"t"}));
                     return Error(ErrorCode::kConflict, "rolled back");
                   })
                   .ok());
  EXPECT_FALSE(work());
  const Task task = MUST(tasks_->begin(who_, "mend", Mend{"t"}));
  ASSERT_TRUE(*work());
  EXPECT_EQ(now(task.id).state, TaskState::kDone);
  EXPECT_EQ(now(task.id).result, "{\"mended\":\"t\"}");
  auth::Principal other = who_;
  other.account = "other";
  EXPECT_EQ(tasks_->find(other, task.id).error().code(), ErrorCode::kNotFound);
}

TEST_F(TasksTest, what_may_pass_is_tried_again_and_what_cannot_is_not) {
  int tries = 0;
  tasks_->add<Mend>("mend", auth::Role::kViewer,
                    [&](const Mend& mend, TaskContext&) -> Result<std::string> {
                      ++tries;
                      if (mend.table == "away") return Error(ErrorCode::kUnavailable, "later");
                      return Error(ErrorCode::kNotFound, "never");
                    });
  const Task never = MUST(tasks_->begin(who_, "mend", Mend{"none"}));
  ASSERT_TRUE(*work());  // the queue is done with it
  EXPECT_EQ(now(never.id).state, TaskState::kFailed);
  const Task later = MUST(tasks_->begin(who_, "mend", Mend{"away"}));
  for (int attempt = 1; attempt < 5; ++attempt) {
    ASSERT_FALSE(*work());
    EXPECT_EQ(now(later.id).state, TaskState::kWaiting);
    EXPECT_EQ(now(later.id).error->message(), "later");
    ASSERT_TRUE(queue_->requeue(later.id).ok());
  }
  ASSERT_TRUE(*work());
  EXPECT_EQ(now(later.id).state, TaskState::kFailed);
  EXPECT_EQ(tries, 6);
}

TEST_F(TasksTest, only_whoever_still_may_has_it_done) {
  tasks_->add<Mend>("mend", auth::Role::kEditor,
                    [](const Mend&, TaskContext&) -> Result<std::string> {
                      ADD_FAILURE() << "it ran";
                      return std::string();
                    });
  const Task weak = MUST(tasks_->begin(who_, "mend", Mend{"t"}));
  ASSERT_TRUE(*work());
  EXPECT_EQ(now(weak.id).error->code(), ErrorCode::kPermissionDenied);
}

TEST_F(TasksTest, unfinished_tasks_have_a_bound_and_can_be_cancelled) {
  tasks_->add<Mend>("mend", auth::Role::kViewer,
                    [](const Mend&, TaskContext&) -> Result<std::string> { return std::string(); });
  const Task first = MUST(tasks_->begin(who_, "mend", Mend{"t"}));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(tasks_->begin(who_, "mend", Mend{"t"}).ok());
  EXPECT_EQ(tasks_->begin(who_, "mend", Mend{"t"}).error().code(), ErrorCode::kOverloaded);
  EXPECT_EQ(MUST(tasks_->cancel(who_, first.id)).state, TaskState::kCancelled);
  EXPECT_TRUE(tasks_->begin(who_, "mend", Mend{"t"}).ok());
  while (work()) {
  }
  EXPECT_EQ(now(first.id).state, TaskState::kCancelled);  // its job came, and did nothing
  EXPECT_EQ(now(first.id).attempts, 0);
}

TEST_F(TasksTest, a_plan_has_one_task_at_a_time) {
  tasks_->add<Mend>("mend", auth::Role::kViewer,
                    [](const Mend&, TaskContext&) -> Result<std::string> { return std::string(); });
  Plan plan;
  plan.id = "plan";
  plan.kind = "mend";
  plan.cron = "* * * * *";
  const auto set = [&] {
    return database_->write([&](store::Transaction& transaction) -> Status {
      return tasks_->set_plan(transaction, who_, plan, Mend{"t"});
    });
  };
  const auto come = [&] {  // its time
    return database_->write([&](store::Transaction& transaction) -> Status {
      return TRY(transaction.prepare("UPDATE task_plans SET next_us = 1")).run();
    });
  };
  ASSERT_TRUE(set().ok());
  EXPECT_EQ(MUST(tasks_->make_due()), 0);
  ASSERT_TRUE(come().ok());
  EXPECT_EQ(MUST(tasks_->make_due()), 1);
  ASSERT_TRUE(come().ok());
  EXPECT_EQ(MUST(tasks_->make_due()), 0);  // the last one is not done
  EXPECT_EQ(tasks_->run_plan(who_.organization, "plan").error().code(), ErrorCode::kConflict);
  ASSERT_TRUE(*work());
  EXPECT_TRUE(tasks_->run_plan(who_.organization, "plan").ok());
  EXPECT_GT(MUST(tasks_->plan(who_.organization, "plan")).next_us, clock_.now_us());
  plan.cron = "61 * * * *";
  EXPECT_EQ(set().error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace firn::tasks
