#include "query/hot_files.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <unistd.h>

namespace firn::query {
namespace {

HotBatch batch(uint64_t lsn, const std::string& rows,
               const std::shared_ptr<arrow::DataType>& type = arrow::int64()) {
  const auto id = arrow::key_value_metadata({"PARQUET:field_id"}, {"1"});
  const std::vector<std::shared_ptr<arrow::Field>> fields{arrow::field("a", type, true, id)};
  auto array = arrow::json::ArrayFromJSONString(arrow::struct_(fields), rows).ValueOrDie();
  return {lsn, arrow::RecordBatch::FromStructArray(array).ValueOrDie()};
}

// The first column's values over all files, in order.
std::vector<int64_t> values_of(const std::vector<PlannedFile>& files) {
  std::vector<int64_t> values;
  for (const auto& file : files) {
    std::string bytes(file.hot->size_bytes(), '\0');
    EXPECT_EQ(::pread(file.hot->descriptor(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    auto reader = parquet::arrow::OpenFile(
                      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes)),
                      arrow::default_memory_pool())
                      .ValueOrDie();
    std::shared_ptr<arrow::Table> table = reader->ReadTable().ValueOrDie();
    EXPECT_EQ(table->num_rows(), file.record_count);
    for (int64_t i = 0; i < table->num_rows(); ++i) {
      const auto scalar = table->column(0)->GetScalar(i).ValueOrDie();
      values.push_back(std::stoll(scalar->ToString()));
    }
  }
  return values;
}

const Uuid kTable{{1}};

TEST(HotFiles, holds_the_rows_that_are_not_committed) {
  HotFiles hot(1 << 20);
  std::vector<HotBatch> batches{batch(1, "[[1]]"), batch(2, "[[2], [3]]"), batch(5, "[[4]]")};
  EXPECT_EQ(values_of(MUST(hot.files(kTable, batches, 0))), (std::vector<int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(values_of(MUST(hot.files(kTable, batches, 2))), (std::vector<int64_t>{4}));
  EXPECT_TRUE(MUST(hot.files(kTable, batches, 5)).empty());
  EXPECT_EQ(hot.kept_bytes(), 0u);
}

TEST(HotFiles, extends_what_it_has_and_keeps_paths) {
  HotFiles hot(1 << 20);
  std::vector<HotBatch> batches{batch(1, "[[1]]")};
  const auto first = MUST(hot.files(kTable, batches, 0));
  EXPECT_EQ(MUST(hot.files(kTable, batches, 0)).at(0).path, first.at(0).path);
  batches.push_back(batch(2, "[[2]]"));
  const auto second = MUST(hot.files(kTable, batches, 0));
  ASSERT_EQ(second.size(), 2u);
  EXPECT_EQ(second[0].path, first[0].path);
  EXPECT_EQ(values_of(second), (std::vector<int64_t>{1, 2}));
  // The first batch is committed and dropped from the log; the second part still serves.
  batches.erase(batches.begin());
  const auto third = MUST(hot.files(kTable, batches, 1));
  ASSERT_EQ(third.size(), 1u);
  EXPECT_EQ(third[0].path, second[1].path);
}

TEST(HotFiles, a_commit_in_the_middle_of_a_part_leaves_no_row_twice) {
  HotFiles hot(1 << 20);
  std::vector<HotBatch> batches{batch(1, "[[1]]"), batch(2, "[[2]]"), batch(3, "[[3]]")};
  MUST(hot.files(kTable, batches, 0));
  EXPECT_EQ(values_of(MUST(hot.files(kTable, batches, 2))), (std::vector<int64_t>{3}));
  // A query that still holds the older table sees all of it.
  EXPECT_EQ(values_of(MUST(hot.files(kTable, batches, 0))), (std::vector<int64_t>{1, 2, 3}));
}

TEST(HotFiles, many_small_parts_become_one) {
  HotFiles hot(1 << 24);
  std::vector<HotBatch> batches;
  std::vector<int64_t> wanted;
  size_t most = 0;
  for (int i = 1; i <= 40; ++i) {
    batches.push_back(batch(static_cast<uint64_t>(i), "[[" + std::to_string(i) + "]]"));
    wanted.push_back(i);
    const auto files = MUST(hot.files(kTable, batches, 0));
    most = std::max(most, files.size());
    EXPECT_EQ(values_of(files), wanted);
  }
  EXPECT_LE(most, 10u);
}

TEST(HotFiles, another_schema_begins_another_file) {
  HotFiles hot(1 << 20);
  std::vector<HotBatch> batches{batch(1, "[[1]]", arrow::int32()), batch(2, "[[2]]")};
  const auto files = MUST(hot.files(kTable, batches, 0));
  EXPECT_EQ(files.size(), 2u);
  EXPECT_EQ(values_of(files), (std::vector<int64_t>{1, 2}));
}

TEST(HotFiles, keeps_no_more_than_it_may) {
  HotFiles hot(1);
  const auto files = MUST(hot.files(kTable, {batch(1, "[[1]]")}, 0));
  EXPECT_EQ(values_of(files), (std::vector<int64_t>{1}));
  EXPECT_EQ(hot.kept_bytes(), 0u);
}

TEST(HotFiles, cannot_be_written_by_who_gets_them) {
  HotFiles hot(1 << 20);
  const auto files = MUST(hot.files(kTable, {batch(1, "[[1]]")}, 0));
  EXPECT_LT(::pwrite(files[0].hot->descriptor(), "x", 1, 0), 0);
}

}  // namespace
}  // namespace firn::query
