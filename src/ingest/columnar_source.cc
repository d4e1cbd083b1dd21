#include "ingest/columnar_source.h"

#include <arrow/io/file.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>

#include <cstring>

namespace firn::ingest {
namespace {

constexpr int64_t kBatchRows = 64 << 10;

Error invalid(const char* what, const std::string& why) {
  return Error(ErrorCode::kInvalidData, std::string("the body is not ") + what + ": " + why);
}

// An upload as Arrow reads it.
class SourceStream final : public arrow::io::InputStream {
 public:
  SourceStream(std::string first_bytes, const ByteSource& source)
      : first_(std::move(first_bytes)), source_(source) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }

  arrow::Result<int64_t> Read(int64_t size, void* into) override {
    auto* out = static_cast<char*>(into);
    int64_t done = 0;
    while (done < size) {
      if (at_ < first_.size()) {
        const size_t n = std::min<size_t>(first_.size() - at_, static_cast<size_t>(size - done));
        std::memcpy(out + done, first_.data() + at_, n);
        at_ += n;
        done += static_cast<int64_t>(n);
        continue;
      }
      const auto n = source_(out + done, static_cast<size_t>(size - done));
      if (!n.ok()) {
        failure_ = n.error();
        return arrow::Status::IOError(n.error().message());
      }
      if (*n == 0) break;
      done += static_cast<int64_t>(*n);
    }
    position_ += done;
    return done;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t size) override {
    // A length from a hostile stream must not be believed before its bytes are there.
    constexpr int64_t kMessageBytesMax = 1LL << 30;
    if (size < 0 || size > kMessageBytesMax)
      return arrow::Status::Invalid("a message is too large");
    std::string bytes;
    constexpr int64_t kStep = 1 << 20;
    while (static_cast<int64_t>(bytes.size()) < size) {
      const size_t before = bytes.size();
      bytes.resize(before + static_cast<size_t>(
                                std::min<int64_t>(kStep, size - static_cast<int64_t>(before))));
      ARROW_ASSIGN_OR_RAISE(const int64_t n, Read(static_cast<int64_t>(bytes.size() - before),
                                                  bytes.data() + before));
      const bool ended = before + static_cast<size_t>(n) < bytes.size();
      bytes.resize(before + static_cast<size_t>(n));
      if (ended) break;
    }
    return arrow::Buffer::FromString(std::move(bytes));
  }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  std::string first_;
  size_t at_ = 0;
  const ByteSource& source_;
  int64_t position_ = 0;
  bool closed_ = false;
  std::optional<Error> failure_;
};

class ArrowSource final : public ColumnarSource {
 public:
  ArrowSource(std::shared_ptr<SourceStream> stream,
              std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader)
      : stream_(std::move(stream)), reader_(std::move(reader)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    const auto read = reader_->ReadNext(&batch);
    if (stream_->failure()) return *stream_->failure();
    if (!read.ok()) return invalid("an Arrow IPC stream", read.message());
    if (!batch) return batch;
    const auto valid = batch->ValidateFull();
    if (!valid.ok()) return invalid("an Arrow IPC stream", valid.message());
    return batch;
  }

 private:
  std::shared_ptr<SourceStream> stream_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
};

class ParquetSource final : public ColumnarSource {
 public:
  ParquetSource(std::unique_ptr<parquet::arrow::FileReader> file,
                std::unique_ptr<arrow::RecordBatchReader> reader)
      : file_(std::move(file)), reader_(std::move(reader)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  Result<std::shared_ptr<arrow::RecordBatch>> next() override {
    try {
      std::shared_ptr<arrow::RecordBatch> batch;
      const auto read = reader_->ReadNext(&batch);
      if (!read.ok()) return invalid("a Parquet file", read.message());
      if (!batch) return batch;
      const auto valid = batch->ValidateFull();
      if (!valid.ok()) return invalid("a Parquet file", valid.message());
      return batch;
    } catch (const std::exception& failure) {
      return invalid("a Parquet file", failure.what());
    }
  }

 private:
  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::unique_ptr<arrow::RecordBatchReader> reader_;
};

}  // namespace

Result<std::unique_ptr<ColumnarSource>> ColumnarSource::arrow_stream(std::string first_bytes,
                                                                     const ByteSource& source) {
  auto stream = std::make_shared<SourceStream>(std::move(first_bytes), source);
  auto reader = arrow::ipc::RecordBatchStreamReader::Open(stream);
  if (stream->failure()) return *stream->failure();
  if (!reader.ok()) return invalid("an Arrow IPC stream", reader.status().message());
  return std::unique_ptr<ColumnarSource>(std::make_unique<ArrowSource>(stream, *reader));
}

Result<std::unique_ptr<ColumnarSource>> ColumnarSource::parquet_file(const std::string& path) {
  try {
    auto file = arrow::io::ReadableFile::Open(path);
    if (!file.ok()) {
      return Error(ErrorCode::kStorageUnavailable, "cannot read the upload",
                   file.status().ToString());
    }
    parquet::arrow::FileReaderBuilder builder;
    if (const auto opened = builder.Open(*file); !opened.ok()) {
      return invalid("a Parquet file", opened.message());
    }
    parquet::ArrowReaderProperties properties;
    properties.set_batch_size(kBatchRows);
    properties.set_pre_buffer(false);
    std::unique_ptr<parquet::arrow::FileReader> reader;
    if (const auto built = builder.properties(properties)->Build(&reader); !built.ok()) {
      return invalid("a Parquet file", built.message());
    }
    auto batches = reader->GetRecordBatchReader();
    if (!batches.ok()) return invalid("a Parquet file", batches.status().message());
    return std::unique_ptr<ColumnarSource>(
        std::make_unique<ParquetSource>(std::move(reader), std::move(*batches)));
  } catch (const std::exception& failure) {
    return invalid("a Parquet file", failure.what());
  }
}

}  // namespace firn::ingest
