// What Iceberg adds to writing Parquet, and what a commit costs. In one run, taking turns:
// DataWriter against Arrow's own FileWriter with the same properties over the same batches (the
// limit), then appends of one small file each with their fsyncs, in one thread.
//
//   build/release/bin/iceberg_write [FOLDER]
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <fmt/core.h>
#include <parquet/arrow/writer.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "catalog/catalog.h"
#include "iceberg/arrow_schema.h"
#include "iceberg/data_writer.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/random.h"
#include "store/database.h"

namespace {

using namespace firn;
using iceberg::TypeId;

iceberg::Schema bench_schema() {
  iceberg::Schema schema;
  schema.fields = {{1, "id", iceberg::primitive(TypeId::kLong)},
                   {2, "at", iceberg::primitive(TypeId::kTimestampTz)},
                   {3, "user", iceberg::primitive(TypeId::kString)},
                   {4, "path", iceberg::primitive(TypeId::kString)},
                   {5, "value", iceberg::primitive(TypeId::kDouble)},
                   {6, "ok", iceberg::primitive(TypeId::kBoolean)}};
  return schema;
}

std::shared_ptr<arrow::RecordBatch> bench_batch(int64_t first, int64_t rows) {
  arrow::Int64Builder id;
  arrow::TimestampBuilder at(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                             arrow::default_memory_pool());
  arrow::StringBuilder user;
  arrow::StringBuilder path;
  arrow::DoubleBuilder value;
  arrow::BooleanBuilder ok;
  for (int64_t i = first; i < first + rows; ++i) {
    const uint64_t mixed = static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15ULL;
    CHECK(id.Append(i).ok() && at.Append(1'700'000'000'000'000 + i * 1000).ok());
    CHECK(user.Append("user-" + std::to_string(mixed >> 44)).ok());
    CHECK(path.Append("/v1/things/" + std::to_string(mixed >> 58)).ok());
    CHECK(value.Append(static_cast<double>(mixed >> 40) / 7).ok() &&
          ok.Append((mixed >> 63) != 0).ok());
  }
  return arrow::RecordBatch::Make(
      iceberg::to_arrow_schema(bench_schema()), rows,
      {*id.Finish(), *at.Finish(), *user.Finish(), *path.Finish(), *value.Finish(), *ok.Finish()});
}

double milliseconds_since(int64_t start_ns) {
  return static_cast<double>(platform::system_clock().monotonic_ns() - start_ns) / 1e6;
}

double write_plain(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
                   const std::string& path) {
  const int64_t start = platform::system_clock().monotonic_ns();
  auto sink = *arrow::io::FileOutputStream::Open(path);
  parquet::WriterProperties::Builder properties;
  properties.compression(arrow::Compression::ZSTD)
      ->compression_level(1)
      ->enable_store_decimal_as_integer();
  auto writer = *parquet::arrow::FileWriter::Open(
      *batches[0]->schema(), arrow::default_memory_pool(), sink, properties.build());
  for (const auto& batch : batches) CHECK(writer->WriteRecordBatch(*batch).ok());
  CHECK(writer->Close().ok() && sink->Close().ok());
  const auto file = MUST(platform::local_file_system().open(path, platform::OpenMode::kRead));
  MUST(file->sync());
  return milliseconds_since(start);
}

double write_ours(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
                  const iceberg::TableMetadata& metadata) {
  const int64_t start = platform::system_clock().monotonic_ns();
  auto writer = MUST(iceberg::DataWriter::create(metadata, platform::local_file_system(),
                                                 platform::system_random(), {}));
  for (const auto& batch : batches) MUST(writer->write(batch));
  MUST(writer->finish());
  return milliseconds_since(start);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "/tmp/firn-iceberg-bench";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  auto database = MUST(store::Database::open(folder + "/firn.db"));
  auto lake = MUST(catalog::Catalog::create({folder + "/warehouse"}, *database,
                                            platform::local_file_system(), platform::system_clock(),
                                            platform::system_random()));
  MUST(lake->ensure_catalog("lake"));
  MUST(lake->create_namespace("lake", {"main"}, {}));
  const auto table = MUST(lake->create_table({"lake", {"main"}, "t"}, bench_schema(), {}, {}, {}));

  constexpr int kRounds = 7;
  constexpr int64_t kRows = 1'000'000;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int64_t row = 0; row < kRows; row += 50'000) batches.push_back(bench_batch(row, 50'000));
  std::vector<double> plain;
  std::vector<double> ours;
  for (int round = 0; round < kRounds; ++round) {
    plain.push_back(write_plain(batches, folder + "/plain.parquet"));
    ours.push_back(write_ours(batches, *table->metadata));
  }
  fmt::print(
      "1,000,000 rows to Parquet and disk: Arrow alone {:.0f} ms, DataWriter {:.0f} ms ({:.2f})\n",
      median(plain), median(ours), median(ours) / median(plain));

  std::vector<double> commits;
  const int64_t start = platform::system_clock().monotonic_ns();
  constexpr int kCommits = 500;
  const auto small = bench_batch(0, 100);
  double data_ms = 0;
  for (int i = 0; i < kCommits; ++i) {
    const int64_t before = platform::system_clock().monotonic_ns();
    auto writer = MUST(iceberg::DataWriter::create(*table->metadata, platform::local_file_system(),
                                                   platform::system_random(), {}));
    MUST(writer->write(small));
    catalog::AppendRequest request;
    request.files = MUST(writer->finish());
    data_ms += milliseconds_since(before);
    const int64_t at = platform::system_clock().monotonic_ns();
    MUST(lake->append(table->ident, table->metadata->table_uuid, request));
    commits.push_back(milliseconds_since(at));
  }
  const double seconds = milliseconds_since(start) / 1000;
  const std::vector<double> first(commits.begin(), commits.begin() + 50);
  const std::vector<double> last(commits.end() - 50, commits.end());
  fmt::print(
      "{} commits of one file of 100 rows: {:.0f}/s; the commit {:.2f} ms (the first 50 "
      "{:.2f}, the last 50 {:.2f}), the data file {:.2f} ms\n",
      kCommits, kCommits / seconds, median(commits), median(first), median(last),
      data_ms / kCommits);
  std::filesystem::remove_all(folder);
  return 0;
}
