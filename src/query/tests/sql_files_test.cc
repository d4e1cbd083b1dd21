// Runs tests/sql/*.test: statements and their answers as data. A file is a list of cases:
//
//   query                      (or: query csv, query jsonl; then optionally a time zone)
//   SELECT ...
//   ----
//   [1,"a"]                    the encoded rows, to the next empty line
//
//   error not-found            the error's code, then optionally a part of its message
//   SELECT ...
//
// The tables are those of SqlTables below.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "query/tests/fake_tables.h"
#include "query/worker/database.h"

namespace firn::query {
namespace {

using iceberg::primitive;
using iceberg::TypeId;
using testing::column;
using testing::with_id;

class Collected final : public AnswerSink {
 public:
  Status head(const std::vector<ResultColumn>&) override { return {}; }
  Status rows(std::string_view bytes) override {
    text += bytes;
    return {};
  }
  std::string text;
};

// main.t: ids 1..4 over two files and a schema change; AT version 100, 200 or 'v1'.
// main.types: every primitive type; row 2 is null everywhere.
// main.nested: structs, lists and maps, with a member added and one renamed since the first file.
// main.deleted: ids 1..6, where 2 and 5 are deleted by position and 3 by an equality delete.
// main.unnamed: a file without field ids. other.one: a single row.
class SqlTables {
 public:
  SqlTables() {
    add_evolved();
    add_types();
    add_nested();
    add_deleted();
    add_unnamed();
    testing::FakeVersion one;
    one.columns = {column(1, "x", primitive(TypeId::kLong))};
    one.plan.files = {
        testing::write_parquet(path("one.parquet"), {with_id("x", arrow::int64(), 1)}, "[[42]]")};
    provider.tables["other.one"].versions[1] = one;
    provider.tables["main.empty"].versions[1].columns = one.columns;
  }
  platform::TemporaryDirectory folder;
  testing::FakeProvider provider;

 private:
  std::string path(const std::string& name) { return folder.path() + "/" + name; }

  void add_evolved() {
    testing::FakeVersion first, second;
    first.columns = {column(1, "ident", primitive(TypeId::kInt)),
                     column(2, "gone", primitive(TypeId::kString))};
    first.plan.files = {testing::write_parquet(
        path("t1.parquet"),
        {with_id("ident", arrow::int32(), 1), with_id("gone", arrow::utf8(), 2)},
        R"([[1, "a"], [2, "b"]])")};
    second.columns = {column(1, "id", primitive(TypeId::kLong)),
                      column(3, "extra", primitive(TypeId::kString))};
    second.plan.files = first.plan.files;
    second.plan.files.push_back(testing::write_parquet(
        path("t2.parquet"), {with_id("extra", arrow::utf8(), 3), with_id("id", arrow::int64(), 1)},
        R"([["x", 3], [null, 4]])"));
    provider.tables["main.t"] = testing::FakeTable{{{100, first}, {200, second}}, {{"v1", 100}}};
  }

  void add_types() {
    testing::FakeVersion version;
    const auto add = [&](int id, const std::string& name, iceberg::TypePtr type) {
      version.columns.push_back(column(id, name, std::move(type)));
    };
    add(1, "boolean", primitive(TypeId::kBoolean));
    add(2, "int", primitive(TypeId::kInt));
    add(3, "long", primitive(TypeId::kLong));
    add(4, "float", primitive(TypeId::kFloat));
    add(5, "double", primitive(TypeId::kDouble));
    add(6, "decimal", iceberg::decimal(20, 2));
    add(7, "date", primitive(TypeId::kDate));
    add(8, "time", primitive(TypeId::kTime));
    add(9, "timestamp", primitive(TypeId::kTimestamp));
    add(10, "timestamptz", primitive(TypeId::kTimestampTz));
    add(11, "string", primitive(TypeId::kString));
    add(12, "uuid", primitive(TypeId::kUuid));
    add(13, "fixed", iceberg::fixed(3));
    add(14, "binary", primitive(TypeId::kBinary));
    version.plan.files = {testing::write_parquet(
        path("types.parquet"),
        {with_id("boolean", arrow::boolean(), 1), with_id("int", arrow::int32(), 2),
         with_id("long", arrow::int64(), 3), with_id("float", arrow::float32(), 4),
         with_id("double", arrow::float64(), 5), with_id("decimal", arrow::decimal128(20, 2), 6),
         with_id("date", arrow::date32(), 7),
         with_id("time", arrow::time64(arrow::TimeUnit::MICRO), 8),
         with_id("timestamp", arrow::timestamp(arrow::TimeUnit::MICRO), 9),
         with_id("timestamptz", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), 10),
         with_id("string", arrow::utf8(), 11), with_id("uuid", arrow::fixed_size_binary(16), 12),
         with_id("fixed", arrow::fixed_size_binary(3), 13), with_id("binary", arrow::binary(), 14)},
        R"([[true, 7, 9007199254740993, 1.5, 2.5, "-12.30", 15706, 18000000000,
             1357016400000000, 1357016400500000, "naïve \"q\"\n", "0123456789abcdef", "abc", "xyz"],
            [null, null, null, null, null, null, null, null, null, null, null, null, null, null]])")};
    provider.tables["main.types"].versions[1] = version;
  }

  void add_nested() {
    testing::FakeVersion version;
    iceberg::Type point;
    point.id = TypeId::kStruct;
    point.fields = {column(3, "x", primitive(TypeId::kLong)),
                    column(4, "label", primitive(TypeId::kString)),
                    column(5, "added", primitive(TypeId::kBoolean))};
    version.columns = {column(1, "id", primitive(TypeId::kInt)),
                       column(2, "point", std::make_shared<iceberg::Type>(point)),
                       column(6, "tags", iceberg::list_of(7, primitive(TypeId::kString), false)),
                       column(8, "scores",
                              iceberg::map_of(9, primitive(TypeId::kString), 10,
                                              primitive(TypeId::kLong), false))};
    const auto old_point =
        arrow::struct_({with_id("x", arrow::int32(), 3), with_id("name", arrow::utf8(), 4)});
    const auto tags = arrow::list(with_id("element", arrow::utf8(), 7));
    const auto scores = std::make_shared<arrow::MapType>(
        arrow::field("key", arrow::utf8(), false,
                     arrow::key_value_metadata({"PARQUET:field_id"}, {"9"})),
        with_id("value", arrow::int64(), 10));
    version.plan.files = {testing::write_parquet(
        path("nested.parquet"),
        {with_id("id", arrow::int32(), 1), with_id("point", old_point, 2), with_id("tags", tags, 6),
         with_id("scores", scores, 8)},
        R"([[1, {"x": 1, "name": "one"}, ["a", null], [["k", 5], ["l", null]]],
            [2, null, [], []],
            [3, {"x": null, "name": "three"}, null, null]])")};
    provider.tables["main.nested"].versions[1] = version;
  }

  void add_deleted() {
    testing::FakeVersion version;
    version.columns = {column(1, "id", primitive(TypeId::kLong)),
                       column(2, "name", primitive(TypeId::kString))};
    const auto fields = {with_id("id", arrow::int64(), 1), with_id("name", arrow::utf8(), 2)};
    auto data =
        testing::write_parquet(path("deleted.parquet"), fields,
                               R"([[1, "a"], [2, "b"], [3, null], [4, "d"], [5, "e"], [6, "f"]])");
    data.deletes = {0, 1};
    const auto positions =
        testing::write_parquet(path("positions.parquet"),
                               {with_id("file_path", arrow::utf8(), 2147483546),
                                with_id("pos", arrow::int64(), 2147483545)},
                               R"([["file://)" + data.path + R"(", 1], ["/another/file", 0], [")" +
                                   data.path + R"(", 4]])");
    const auto equal = testing::write_parquet(
        path("equality.parquet"),
        {with_id("id", arrow::int64(), 1), with_id("name", arrow::utf8(), 2)},
        R"([[3, null], [4, "not d"]])");
    PlannedDelete by_position;
    by_position.path = positions.path;
    PlannedDelete by_value;
    by_value.content = iceberg::FileContent::kEqualityDeletes;
    by_value.path = equal.path;
    by_value.equality_ids = {1, 2};
    version.plan.files = {data};
    version.plan.deletes = {by_position, by_value};
    provider.tables["main.deleted"].versions[1] = version;
  }

  void add_unnamed() {
    testing::FakeVersion version;
    version.columns = {column(1, "id", primitive(TypeId::kLong)),
                       column(2, "label", primitive(TypeId::kString))};
    version.plan.files = {testing::write_parquet(
        path("unnamed.parquet"),
        {arrow::field("old_label", arrow::utf8()), arrow::field("id", arrow::int64())},
        R"([["a", 1], ["b", 2]])")};
    version.plan.name_mapping =
        R"([{"field-id": 1, "names": ["id"]}, {"field-id": 2, "names": ["label", "old_label"]}])";
    provider.tables["main.unnamed"].versions[1] = version;
  }
};

struct Case {
  int line = 0;
  std::vector<std::string> words;
  std::string statement;
  std::string answer;
};

std::vector<Case> read_cases(const std::string& path) {
  std::ifstream in(path);
  std::vector<Case> cases;
  std::string line;
  int number = 0;
  while (std::getline(in, line)) {
    ++number;
    if (line.empty() || line.starts_with("#")) continue;
    Case next;
    next.line = number;
    std::istringstream words(line);
    for (std::string word; words >> word;) next.words.push_back(word);
    bool in_answer = false;
    while (std::getline(in, line) && !line.empty()) {
      ++number;
      if (line == "----") {
        in_answer = true;
      } else {
        (in_answer ? next.answer : next.statement) += line + "\n";
      }
    }
    ++number;
    cases.push_back(std::move(next));
  }
  return cases;
}

class SqlFiles : public ::testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    tables_ = new SqlTables();
    DatabaseOptions options;
    options.spill_directory = tables_->folder.path() + "/spill";
    std::filesystem::create_directories(options.spill_directory);
    options.extension_directory = FIRN_EXTENSION_DIR;
    options.memory_bytes_max = 256ULL << 20;
    auto database = Database::open(options);
    ASSERT_TRUE(database.ok()) << database.error().to_log();
    database_ = std::move(*database).release();
  }
  static void TearDownTestSuite() {
    delete database_;
    delete tables_;
  }
  static inline SqlTables* tables_ = nullptr;
  static inline Database* database_ = nullptr;
};

ResultFormat format_of(const Case& given) {
  for (const auto& word : given.words) {
    if (word == "csv") return ResultFormat::kCsv;
    if (word == "jsonl") return ResultFormat::kJsonLines;
  }
  return ResultFormat::kDefault;
}

TEST_P(SqlFiles, answers_as_written) {
  const auto cases = read_cases(std::string(FIRN_SOURCE_DIR) + "/tests/sql/" + GetParam());
  ASSERT_FALSE(cases.empty());
  for (const auto& given : cases) {
    SCOPED_TRACE("tests/sql/" + GetParam() + ":" + std::to_string(given.line));
    WorkerQuery query;
    query.statement = given.statement;
    query.catalogs = {"lake"};
    query.format = format_of(given);
    for (const auto& word : given.words) {
      if (word.find('/') != std::string::npos) query.timezone = word;
    }
    const auto view = tables_->provider.open_view({});
    Collected sink;
    const auto done = database_->run(query, *view, sink);
    if (given.words[0] == "error") {
      ASSERT_FALSE(done.ok()) << given.statement << sink.text;
      EXPECT_EQ(info_of(done.error().code()).wire_code, given.words.at(1)) << done.error().to_log();
      std::string part;
      for (size_t i = 2; i < given.words.size(); ++i) part += (i > 2 ? " " : "") + given.words[i];
      EXPECT_NE(done.error().message().find(part), std::string::npos) << done.error().message();
    } else {
      ASSERT_TRUE(done.ok()) << given.statement << done.error().to_log();
      std::string text = sink.text;
      std::erase(text, '\r');
      EXPECT_EQ(text, given.answer) << given.statement;
    }
  }
}

std::vector<std::string> sql_files() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(FIRN_SOURCE_DIR) + "/tests/sql")) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, SqlFiles, ::testing::ValuesIn(sql_files()), [](const auto& info) {
  return info.param.substr(0, info.param.find('.'));
});

}  // namespace
}  // namespace firn::query
