#include "query/kept_result.h"

#include <sodium.h>

#include <algorithm>

#include "base/bytes.h"
#include "platform/file.h"

namespace firn::query {
namespace {

constexpr uint64_t kIndexEvery = 100;  // lines
constexpr size_t kBufferBytes = 256 << 10;
constexpr size_t kPageBytesMax = 32 << 20;

}  // namespace

KeptResult::KeptResult(platform::FileSystem& files, std::string path,
                       std::unique_ptr<platform::File> file, const Limits& limits)
    : files_(files), path_(std::move(path)), limits_(limits), file_(std::move(file)) {}

Result<std::unique_ptr<KeptResult>> KeptResult::create(platform::FileSystem& files,
                                                       std::string path, const Limits& limits) {
  auto file = TRY(files.open(path, platform::OpenMode::kCreateNew));
  return std::unique_ptr<KeptResult>(
      new KeptResult(files, std::move(path), std::move(file), limits));
}

KeptResult::~KeptResult() {
  file_.reset();
  (void)files_.remove(path_);  // what is left goes at the next start
}

void KeptResult::set_columns(std::vector<ResultColumn> columns) {
  std::lock_guard lock(mutex_);
  columns_ = std::move(columns);
}

Status KeptResult::append(std::string_view encoded) {
  std::lock_guard lock(mutex_);
  while (!encoded.empty()) {
    const size_t end = encoded.find('\n');
    if (end == std::string_view::npos) {
      if (!truncated_) unfinished_ += encoded;
      return {};
    }
    if (unfinished_.empty()) {
      TRY(take_line(encoded.substr(0, end + 1)));
    } else {
      unfinished_ += encoded.substr(0, end + 1);
      TRY(take_line(unfinished_));
      unfinished_.clear();
    }
    encoded.remove_prefix(end + 1);
  }
  return {};
}

Status KeptResult::take_line(std::string_view line) {
  // Of every line, kept or not: it says whether two results are of the same rows.
  uint64_t digest[4];
  crypto_generichash(reinterpret_cast<unsigned char*>(digest), sizeof digest,
                     reinterpret_cast<const unsigned char*>(line.data()), line.size(), nullptr, 0);
  for (int i = 0; i < 4; ++i) hash_[i] += digest[i];
  const uint64_t bytes = file_bytes_ + buffer_.size();
  if (truncated_ || rows_ >= limits_.rows_max || bytes + line.size() > limits_.bytes_max) {
    truncated_ = true;
    return {};
  }
  if (rows_ % kIndexEvery == 0) starts_.push_back(bytes);
  ++rows_;
  buffer_ += line;
  return buffer_.size() >= kBufferBytes ? flush() : Status();
}

Status KeptResult::flush() {
  if (buffer_.empty()) return {};
  TRY(file_->append(as_bytes(buffer_)));
  file_bytes_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<std::vector<std::string>> KeptResult::read_rows(uint64_t offset, uint64_t count) {
  std::vector<std::string> rows;
  if (offset >= rows_ || count == 0) return rows;
  TRY(flush());
  const uint64_t last = offset + std::min(count, rows_ - offset);
  const size_t first_mark = offset / kIndexEvery;
  const size_t end_mark = (last + kIndexEvery - 1) / kIndexEvery;
  const uint64_t from = starts_[first_mark];
  const uint64_t to = end_mark < starts_.size() ? starts_[end_mark] : file_bytes_;
  if (to - from > kPageBytesMax) {
    return Error(ErrorCode::kResourceExhausted, "these rows are too large: ask for fewer");
  }
  const std::string bytes = TRY(file_->read_at(from, to - from));
  std::string_view rest = bytes;
  for (uint64_t row = first_mark * kIndexEvery; row < last && !rest.empty(); ++row) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (row >= offset) rows.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return rows;
}

Result<std::vector<std::string>> KeptResult::rows(uint64_t offset, uint64_t count) {
  std::lock_guard lock(mutex_);
  return read_rows(offset, count);
}

Result<KeptResult::Page> KeptResult::page(uint64_t offset, uint64_t count) {
  std::lock_guard lock(mutex_);
  Page page{columns_, "[", rows_, truncated_};
  for (const auto& row : TRY(read_rows(offset, count))) {
    if (page.rows.size() > 1) page.rows += ',';
    page.rows += row;
  }
  page.rows += ']';
  return page;
}

std::string KeptResult::rows_hash() {
  std::lock_guard lock(mutex_);
  return to_hex({reinterpret_cast<const uint8_t*>(hash_), sizeof hash_});
}

uint64_t KeptResult::bytes() {
  std::lock_guard lock(mutex_);
  return file_bytes_ + buffer_.size();
}

}  // namespace firn::query
