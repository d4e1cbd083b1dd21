#include "query/hot_files.h"

#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <fcntl.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace firn::query {
namespace {

// A segment of a few rows costs a query as much as one of many: few are kept.
constexpr size_t kSegmentsMax = 8;
constexpr int64_t kSegmentRowsMax = 4'000'000;
constexpr int64_t kRowGroupRows = 128 * 1024;

Error failed(const arrow::Status& status) {
  return Error(ErrorCode::kInternal, "rows that are not committed yet cannot be read",
               status.ToString());
}

Result<std::shared_ptr<HotFile>> write_parquet(const arrow::Table& table) {
  const int descriptor = ::memfd_create("firn-hot", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return Error(ErrorCode::kOverloaded, "no descriptor is free for hot rows");
  auto file = std::make_shared<HotFile>(descriptor, 0);
  // Arrow closes what it is given.
  auto out = arrow::io::FileOutputStream::Open(::dup(descriptor));
  if (!out.ok()) return failed(out.status());
  const auto properties = parquet::WriterProperties::Builder()
                              .disable_dictionary()
                              ->disable_statistics()
                              ->compression(parquet::Compression::UNCOMPRESSED)
                              ->build();
  auto status = parquet::arrow::WriteTable(table, arrow::default_memory_pool(), *out, kRowGroupRows,
                                           properties);
  if (status.ok()) status = (*out)->Close();
  if (!status.ok()) return failed(status);
  const auto size = ::lseek(descriptor, 0, SEEK_END);
  ::fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  auto sealed = std::make_shared<HotFile>(::dup(descriptor), static_cast<uint64_t>(size));
  if (size < 0 || sealed->descriptor() < 0) {
    return Error(ErrorCode::kOverloaded, "no descriptor is free for hot rows");
  }
  return sealed;
}

}  // namespace

Result<HotFiles::Segment> HotFiles::make_segment(const Uuid& table,
                                                 const std::vector<HotBatch>& batches, size_t begin,
                                                 size_t end) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> rows;
  for (size_t i = begin; i < end; ++i) rows.push_back(batches[i].rows);
  auto whole = arrow::Table::FromRecordBatches(rows.front()->schema(), rows);
  if (!whole.ok()) return failed(whole.status());
  // Thousands of small batches would be as many small pages.
  auto combined = (*whole)->CombineChunks();
  if (!combined.ok()) return failed(combined.status());
  auto hot = TRY(write_parquet(**combined));
  Segment segment;
  segment.first_lsn = batches[begin].lsn;
  segment.last_lsn = batches[end - 1].lsn;
  segment.file.path =
      std::string(kHotPathPrefix) + table.to_string() + "/" + std::to_string(++made_);
  segment.file.size_bytes = static_cast<int64_t>(hot->size_bytes());
  segment.file.record_count = (*combined)->num_rows();
  segment.file.hot = std::move(hot);
  return segment;
}

Result<std::vector<PlannedFile>> HotFiles::files(const Uuid& table,
                                                 const std::vector<HotBatch>& batches,
                                                 uint64_t committed_lsn) {
  std::lock_guard lock(mutex_);
  size_t next = 0;
  while (next < batches.size() && batches[next].lsn <= committed_lsn) ++next;

  auto [found, is_new] = kept_.try_emplace(table);
  Kept& kept = found->second;
  if (is_new) kept.use = use_.insert(use_.begin(), table);
  use_.splice(use_.begin(), use_, kept.use);
  const auto drop_all = [&] {
    for (const auto& segment : kept.segments) {
      kept_bytes_ -= static_cast<uint64_t>(segment.file.size_bytes);
    }
    kept.segments.clear();
  };
  while (!kept.segments.empty() && kept.segments.front().last_lsn <= committed_lsn) {
    kept_bytes_ -= static_cast<uint64_t>(kept.segments.front().file.size_bytes);
    kept.segments.pop_front();
  }
  // What is kept serves only as a run from the first wanted batch on.
  const bool serves =
      kept.segments.empty() ||
      (next < batches.size() && kept.segments.front().first_lsn == batches[next].lsn &&
       kept.segments.back().last_lsn <= batches.back().lsn);
  if (!serves || kept.segments.size() > kSegmentsMax) drop_all();

  std::vector<PlannedFile> files;
  if (!kept.segments.empty()) {
    const uint64_t last = kept.segments.back().last_lsn;
    while (next < batches.size() && batches[next].lsn <= last) ++next;
  }
  while (next < batches.size()) {
    size_t end = next;
    int64_t rows = 0;
    while (end < batches.size() && rows < kSegmentRowsMax &&
           batches[end].rows->schema()->Equals(*batches[next].rows->schema(), true)) {
      rows += batches[end++].rows->num_rows();
    }
    auto segment = TRY(make_segment(table, batches, next, end));
    kept_bytes_ += static_cast<uint64_t>(segment.file.size_bytes);
    kept.segments.push_back(std::move(segment));
    next = end;
  }
  for (const auto& segment : kept.segments) files.push_back(segment.file);
  forget_oldest(table);
  return files;
}

void HotFiles::forget_oldest(const Uuid& but) {
  while (kept_bytes_ > kept_bytes_max_ && !use_.empty() && use_.back() != but) {
    const auto found = kept_.find(use_.back());
    for (const auto& segment : found->second.segments) {
      kept_bytes_ -= static_cast<uint64_t>(segment.file.size_bytes);
    }
    kept_.erase(found);
    use_.pop_back();
  }
  if (kept_bytes_ > kept_bytes_max_) {
    auto& segments = kept_.at(but).segments;
    for (const auto& segment : segments) {
      kept_bytes_ -= static_cast<uint64_t>(segment.file.size_bytes);
    }
    segments.clear();
  }
}

uint64_t HotFiles::kept_bytes() {
  std::lock_guard lock(mutex_);
  return kept_bytes_;
}

}  // namespace firn::query
