#include <arrow/c/bridge.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "duckdb/common/arrow/arrow_appender.hpp"
#include "duckdb/common/arrow/arrow_converter.hpp"
#include "duckdb/main/client_properties.hpp"
#include "query/worker/encoder.h"
#include "query/worker/lake_scan.h"

namespace firn::query {
namespace {

constexpr duckdb::idx_t kArrowRows = 16 * 1024;
constexpr duckdb::idx_t kParquetRows = 128 * 1024;

// Where Arrow's writers put bytes: a string that is emptied between two writes.
class StringStream final : public arrow::io::OutputStream {
 public:
  arrow::Status Write(const void* data, int64_t size) override {
    bytes_.append(static_cast<const char*>(data), static_cast<size_t>(size));
    written_ += size;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> Tell() const override { return written_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  void move_to(std::string& out) {
    out += bytes_;
    bytes_.clear();
  }

 private:
  std::string bytes_;
  int64_t written_ = 0;
  bool closed_ = false;
};

void require(const arrow::Status& status) {
  if (status.ok()) return;
  throw_error(Error(ErrorCode::kUnsupported,
                    "the answer cannot be written in this format: " + status.message()));
}
template <typename T>
T require(arrow::Result<T> result) {
  require(result.status());
  return std::move(result).ValueUnsafe();
}

class ArrowEncoder final : public Encoder {
 public:
  ArrowEncoder(ResultFormat format, duckdb::ClientContext& context,
               const duckdb::vector<std::string>& names,
               const duckdb::vector<duckdb::LogicalType>& types)
      : is_parquet_(format == ResultFormat::kParquet),
        types_(types),
        properties_(context.GetClientProperties()),
        stream_(std::make_shared<StringStream>()) {
    ArrowSchema exported;
    duckdb::ArrowConverter::ToArrowSchema(&exported, types, names, properties_);
    schema_ = require(arrow::ImportSchema(&exported));
  }

  void begin(std::string& out) override {
    if (is_parquet_) {
      const auto properties = parquet::WriterProperties::Builder()
                                  .compression(parquet::Compression::ZSTD)
                                  ->compression_level(1)
                                  ->build();
      parquet_ = require(parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(),
                                                          stream_, properties));
    } else {
      ipc_ = require(arrow::ipc::MakeStreamWriter(stream_, schema_));
    }
    stream_->move_to(out);
  }

  void append(duckdb::DataChunk& chunk, std::string& out) override {
    if (!appender_) {
      appender_ = std::make_unique<duckdb::ArrowAppender>(
          types_, rows_wanted(), properties_,
          duckdb::unordered_map<duckdb::idx_t,
                                const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>());
    }
    appender_->Append(chunk, 0, chunk.size(), chunk.size());
    if (appender_->RowCount() >= rows_wanted()) flush(out);
  }

  void finish(std::string& out) override {
    flush(out);
    require(is_parquet_ ? parquet_->Close() : ipc_->Close());
    stream_->move_to(out);
  }

 private:
  duckdb::idx_t rows_wanted() const { return is_parquet_ ? kParquetRows : kArrowRows; }

  void flush(std::string& out) {
    if (!appender_) return;
    ArrowArray exported = appender_->Finalize();
    appender_.reset();
    const auto batch = require(arrow::ImportRecordBatch(&exported, schema_));
    if (is_parquet_) {
      const auto table = require(arrow::Table::FromRecordBatches(schema_, {batch}));
      require(parquet_->WriteTable(*table, kParquetRows));
    } else {
      require(ipc_->WriteRecordBatch(*batch));
    }
    stream_->move_to(out);
  }

  const bool is_parquet_;
  const duckdb::vector<duckdb::LogicalType> types_;
  duckdb::ClientProperties properties_;
  std::shared_ptr<StringStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<duckdb::ArrowAppender> appender_;
  std::unique_ptr<parquet::arrow::FileWriter> parquet_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> ipc_;
};

}  // namespace

std::unique_ptr<Encoder> make_arrow_encoder(ResultFormat format, duckdb::ClientContext& context,
                                            const duckdb::vector<std::string>& names,
                                            const duckdb::vector<duckdb::LogicalType>& types) {
  return std::make_unique<ArrowEncoder>(format, context, names, types);
}

}  // namespace firn::query
