#include "query/engine.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "query/tests/fake_tables.h"
#include "query/worker.h"

// The test's own executable is the worker's too.
int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "query-worker") {
    return firn::query::worker_main(argc, argv);
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

namespace firn::query {
namespace {

using std::chrono::milliseconds;
using testing::column;
using testing::with_id;

class Collected final : public ResultSink {
 public:
  Status head(const ResultHead& given) override {
    head_ = given;
    return {};
  }
  Status rows(std::string_view bytes) override {
    bytes_ += bytes.size();
    if (text_.size() < (1u << 20)) text_ += bytes;
    if (rows_error_) return *rows_error_;
    return {};
  }
  bool cancelled() override { return cancelled_; }

  std::optional<ResultHead> head_;
  std::string text_;
  uint64_t bytes_ = 0;
  std::optional<Error> rows_error_;
  std::atomic<bool> cancelled_ = false;
};

int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override { make_engine(); }

  void make_engine() {
    EngineOptions options;
    options.pool.command = {platform::executable_path(), "query-worker"};
    options.pool.warehouse_directory = folder_.path();
    options.pool.spill_directory = folder_.path() + "/spill";
    options.pool.extension_directory = FIRN_EXTENSION_DIR;
    options.pool.memory_bytes_max = 512ULL << 20;
    options.pool.workers_max = 2;
    options.pool.waiting_max = 4;
    options.history_max = 3;
    options.result_bytes_max = 64ULL << 20;
    engine_ = MUST(Engine::create(options, provider_, platform::system_spawner(),
                                  platform::system_clock(), platform::system_random()));
  }

  Result<QueryInfo> run(const std::string& statement, milliseconds deadline = milliseconds(20'000),
                        const std::string& id = "") {
    QueryRequest request;
    request.access = std::make_shared<testing::FullAccess>();
    request.statement = statement;
    request.organization = "org";
    request.deadline = deadline;
    request.query_id = id;
    sink_ = std::make_unique<Collected>();
    return engine_->run(request, *sink_);
  }
  std::string text(const std::string& statement) {
    const auto info = run(statement);
    return info.ok() ? sink_->text_ : "error: " + info.error().to_log();
  }
  std::string error(const std::string& statement, milliseconds deadline = milliseconds(20'000)) {
    const auto info = run(statement, deadline);
    return info.ok() ? "answered " + sink_->text_.substr(0, 100) : info.error().to_log();
  }

  platform::TemporaryDirectory folder_;
  testing::FakeProvider provider_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Collected> sink_;
};

TEST_F(EngineTest, answers_with_head_rows_and_evidence) {
  testing::FakeVersion version;
  version.columns = {column(1, "id", iceberg::primitive(iceberg::TypeId::kLong))};
  version.plan.files = {testing::write_parquet(
      folder_.path() + "/a.parquet", {with_id("id", arrow::int64(), 1)}, "[[1], [2], [3]]")};
  provider_.tables["main.t"].versions[77] = version;
  const auto info = run("SELECT id FROM t ORDER BY id DESC", milliseconds(20'000), "my-query");
  ASSERT_TRUE(info.ok()) << info.error().to_log();
  EXPECT_EQ(sink_->text_, "[3]\n[2]\n[1]\n");
  EXPECT_EQ(sink_->head_->query_id, "my-query");
  EXPECT_EQ(sink_->head_->columns.at(0).type, "BIGINT");
  EXPECT_EQ(info->rows, 3u);
  EXPECT_EQ(info->tables.at(0).snapshot_id, 77);
  EXPECT_EQ(info->result_hash.size(), 64u);
  EXPECT_EQ(MUST(engine_->info("org", "my-query")).state, QueryState::kDone);
  EXPECT_FALSE(engine_->info("another", "my-query").ok());
  // The same answer has the same hash.
  EXPECT_EQ(MUST(run("SELECT id FROM t ORDER BY 1 DESC")).result_hash, info->result_hash);
}

TEST_F(EngineTest, min_snapshot_must_be_in_a_tables_history) {
  testing::FakeVersion version;
  version.columns = {column(1, "id", iceberg::primitive(iceberg::TypeId::kLong))};
  provider_.tables["main.t"].versions[77] = version;
  QueryRequest request;
  request.access = std::make_shared<testing::FullAccess>();
  request.statement = "SELECT count(*) FROM t";
  request.min_snapshot = 77;
  Collected sink;
  EXPECT_TRUE(engine_->run(request, sink).ok());
  request.min_snapshot = 78;
  EXPECT_EQ(engine_->run(request, sink).error().code(), ErrorCode::kNotFound);
}

TEST_F(EngineTest, stops_at_the_deadline) {
  const auto started = std::chrono::steady_clock::now();
  const auto message = error(
      "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)", milliseconds(500));
  EXPECT_TRUE(message.starts_with("deadline-exceeded: the query took longer than 500 ms"))
      << message;
  EXPECT_LT(std::chrono::steady_clock::now() - started, milliseconds(4'000));
  EXPECT_EQ(text("SELECT 1"), "[1]\n");
}

TEST_F(EngineTest, a_cancelled_query_ends_and_its_worker_goes_on) {
  ASSERT_EQ(text("SELECT 1"), "[1]\n");
  const auto before = engine_->worker_stats().started;
  std::thread canceller([&] {
    while (true) {
      std::this_thread::sleep_for(milliseconds(100));
      const auto told = engine_->cancel("org", "slow", "");
      if (told.ok() && *told) break;
    }
  });
  const auto info = run("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)",
                        milliseconds(20'000), "slow");
  canceller.join();
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.error().code(), ErrorCode::kCancelled) << info.error().to_log();
  EXPECT_EQ(text("SELECT 2"), "[2]\n");
  EXPECT_EQ(engine_->worker_stats().started, before);
  EXPECT_FALSE(MUST(engine_->cancel("org", "slow", "")));
  EXPECT_FALSE(engine_->cancel("org", "nothing", "").ok());
}

TEST_F(EngineTest, a_query_that_nobody_waits_for_ends) {
  Collected sink;
  sink.cancelled_ = true;
  QueryRequest request;
  request.access = std::make_shared<testing::FullAccess>();
  request.statement = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)";
  EXPECT_EQ(engine_->run(request, sink).error().code(), ErrorCode::kCancelled);
}

TEST_F(EngineTest, huge_demands_are_refused_and_the_server_stays_small) {
  ASSERT_EQ(text("SELECT 1"), "[1]\n");
  const int64_t before = resident_bytes();
  EXPECT_TRUE(error("SELECT repeat('x', 1000000000)").starts_with("resource-exhausted"))
      << error("SELECT repeat('x', 1000000000)");
  EXPECT_TRUE(
      error("SELECT list(i) FROM range(1000000000) t(i)").starts_with("resource-exhausted"));
  EXPECT_TRUE(error("SELECT * FROM range(1000000000)").starts_with("resource-exhausted"));
  std::string in_list = "SELECT 1 WHERE 1 IN (0";
  for (int i = 0; i < 2'000'000; ++i) in_list += ",0";
  EXPECT_TRUE(error(in_list + ")").starts_with("too-large"));
  EXPECT_TRUE(error("SELECT " + std::string(100'000, '(') + "1").starts_with("invalid-statement"));
  EXPECT_FALSE(run("SELECT " + std::string(200'000, '-') + " 1").ok());
  std::string sums = "SELECT 1";
  for (int i = 0; i < 200'000; ++i) sums += "+1";
  EXPECT_TRUE(error(sums).starts_with("invalid-statement")) << error(sums).substr(0, 300);
  std::string nots = "SELECT ";
  for (int i = 0; i < 200'000; ++i) nots += "NOT ";
  EXPECT_FALSE(run(nots + "true").ok());
  EXPECT_EQ(text("SELECT 1"), "[1]\n");
  EXPECT_LT(resident_bytes() - before, 50 << 20);
}

TEST_F(EngineTest, a_dead_worker_is_replaced) {
  ASSERT_EQ(text("SELECT 1"), "[1]\n");
  // Every child of this process is a worker.
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream list(entry.path() / "children");
    pid_t pid = 0;
    while (list >> pid) ::kill(pid, SIGSEGV);
  }
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(text("SELECT 2"), "[2]\n");
}

TEST_F(EngineTest, too_many_waiting_queries_are_turned_away) {
  ASSERT_EQ(text("SELECT 1"), "[1]\n");
  std::vector<std::thread> threads;
  std::atomic<int> overloaded = 0, others = 0;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] {
      Collected sink;
      QueryRequest request;
      request.access = std::make_shared<testing::FullAccess>();
      request.statement = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)";
      request.deadline = milliseconds(700);
      const auto info = engine_->run(request, sink);
      if (!info.ok() && info.error().code() == ErrorCode::kOverloaded) {
        ++overloaded;
      } else {
        ++others;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GE(overloaded, 4);
  EXPECT_GE(others, 2);
}

TEST_F(EngineTest, the_process_cannot_reach_out) {
  EXPECT_EQ(text("SELECT 1"), "[1]\n");
  EXPECT_TRUE(error("FROM read_csv('/etc/passwd')").starts_with("permission-denied"));
  EXPECT_TRUE(error("FROM '/etc/passwd'").starts_with("not-found"));
}

TEST_F(EngineTest, history_forgets_the_oldest) {
  for (const char* id : {"q1", "q2", "q3", "q4"}) {
    ASSERT_TRUE(run("SELECT 1", milliseconds(20'000), id).ok());
  }
  EXPECT_FALSE(engine_->info("org", "q1").ok());
  EXPECT_TRUE(engine_->info("org", "q4").ok());
}

TEST_F(EngineTest, explains_validates_and_completes) {
  QueryRequest request;
  request.access = std::make_shared<testing::FullAccess>();
  request.statement = "SELECT 1 + 1 AS two";
  EXPECT_TRUE(engine_->validate(request).ok());
  EXPECT_NE(MUST(engine_->explain(request)).plan.find("two"), std::string::npos);
  request.statement = "SELECT nope";
  EXPECT_EQ(engine_->validate(request).error().code(), ErrorCode::kInvalidStatement);
  request.statement = "SEL";
  const auto suggestions = engine_->autocomplete(request, 5);
  ASSERT_TRUE(suggestions.ok()) << suggestions.error().to_log();
  EXPECT_NE(suggestions->find("SELECT"), std::string::npos) << *suggestions;
}

TEST(StatementBounds, brackets_count_outside_quotes_only) {
  EngineOptions options;
  EXPECT_TRUE(check_statement_bounds("SELECT '" + std::string(1000, '(') + "'", options).ok());
  EXPECT_FALSE(check_statement_bounds("SELECT " + std::string(1000, '('), options).ok());
  EXPECT_FALSE(check_statement_bounds(std::string_view("a\0b", 3), options).ok());
}

TEST(TableVersions, are_ids_moments_or_names) {
  EXPECT_EQ(parse_table_version("123"), (TableVersion{TableVersion::Kind::kSnapshot, 123, {}}));
  EXPECT_EQ(parse_table_version("1970-01-02").number, 86'400'000'000);
  EXPECT_EQ(parse_table_version("1970-01-01T01:00:00.5+01:00").number, 500'000);
  EXPECT_EQ(parse_table_version("release-1").kind, TableVersion::Kind::kRef);
}

}  // namespace
}  // namespace firn::query
