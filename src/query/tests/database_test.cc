#include "query/worker/database.h"

#include <gtest/gtest.h>

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
  uint64_t limit_ = UINT64_MAX;
  uint64_t offset_ = 0;
};

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
