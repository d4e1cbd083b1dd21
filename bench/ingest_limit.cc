// The limit that ingestion is measured against: the same bytes through simdjson into Arrow and into
// Parquet, in one thread, with no server, no log and no commit. Prints one line of JSON.
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/writer.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "iceberg/arrow_schema.h"
#include "ingest/json_rows.h"
#include "rows.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void renumber(std::vector<firn::iceberg::Field>& fields) {
  int32_t id = 0;
  for (auto& field : fields) field.id = ++id;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace firn;
  if (argc != 4) {
    std::fprintf(stderr, "usage: ingest_limit FILE ROWS_A_BODY SECONDS\n");
    return 2;
  }
  const int rows = std::atoi(argv[2]);
  const double limit_seconds = std::atof(argv[3]);
  std::vector<std::string> bodies;
  for (int i = 0; i < std::max(8, std::min(512, 200000 / rows)); ++i) {
    bodies.push_back(bench::make_body(
        static_cast<unsigned long>(i) * static_cast<unsigned long>(rows), rows, false));
    bodies.back().reserve(bodies.back().size() + 64);
  }
  const auto seen = MUST(ingest::infer_json(bodies[0], ingest::JsonShape::kValue));
  auto schema = MUST(ingest::evolve_for({}, seen, {}));
  renumber(schema.fields);

  // A file of 128 Ki rows a row group, as the server's own settings.
  auto file = arrow::io::FileOutputStream::Open(argv[1]).ValueOrDie();
  auto properties = parquet::WriterProperties::Builder()
                        .compression(parquet::Compression::ZSTD)
                        ->compression_level(1)
                        ->build();
  auto writer = parquet::arrow::FileWriter::Open(*iceberg::to_arrow_schema(schema),
                                                 arrow::default_memory_pool(), file, properties)
                    .ValueOrDie();
  int64_t total = 0;
  double decode_seconds = 0;
  const auto start = Clock::now();
  for (size_t i = 0; seconds_since(start) < limit_seconds; ++i) {
    const auto decode_start = Clock::now();
    auto outcome = MUST(ingest::decode_json(bodies[i % bodies.size()], schema, {}));
    decode_seconds += seconds_since(decode_start);
    total += outcome.rows.batch->num_rows();
    if (!writer->WriteRecordBatch(*outcome.rows.batch).ok()) return 1;
  }
  if (!writer->Close().ok()) return 1;
  const double seconds = seconds_since(start);
  fmt::print("{{\"rows_per_second\":{:.0f},\"decode_rows_per_second\":{:.0f},\"row_bytes\":{}}}\n",
             static_cast<double>(total) / seconds, static_cast<double>(total) / decode_seconds,
             bodies[0].size() / static_cast<size_t>(rows));
  return 0;
}
