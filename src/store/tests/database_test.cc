#include "store/database.h"

#include <gtest/gtest.h>

#include <thread>

#include "platform/testing.h"

namespace firn::store {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() : database_(MUST(Database::open(folder_.path() + "/t.db"))) {
    MUST_OK(
        database_->migrate({{"t", 1, "CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER) STRICT"}}));
  }
  static void MUST_OK(const Status& status) { ASSERT_TRUE(status.ok()) << status.error().to_log(); }

  Status insert(const std::string& key, int64_t n) {
    return database_->write([&](Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare("INSERT INTO t VALUES (?, ?)"));
      return row.bind(1, key).bind(2, n).run();
    });
  }
  int64_t count() {
    int64_t n = -1;
    MUST_OK(database_->read([&](Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare("SELECT count(*) FROM t"));
      TRY(row.step());
      n = row.column_int(0);
      return {};
    }));
    return n;
  }

  platform::TemporaryDirectory folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, AnErrorRollsEverythingBack) {
  const Status outcome = database_->write([&](Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("INSERT INTO t VALUES ('a', 1)"));
    TRY(row.run());
    return Error(ErrorCode::kInvalidArgument, "changed my mind");
  });
  EXPECT_EQ(outcome.error().message(), "changed my mind");
  EXPECT_EQ(count(), 0);
}

TEST_F(DatabaseTest, ABrokenConstraintIsAlreadyExists) {
  MUST_OK(insert("a", 1));
  EXPECT_EQ(insert("a", 2).error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(count(), 1);
}

TEST_F(DatabaseTest, ReadersCannotWrite) {
  EXPECT_FALSE(database_
                   ->read([&](Transaction& transaction) -> Status {
                     auto row = TRY(transaction.prepare("INSERT INTO t VALUES ('x', 1)"));
                     return row.run();
                   })
                   .ok());
}

TEST_F(DatabaseTest, MigrationsRunOnce) {
  MUST_OK(database_->migrate({{"t", 1, "this would fail"}, {"u", 1, "CREATE TABLE u (a)"}}));
  database_ = nullptr;
  database_ = MUST(Database::open(folder_.path() + "/t.db"));
  MUST_OK(database_->migrate({{"u", 1, "this would fail"}}));
}

TEST_F(DatabaseTest, ManyThreadsWriteAndRead) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        MUST_OK(insert(std::to_string(t) + "-" + std::to_string(i), i));
        EXPECT_GE(count(), 1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count(), 100);
}

}  // namespace
}  // namespace firn::store
