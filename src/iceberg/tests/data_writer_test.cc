#include "iceberg/data_writer.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "iceberg/arrow_schema.h"
#include "iceberg/file_statistics_internal.h"
#include "platform/random.h"
#include "platform/testing.h"

namespace firn::iceberg {
namespace {

TEST(Bounds, AreCutBetweenCharactersAndUpperOnesRaised) {
  const Type text = *primitive(TypeId::kString);
  const std::string sixteen = "0123456789abcdef";
  EXPECT_EQ(truncated_lower_bound(text, sixteen + "x"), sixteen);
  EXPECT_EQ(truncated_upper_bound(text, sixteen), sixteen);
  EXPECT_EQ(truncated_upper_bound(text, sixteen + "x"), "0123456789abcdeg");
  std::string umlauts;
  for (int i = 0; i < 20; ++i) umlauts += "ä";
  EXPECT_EQ(truncated_lower_bound(text, umlauts), umlauts.substr(0, 32));
  EXPECT_EQ(truncated_upper_bound(text, umlauts), umlauts.substr(0, 30) + "å");
  std::string highest;
  for (int i = 0; i < 20; ++i) highest += "\xf4\x8f\xbf\xbf";
  EXPECT_EQ(truncated_upper_bound(text, highest), std::nullopt);
  EXPECT_EQ(truncated_upper_bound(text, "a" + highest), "b");
  std::string before_surrogates(15, 'a');
  before_surrogates += "\xed\x9f\xbf";
  EXPECT_EQ(truncated_upper_bound(text, before_surrogates + "z"),
            std::string(15, 'a') + "\xee\x80\x80");
  const Type bytes = *primitive(TypeId::kBinary);
  EXPECT_EQ(truncated_upper_bound(bytes, std::string(15, 'a') + "\xff" + "z"),
            std::string(14, 'a') + "b");
  EXPECT_EQ(truncated_upper_bound(bytes, std::string(17, '\xff')), std::nullopt);
}

class DataWriterTest : public testing::Test {
 protected:
  void make_table(std::vector<Field> fields, PartitionSpec spec = {}) {
    metadata_.location = "file://" + directory_.path() + "/t";
    metadata_.schemas = {Schema{0, std::move(fields), {}}};
    metadata_.partition_specs = {std::move(spec)};
  }

  std::shared_ptr<arrow::RecordBatch> batch(std::vector<std::shared_ptr<arrow::Array>> columns) {
    const int64_t rows = columns[0]->length();
    return arrow::RecordBatch::Make(to_arrow_schema(metadata_.schema()), rows, std::move(columns));
  }

  std::vector<DataFile> write(const std::shared_ptr<arrow::RecordBatch>& rows,
                              const DataWriterOptions& options = {}) {
    auto writer = MUST(DataWriter::create(metadata_, files_, platform::system_random(), options));
    MUST(writer->write(rows));
    return MUST(writer->finish());
  }

  Value bound(const std::map<int32_t, std::string>& bounds, int32_t id) {
    return MUST(deserialize_value(*metadata_.schema().find(id)->type, bounds.at(id)));
  }

  platform::TemporaryDirectory directory_;
  platform::FaultyFileSystem files_{platform::local_file_system()};
  TableMetadata metadata_;
};

std::shared_ptr<arrow::Array> doubles(const std::vector<double>& values) {
  arrow::DoubleBuilder builder;
  CHECK(builder.AppendValues(values).ok());
  return *builder.Finish();
}

std::shared_ptr<arrow::Array> longs(const std::vector<int64_t>& values) {
  arrow::Int64Builder builder;
  CHECK(builder.AppendValues(values).ok());
  return *builder.Finish();
}

TEST_F(DataWriterTest, NanIsCountedAndInNoBound) {
  make_table({{1, "x", primitive(TypeId::kDouble)}, {2, "only", primitive(TypeId::kDouble)}});
  const double nan = std::nan("");
  const auto file = write(batch({doubles({nan, 0.0, 2.5, nan}), doubles({nan, nan, nan, nan})}))[0];
  EXPECT_EQ(file.nan_value_counts.at(1), 2);
  EXPECT_EQ(file.nan_value_counts.at(2), 4);
  EXPECT_EQ(file.null_value_counts.at(1), 0);
  const double lower = std::get<double>(bound(file.lower_bounds, 1));
  EXPECT_EQ(lower, 0.0);
  EXPECT_TRUE(std::signbit(lower));  // -0.0 is below what a reader may look for
  EXPECT_EQ(std::get<double>(bound(file.upper_bounds, 1)), 2.5);
  EXPECT_FALSE(file.lower_bounds.contains(2));
  EXPECT_EQ(file.record_count, 4);
  EXPECT_EQ(file.value_counts.at(2), 4);
}

TEST_F(DataWriterTest, FieldsOfANullStructCountAsNull) {
  make_table({{1, "s", struct_of({{2, "x", primitive(TypeId::kLong)}})}});
  auto inner = std::make_shared<arrow::Int64Builder>();
  arrow::StructBuilder builder(to_arrow_type(*metadata_.schema().fields[0].type),
                               arrow::default_memory_pool(), {inner});
  CHECK(builder.Append(true).ok() && inner->Append(7).ok());
  CHECK(builder.AppendNull().ok());
  CHECK(builder.Append(true).ok() && inner->AppendNull().ok());
  const auto file = write(batch({*builder.Finish()}))[0];
  EXPECT_EQ(file.value_counts.at(2), 3);
  EXPECT_EQ(file.null_value_counts.at(2), 2);
  EXPECT_EQ(std::get<int64_t>(bound(file.upper_bounds, 2)), 7);
}

TEST_F(DataWriterTest, DecimalsOfEveryWidthHaveSignedBounds) {
  std::vector<Field> fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  int32_t id = 0;
  for (const int32_t precision : {9, 18, 38}) {
    const TypePtr type = decimal(precision, 2);
    fields.push_back({++id, "d" + std::to_string(precision), type});
    arrow::Decimal128Builder builder(to_arrow_type(*type));
    for (const int64_t value : {-250, 1, 99}) CHECK(builder.Append(arrow::Decimal128(value)).ok());
    columns.push_back(*builder.Finish());
  }
  make_table(fields);
  const auto file = write(batch(columns))[0];
  for (int32_t column = 1; column <= 3; ++column) {
    EXPECT_EQ(file.lower_bounds.at(column), "\xff\x06");
    EXPECT_EQ(file.upper_bounds.at(column), "c");
  }
}

TEST_F(DataWriterTest, SplitsByPartitionAndSizesAreExact) {
  PartitionSpec spec;
  spec.fields = {{1, 1000, "n_part", {TransformKind::kTruncate, 10, {}}}};
  make_table({{1, "n", primitive(TypeId::kLong)}}, spec);
  DataWriterOptions options;
  options.open_partitions_max = 2;
  const auto written = write(batch({longs({-1, 5, 15, 3, -7, 25})}), options);
  ASSERT_EQ(written.size(), 4U);
  int64_t rows = 0;
  for (const DataFile& file : written) {
    rows += file.record_count;
    const int64_t low = std::get<int64_t>(bound(file.lower_bounds, 1));
    const int64_t part = std::get<int64_t>(file.partition.at(0));
    EXPECT_TRUE(part <= low && low < part + 10);
    const std::string bytes = MUST(files_.read_file(MUST(local_path_of(file.file_path))));
    EXPECT_EQ(static_cast<int64_t>(bytes.size()), file.file_size_in_bytes);
    EXPECT_EQ(file.split_offsets, std::vector<int64_t>{4});
  }
  EXPECT_EQ(rows, 6);
}

TEST_F(DataWriterTest, RollsAtTheTargetSize) {
  make_table({{1, "n", primitive(TypeId::kLong)}});
  auto writer = MUST(DataWriter::create(metadata_, files_, platform::system_random(),
                                        {.target_file_size_bytes = 1}));
  for (int i = 0; i < 3; ++i) MUST(writer->write(batch({longs({i, i + 1})})));
  EXPECT_EQ(MUST(writer->finish()).size(), 3U);
}

TEST_F(DataWriterTest, RequiredColumnsRefuseNulls) {
  make_table({{1, "n", primitive(TypeId::kLong), true}});
  arrow::Int64Builder builder;
  CHECK(builder.AppendNull().ok());
  auto writer = MUST(DataWriter::create(metadata_, files_, platform::system_random(), {}));
  const Status outcome = writer->write(batch({*builder.Finish()}));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ErrorCode::kInvalidData);
}

TEST_F(DataWriterTest, AFailingDiskLeavesNoFileBehind) {
  make_table({{1, "n", primitive(TypeId::kLong)}});
  for (int64_t nth = 1;; ++nth) {
    const int64_t before = files_.operations();
    files_.fail_nth(nth);
    bool ok = false;
    {
      auto writer = MUST(DataWriter::create(metadata_, files_, platform::system_random(), {}));
      const Status written = writer->write(batch({longs({1, 2})}));
      ok = written.ok() && writer->finish().ok();
    }
    const bool reached = files_.operations() - before >= nth;
    files_.fail_nth(0);
    EXPECT_EQ(ok, !reached);
    if (ok) break;
    const std::string data = directory_.path() + "/t/data";
    if (MUST(files_.exists(data))) {
      EXPECT_TRUE(MUST(files_.list(data)).empty());
    }
    ASSERT_LT(nth, 50);
  }
}

TEST_F(DataWriterTest, BatchesAreMadeToFitTheSchema) {
  make_table({{1, "n", primitive(TypeId::kLong)}, {2, "s", primitive(TypeId::kString)}});
  arrow::Int32Builder builder;
  CHECK(builder.AppendValues({1, 2}).ok());
  const auto narrow = arrow::RecordBatch::Make(arrow::schema({arrow::field("n", arrow::int32())}),
                                               2, {*builder.Finish()});
  const auto fitted = MUST(conform_batch(narrow, metadata_.schema()));
  EXPECT_EQ(fitted->column(1)->null_count(), 2);
  EXPECT_TRUE(fitted->column(0)->Equals(*longs({1, 2})));
  const auto text = arrow::RecordBatch::Make(arrow::schema({arrow::field("s", arrow::int32())}), 2,
                                             {narrow->column(0)});
  const auto refused = conform_batch(text, metadata_.schema());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kIncompatibleSchema);
}

}  // namespace
}  // namespace firn::iceberg
