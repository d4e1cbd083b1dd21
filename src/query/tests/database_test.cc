#include "query/worker/database.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "query/tests/fake_tables.h"

namespace firn::query {
namespace {

using testing::column;
using testing::with_id;

class Collected final : public AnswerSink {
 public:
  Status head(const std::vector<ResultColumn>& columns) override {
    for (const auto& column : columns) types += column.name + " " + column.type + ";";
    return {};
  }
  Status rows(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  std::string types;
  std::string text;
};

class DatabaseTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new platform::TemporaryDirectory();
    DatabaseOptions options;
    options.spill_directory = folder_->path() + "/spill";
    std::filesystem::create_directories(options.spill_directory);
    options.extension_directory = FIRN_EXTENSION_DIR;
    auto database = Database::open(options);
    ASSERT_TRUE(database.ok()) << database.error().to_log();
    database_ = std::move(*database).release();
  }
  static void TearDownTestSuite() {
    delete database_;
    delete folder_;
  }

  Result<std::string> run(const std::string& statement,
                          ResultFormat format = ResultFormat::kDefault,
                          QueryMode mode = QueryMode::kRun) {
    WorkerQuery query;
    query.statement = statement;
    query.catalogs = {"lake"};
    query.format = format;
    query.mode = mode;
    query.limit = limit_;
    query.offset = offset_;
    query.timezone = timezone_;
    query.parameters = parameters_;
    query.nonce = "0b6f";
    auto view = provider_.open_view(as_of_);
    Collected sink;
    TRY(database_->run(query, *view, sink));
    types_ = sink.types;
    return sink.text;
  }
  std::string ok(const std::string& statement) {
    auto result = run(statement);
    return result.ok() ? *result : "error: " + result.error().to_log();
  }
  std::string refused(const std::string& statement) {
    auto result = run(statement);
    return result.ok() ? "answered: " + *result
                       : std::string(info_of(result.error().code()).wire_code) + ": " +
                             result.error().message();
  }
  std::string path(const std::string& name) { return folder_->path() + "/" + name; }

  // Two files: an older one with the column's former name and a narrower type, a newer one with a
  // column more.
  void make_evolved_table() {
    auto old_file = testing::write_parquet(
        path("old.parquet"),
        {with_id("ident", arrow::int32(), 1), with_id("gone", arrow::utf8(), 2)},
        R"([[1, "a"], [2, "b"]])");
    auto new_file = testing::write_parquet(
        path("new.parquet"), {with_id("extra", arrow::utf8(), 3), with_id("id", arrow::int64(), 1)},
        R"([["x", 3], [null, 4]])");
    testing::FakeVersion first;
    first.columns = {column(1, "ident", iceberg::primitive(iceberg::TypeId::kInt)),
                     column(2, "gone", iceberg::primitive(iceberg::TypeId::kString))};
    first.plan.files = {old_file};
    testing::FakeVersion second;
    second.columns = {column(1, "id", iceberg::primitive(iceberg::TypeId::kLong)),
                      column(3, "extra", iceberg::primitive(iceberg::TypeId::kString))};
    second.plan.files = {old_file, new_file};
    provider_.tables["main.t"] = testing::FakeTable{{{100, first}, {200, second}}, {{"v1", 100}}};
  }

  static inline platform::TemporaryDirectory* folder_ = nullptr;
  static inline Database* database_ = nullptr;
  testing::FakeProvider provider_;
  TableVersion as_of_;
  std::string types_;
  std::string timezone_;
  std::string parameters_;
  uint64_t limit_ = UINT64_MAX;
  uint64_t offset_ = 0;
};

TEST_F(DatabaseTest, a_policy_filters_rows_and_masks_columns) {
  make_evolved_table();
  auto& rules = provider_.tables["main.t"].rules;
  rules.row_filters = {"id >= 2", "caller_email() = 'ann@example.org' OR caller_role() = 'admin'"};
  rules.columns = {{3, auth::ColumnRule::kNulled}};
  EXPECT_EQ(ok("SELECT * FROM t ORDER BY id"), "[2,null]\n[3,null]\n[4,null]\n");
  EXPECT_EQ(ok("SELECT count(*), min(id) FROM lake.main.t"), "[3,2]\n");
  EXPECT_EQ(ok("SELECT count(*) FROM t WHERE extra = 'x'"), "[0]\n");
  EXPECT_EQ(ok("SELECT a.id FROM t a JOIN t b ON a.id = b.id WHERE a.id < 3"), "[2]\n");
  rules.columns = {{3, auth::ColumnRule::kHashed}};
  EXPECT_EQ(ok("SELECT extra = sha256('x') FROM t WHERE id = 3"), "[true]\n");
  rules.columns = {{3, auth::ColumnRule::kHidden}};
  EXPECT_EQ(ok("SELECT * FROM t ORDER BY id"), "[2]\n[3]\n[4]\n");
  EXPECT_EQ(ok("SELECT column_name FROM information_schema.columns WHERE table_name = 't'"),
            "[\"id\"]\n");
  EXPECT_NE(refused("SELECT extra FROM t").find("extra"), std::string::npos);
  EXPECT_EQ(ok("SELECT column_name FROM (DESCRIBE t)"), "[\"id\"]\n");
}

TEST_F(DatabaseTest, nothing_tells_of_rows_that_a_policy_hides) {
  make_evolved_table();
  provider_.tables["main.t"].rules.row_filters = {"id >= 3"};
  // Would fail on a hidden row, if it were asked of one.
  EXPECT_EQ(ok("SELECT id FROM t WHERE CASE WHEN id < 3 THEN error('saw ' || id) ELSE true END "
               "ORDER BY id"),
            "[3]\n[4]\n");
  EXPECT_EQ(ok("SELECT count(*) FROM t WHERE 1 / (id - 1) IS NOT NULL AND CAST(id - 3 AS UTINYINT) "
               ">= 0"),
            "[2]\n");
  for (const char* statement : {"EXPLAIN SELECT * FROM t", "EXPLAIN ANALYZE SELECT * FROM t"}) {
    const auto outcome = run(statement);
    ASSERT_FALSE(outcome.ok()) << statement;
    EXPECT_EQ(outcome.error().code(), ErrorCode::kPermissionDenied);
  }
  EXPECT_FALSE(run("SELECT * FROM t", ResultFormat::kDefault, QueryMode::kExplain).ok());
  // The filter's column had another name then: nothing is shown, rather than everything.
  EXPECT_FALSE(run("SELECT count(*) FROM t AT (VERSION => 100)").ok());
  provider_.tables["main.t"].rules.row_filters = {"ident >= 2"};
  EXPECT_EQ(ok("SELECT count(*) FROM t AT (VERSION => 100)"), "[1]\n");
  provider_.tables["main.t"].rules.row_filters = {"id >= 3"};
  EXPECT_EQ(ok("SELECT sum(id) FROM t UNION ALL SELECT count(*) FROM t ORDER BY 1"), "[2]\n[7]\n");
}

TEST_F(DatabaseTest, a_broken_policy_shows_nothing) {
  make_evolved_table();
  auto& filters = provider_.tables["main.t"].rules.row_filters;
  for (const char* filter : {"nothing_of_this_name = 1", "true) OR (true", "true, true", "id ="}) {
    filters = {filter};
    EXPECT_FALSE(run("SELECT id FROM t").ok()) << filter;
  }
}

// Tasks of an interrupted query still run when it is told so; they must not use what goes with it.
TEST_F(DatabaseTest, many_interrupted_queries_leave_the_engine_whole) {
  struct Telling final : AnswerSink {
    Status head(const std::vector<ResultColumn>&) override {
      begun = true;
      return {};
    }
    Status rows(std::string_view) override { return {}; }
    std::atomic<bool> begun{false};
  };
  WorkerQuery query;
  query.statement = "SELECT range, repeat('x', 100) FROM range(100000000)";
  query.catalogs = {"lake"};
  query.limit = UINT64_MAX;
  query.format = ResultFormat::kParquet;
  query.nonce = "0b6f";
  for (int i = 0; i < 300; ++i) {
    Telling sink;
    std::thread interrupting([&] {
      while (!sink.begun) std::this_thread::yield();
      std::this_thread::sleep_for(std::chrono::microseconds(i * 37 % 1000));
      database_->interrupt();
    });
    auto view = provider_.open_view(as_of_);
    const auto done = database_->run(query, *view, sink);
    interrupting.join();
    ASSERT_FALSE(done.ok());
    ASSERT_EQ(done.error().code(), ErrorCode::kCancelled) << done.error().to_log();
    ASSERT_EQ(ok("SELECT 1 AS one"), "[1]\n");
  }
}

TEST_F(DatabaseTest, statements_take_named_parameters) {
  make_evolved_table();
  parameters_ = R"({"low": 2, "name": "x", "none": null})";
  EXPECT_EQ(ok("SELECT id FROM t WHERE id > $low AND extra = $name AND $none IS NULL"), "[3]\n");
  parameters_ = R"({"low": [1]})";
  EXPECT_FALSE(run("SELECT id FROM t WHERE id > $low").ok());
  parameters_ = "";
  EXPECT_FALSE(run("SELECT id FROM t WHERE id > $low").ok());
}

TEST_F(DatabaseTest, reads_files_by_field_id) {
  make_evolved_table();
  EXPECT_EQ(ok("SELECT id, extra FROM lake.main.t ORDER BY id"),
            "[1,null]\n[2,null]\n[3,\"x\"]\n[4,null]\n");
  EXPECT_EQ(types_, "id BIGINT;extra VARCHAR;");
  EXPECT_EQ(ok("FROM t WHERE id > 2 ORDER BY 1"), "[3,\"x\"]\n[4,null]\n");
  EXPECT_EQ(ok("SELECT count(*) FROM t"), "[4]\n");
  EXPECT_EQ(ok("SELECT count(*) FROM t WHERE extra IS NULL"), "[3]\n");
  EXPECT_EQ(ok("SELECT sum(id) FROM main.t"), "[10]\n");
}

}  // namespace
}  // namespace firn::query
