#include <arrow/record_batch.h>
#include <spdlog/spdlog.h>

#include <cstring>

#include "iceberg/arrow_schema.h"
#include "iceberg/data_writer.h"
#include "ingest/columnar_source.h"
#include "ingest/csv_rows.h"
#include "ingest/json_rows.h"
#include "ingest/json_splitter.h"
#include "ingest/service.h"
#include "ingest/task_id.h"
#include "platform/fault.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::ingest {
namespace {

constexpr size_t kPaddingBytes = 64;
constexpr int64_t kUploadRowGroupRows = 128 << 10;  // bounds what one upload holds in memory

}  // namespace

// One upload under way, on one thread.
class Upload {
 public:
  Upload(Service& service, const UploadRequest& request, const ByteSource& source)
      : service_(service), request_(request), source_(source) {}

  Result<AppendAnswer> run() {
    auto answer = read_and_commit();
    if (!answer.ok() && created_ && is_ours_alone(answer.error())) {
      const Status dropped = service_.catalog_.drop_table(request_.table, true);
      if (!dropped.ok()) {
        spdlog::warn("cannot drop {} after a failed upload: {}", request_.table.to_string(),
                     dropped.error().to_log());
      }
    }
    if (!spool_path_.empty()) (void)service_.files_.remove(spool_path_);  // cleared at start, too
    return answer;
  }

 private:
  Result<AppendAnswer> read_and_commit() {
    auto loaded = service_.catalog_.load_table(request_.table);
    if (loaded.ok()) {
      if (request_.mode == UploadMode::kCreate) {
        return Error(ErrorCode::kAlreadyExists,
                     "Table already exists: " + request_.table.to_string());
      }
      table_ = *loaded;
    } else if (loaded.error().code() != ErrorCode::kNotFound ||
               request_.mode == UploadMode::kAppend || !request_.branch.empty()) {
      return loaded.error();
    }
    switch (request_.format) {
      case RowFormat::kJson:
      case RowFormat::kJsonLines: TRY(read_json()); break;
      case RowFormat::kCsv: TRY(read_csv()); break;
      case RowFormat::kArrow: {
        const auto batches = TRY(ColumnarSource::arrow_stream({}, source_));
        TRY(read_batches(*batches));
        break;
      }
      case RowFormat::kParquet: {
        TRY(spool());
        const auto batches = TRY(ColumnarSource::parquet_file(spool_path_));
        TRY(read_batches(*batches));
        break;
      }
    }
    return commit();
  }

  // Fills `buffer_` up to the chunk size. False at the end of the body.
  Result<bool> fill() {
    const size_t wanted = static_cast<size_t>(service_.options_.upload_chunk_bytes);
    if (buffer_.size() >= wanted) {
      return Error(ErrorCode::kInvalidData,
                   "a row is larger than " + std::to_string(wanted) + " bytes");
    }
    const size_t before = buffer_.size();
    buffer_.resize(wanted);
    size_t have = before;
    bool more = true;
    while (have < wanted && more) {
      const size_t n = TRY(source_(buffer_.data() + have, wanted - have));
      more = n > 0;
      have += n;
    }
    buffer_.resize(have);
    return more;
  }

  Status read_json() {
    JsonSplitter splitter;
    std::string lines;
    const bool split = request_.format == RowFormat::kJson;
    for (bool more = true; more;) {
      if (split) {
        more = TRY(fill());
        TRY(splitter.feed(buffer_, lines));
        buffer_.clear();
        if (!more) TRY(splitter.finish());
      } else {
        more = TRY(fill());
        lines.swap(buffer_);
      }
      const size_t end = more ? lines.rfind('\n') + 1 : lines.size();  // npos + 1 is 0
      if (end == 0 &&
          lines.size() > 4 * static_cast<size_t>(service_.options_.upload_chunk_bytes)) {
        return Error(ErrorCode::kInvalidData, "a row is too large");
      }
      lines.reserve(lines.size() + kPaddingBytes);
      TRY(add_lines(std::string_view(lines).substr(0, end)));
      std::string rest = lines.substr(end);
      if (split)
        lines = std::move(rest);
      else
        buffer_ = std::move(rest), lines.clear();
    }
    return {};
  }

  Status add_lines(std::string_view lines) {
    if (lines.empty()) return {};
    const JsonOptions first{JsonShape::kLines, true, rows_seen_};
    std::optional<JsonOutcome> outcome;
    if (table_) outcome = TRY(decode_json(lines, table_->metadata->schema(), first));
    if (!outcome || outcome->needs_evolution) {
      const InferredType seen = TRY(infer_json(lines, JsonShape::kLines));
      TRY(grow([&](const iceberg::Schema& schema) {
        return evolve_for(schema, seen, service_.options_.evolution);
      }));
      outcome = TRY(
          decode_json(lines, table_->metadata->schema(), {JsonShape::kLines, false, rows_seen_}));
    }
    return add(std::move(outcome->rows));
  }

  Status read_csv() {
    bool more = TRY(fill());
    std::string_view view = buffer_;
    if (view.starts_with("\xEF\xBB\xBF")) view.remove_prefix(3);
    CsvDialect dialect{request_.csv_delimiter.value_or(sniff_delimiter(view)), request_.csv_null};
    std::vector<std::string> names;
    {
      CsvReader header(dialect);
      if (header.next(view, !more) != CsvReader::Next::kRecord) {
        return Error(ErrorCode::kInvalidData, "the CSV has no header line");
      }
      for (const CsvCell& cell : header.cells()) names.emplace_back(cell.text);
    }
    TRY(check_names(names));
    const InferredType seen = infer_csv(view, names, dialect);
    TRY(grow([&](const iceberg::Schema& schema) {
      return evolve_for(schema, seen, service_.options_.evolution);
    }));
    buffer_.erase(0, buffer_.size() - view.size());
    for (;;) {
      size_t used = 0;
      TRY(add(TRY(decode_csv(buffer_, !more, names, dialect, table_->metadata->schema(), rows_seen_,
                             used))));
      buffer_.erase(0, used);
      if (!more) return {};
      more = TRY(fill());
    }
  }

  static Status check_names(const std::vector<std::string>& names) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (!is_utf8(names[i])) {
        return Error(ErrorCode::kInvalidData, "the CSV's header is not valid UTF-8");
      }
      if (names[i].empty()) {
        return Error(ErrorCode::kInvalidData,
                     "column " + std::to_string(i + 1) + " of the CSV's header has no name");
      }
      if (std::find(names.begin(), names.begin() + static_cast<ptrdiff_t>(i), names[i]) !=
          names.begin() + static_cast<ptrdiff_t>(i)) {
        return Error(ErrorCode::kInvalidData, "the CSV's header has '" + names[i] + "' twice");
      }
    }
    return {};
  }

  Status spool() {
    spool_path_ = platform::join_path(service_.options_.spool_directory,
                                      service_.random_.uuid().to_string() + ".upload");
    const auto file = TRY(service_.files_.open(spool_path_, platform::OpenMode::kCreateNew));
    buffer_.resize(1 << 20);
    uint64_t total = 0;
    for (;;) {
      const size_t n = TRY(source_(buffer_.data(), buffer_.size()));
      if (n == 0) break;
      total += n;
      if (total > service_.options_.spool_bytes_max) {
        return Error(ErrorCode::kTooLarge, "the upload is larger than this server takes");
      }
      TRY(file->append(as_bytes(std::string_view(buffer_).substr(0, n))));
    }
    buffer_.clear();
    return {};
  }

  Status read_batches(ColumnarSource& batches) {
    const iceberg::Schema incoming = TRY(iceberg::from_arrow_schema(*batches.schema()));
    if (!request_.branch.empty()) TRY(check_columns(incoming));
    TRY(grow([&](const iceberg::Schema& schema) {
      return evolve_for_columns(schema, incoming, service_.options_.evolution);
    }));
    while (auto batch = TRY(batches.next())) {
      DecodedRows rows;
      rows.batch = TRY(iceberg::conform_batch(batch, table_->metadata->schema()));
      rows.rows_seen = batch->num_rows();
      TRY(add(std::move(rows)));
    }
    return {};
  }

  // A branch is no place for new columns: they would be everybody's.
  Status check_columns(const iceberg::Schema& incoming) const {
    const iceberg::Schema& schema = table_->metadata->schema();
    for (const auto& field : incoming.fields) {
      if (schema.find(std::string_view(field.name)) != nullptr) continue;
      return Error(ErrorCode::kIncompatibleSchema, "the table " + request_.table.to_string() +
                                                       " has no column '" + field.name + "'");
    }
    for (const auto& field : schema.fields) {
      if (incoming.find(std::string_view(field.name)) != nullptr) continue;
      return Error(ErrorCode::kIncompatibleSchema,
                   "the rows have no column '" + field.name + "', which the table has");
    }
    return {};
  }

  // The table that was made for these rows, and that nobody else wrote to meanwhile.
  bool is_ours_alone(const Error& error) {
    if (error.code() == ErrorCode::kCommitUnknown) return false;
    const Uuid& uuid = table_->metadata->table_uuid;
    const auto now = service_.catalog_.load_table(request_.table);
    return now.ok() && (*now)->metadata->table_uuid == uuid &&
           (*now)->metadata->snapshots.empty() && !service_.hot_->table(uuid);
  }

  // Makes the table, or grows its schema, by what `wanted` says of the one it has.
  Status grow(const std::function<Result<iceberg::Schema>(const iceberg::Schema&)>& wanted) {
    if (!table_) {
      const iceberg::Schema schema = TRY(wanted({}));
      if (schema.fields.empty()) {
        return Error(ErrorCode::kInvalidData, "the rows have no fields to make a table from");
      }
      table_ = TRY(service_.catalog_.create_table(request_.table, schema, {}, {}, {}));
      created_ = true;
      return {};
    }
    const auto evolve = [&](const catalog::Table& now) -> Result<std::optional<iceberg::Schema>> {
      auto schema = TRY(wanted(now.metadata->schema()));
      if (schema.same_fields(now.metadata->schema())) return std::optional<iceberg::Schema>();
      if (!request_.branch.empty()) {
        return Error(ErrorCode::kIncompatibleSchema, "the rows do not fit the columns of " +
                                                         request_.table.to_string() +
                                                         ": cast them to the table's types");
      }
      return std::optional(std::move(schema));
    };
    if (!TRY(evolve(*table_))) return {};
    TRY(close_writer());
    std::lock_guard lock(service_.evolve_mutex_);
    table_ = TRY(service_.catalog_.evolve_schema(request_.table, evolve));
    return {};
  }

  Result<std::unique_ptr<iceberg::DataWriter>> new_writer(const catalog::Table& table) {
    iceberg::DataWriterOptions options;
    options.row_group_rows_max = kUploadRowGroupRows;
    return iceberg::DataWriter::create(*table.metadata, service_.files_, service_.random_, options);
  }

  Status add(DecodedRows rows) {
    rows_seen_ += rows.rows_seen;
    if (!rows.rejected.empty()) {
      if (request_.abort_on_reject) {
        return Error(
            ErrorCode::kIncompatibleSchema,
            "row " + std::to_string(rows.rejected[0].index) + ": " + rows.rejected[0].error);
      }
      TRY(keep_rejected(rows.rejected));
    }
    if (rows.batch->num_rows() == 0) return {};
    answer_.rows += rows.batch->num_rows();
    if (!writer_) {
      writer_table_ = table_;  // the writer refers to its metadata
      writer_ = TRY(new_writer(*writer_table_));
    }
    return writer_->write(rows.batch);
  }

  Status keep_rejected(const std::vector<RejectedRow>& rejected) {
    answer_.rejected_count += static_cast<int64_t>(rejected.size());
    for (const RejectedRow& row : rejected) {
      if (answer_.rejected.size() == kRejectedListedMax) break;
      answer_.rejected.push_back({row.index, row.error, {}});
    }
    const TableRows kept =
        TRY(service_.rejected_rows(request_.table, table_->metadata->current_schema_id, rejected));
    if (!rejected_writer_) {
      rejected_table_ = TRY(service_.catalog_.find_table(kept.table));
      rejected_writer_ = TRY(new_writer(*rejected_table_));
    }
    return rejected_writer_->write(kept.batch);
  }

  Status close_writer() {
    if (!writer_) return {};
    for (auto& file : TRY(writer_->finish())) files_.push_back(std::move(file));
    writer_.reset();
    return {};
  }

  Result<AppendAnswer> commit() {
    TRY(close_writer());
    if (!table_) return Error(ErrorCode::kInvalidData, "the body has no rows");
    const Uuid table = table_->metadata->table_uuid;
    const bool overwrite = request_.mode == UploadMode::kOverwrite;
    const bool on_main = request_.branch.empty();
    if (overwrite && on_main) TRY(service_.commit_hot_rows(table));
    if (!files_.empty() || overwrite) {
      catalog::AppendRequest append;
      append.files = std::move(files_);
      append.overwrite = overwrite;
      append.summary = request_.summary;
      if (!on_main) append.branch = request_.branch;
      KILL_POINT("upload.data_written");
      auto appended = service_.catalog_.append(table_->ident, table, append);
      if (!appended.ok() && appended.error().code() != ErrorCode::kCommitUnknown) {
        iceberg::remove_files(service_.files_, append.files);
      }
      table_ = TRY(std::move(appended));
      if (const auto* head = table_->metadata->snapshot_of_ref(append.branch)) {
        answer_.snapshot_id = head->snapshot_id;
      }
    }
    if (!on_main) return std::move(answer_);
    created_ = false;
    if (rejected_writer_) {
      catalog::AppendRequest append;
      append.files = TRY(rejected_writer_->finish());
      TRY(service_.catalog_.append(rejected_table_->ident, rejected_table_->metadata->table_uuid,
                                   append));
    }
    answer_.task_id = make_task_id(table, 0).to_string();
    service_.count(request_.table, answer_);
    return std::move(answer_);
  }

  Service& service_;
  const UploadRequest& request_;
  const ByteSource& source_;
  catalog::TablePtr table_;
  bool created_ = false;
  std::string buffer_;
  std::string spool_path_;
  int64_t rows_seen_ = 0;
  AppendAnswer answer_;
  catalog::TablePtr writer_table_;
  std::unique_ptr<iceberg::DataWriter> writer_;
  std::vector<iceberg::DataFile> files_;
  catalog::TablePtr rejected_table_;
  std::unique_ptr<iceberg::DataWriter> rejected_writer_;
};

Result<AppendAnswer> Service::upload(const UploadRequest& request, const ByteSource& source) {
  return Upload(*this, request, source).run();
}

}  // namespace firn::ingest
