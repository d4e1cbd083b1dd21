#include "iceberg/data_writer.h"

#include <arrow/array.h>
#include <arrow/extension/uuid.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>
#include <parquet/arrow/writer.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/utf8.h"
#include "iceberg/arrow_schema.h"
#include "iceberg/file_statistics_internal.h"
#include "iceberg/partition_split_internal.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::iceberg {
namespace {

constexpr int64_t kRowGroupRawBytes = 128 << 20;
constexpr int64_t kSliceRawBytes = 32 << 20;

// What Arrow writes goes to a platform file, in pieces of a good size.
class FileSink final : public arrow::io::OutputStream {
 public:
  explicit FileSink(std::unique_ptr<platform::File> file) : file_(std::move(file)) {
    set_mode(arrow::io::FileMode::WRITE);
  }

  arrow::Status Close() override { return Flush(); }
  bool closed() const override { return false; }
  arrow::Result<int64_t> Tell() const override { return position_; }

  arrow::Status Write(const void* data, int64_t size) override {
    const std::string_view bytes(static_cast<const char*>(data), static_cast<size_t>(size));
    position_ += size;
    if (buffer_.size() + bytes.size() <= kBufferBytes) {
      buffer_ += bytes;
      return arrow::Status::OK();
    }
    ARROW_RETURN_NOT_OK(Flush());
    if (bytes.size() > kBufferBytes) return put(bytes);
    buffer_ += bytes;
    return arrow::Status::OK();
  }

  arrow::Status Flush() override {
    ARROW_RETURN_NOT_OK(put(buffer_));
    buffer_.clear();
    return arrow::Status::OK();
  }

  int64_t position() const { return position_; }
  platform::File& file() { return *file_; }
  // The platform's own words for what Arrow could only call an I/O error.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  static constexpr size_t kBufferBytes = 256 << 10;

  arrow::Status put(std::string_view bytes) {
    if (bytes.empty()) return arrow::Status::OK();
    if (Status outcome = file_->append(as_bytes(bytes)); !outcome.ok()) {
      failure_ = std::move(outcome).error();
      return arrow::Status::IOError(failure_->to_log());
    }
    return arrow::Status::OK();
  }

  std::unique_ptr<platform::File> file_;
  std::string buffer_;
  int64_t position_ = 0;
  std::optional<Error> failure_;
};

// UUIDs carry their logical type into Parquet by way of Arrow's extension type.
std::shared_ptr<arrow::DataType> parquet_type(const Type& type);

std::shared_ptr<arrow::Field> parquet_field(const Field& field,
                                            const std::shared_ptr<arrow::Field>& plain) {
  return plain->WithType(parquet_type(*field.type));
}

std::shared_ptr<arrow::DataType> parquet_type(const Type& type) {
  if (type.id == TypeId::kUuid) return arrow::extension::uuid();
  const auto plain = to_arrow_type(type);
  switch (type.id) {
    case TypeId::kStruct: {
      std::vector<std::shared_ptr<arrow::Field>> fields;
      for (size_t i = 0; i < type.fields.size(); ++i) {
        fields.push_back(parquet_field(type.fields[i], plain->field(static_cast<int>(i))));
      }
      return arrow::struct_(std::move(fields));
    }
    case TypeId::kList: return arrow::list(parquet_field(type.fields[0], plain->field(0)));
    case TypeId::kMap: {
      const auto& map = static_cast<const arrow::MapType&>(*plain);
      return std::make_shared<arrow::MapType>(parquet_field(type.fields[0], map.key_field()),
                                              parquet_field(type.fields[1], map.item_field()));
    }
    default: return plain;
  }
}

bool holds_uuid(const Type& type) {
  return type.id == TypeId::kUuid ||
         std::any_of(type.fields.begin(), type.fields.end(),
                     [](const Field& field) { return holds_uuid(*field.type); });
}

// The same buffers under another type of the same shape.
std::shared_ptr<arrow::ArrayData> retyped(const arrow::ArrayData& data,
                                          const std::shared_ptr<arrow::DataType>& type) {
  auto copy = data.Copy();
  copy->type = type;
  if (type->id() != arrow::Type::EXTENSION) {
    for (size_t i = 0; i < copy->child_data.size(); ++i) {
      copy->child_data[i] = retyped(*copy->child_data[i], type->field(static_cast<int>(i))->type());
    }
  }
  return copy;
}

Error arrow_error(const arrow::Status& status, const FileSink* sink) {
  if (sink != nullptr && sink->failure()) return *sink->failure();
  if (status.IsOutOfMemory()) {
    return Error(ErrorCode::kResourceExhausted, "not enough memory to write a data file",
                 status.ToString());
  }
  return Error(ErrorCode::kInternal, "a data file could not be written", status.ToString());
}

// A required column holds no null where its parents are there.
Status check_required(const arrow::Array& array, const Field& field, const std::string& path) {
  if (field.required && array.null_count() > 0) {
    return Error(ErrorCode::kInvalidData, "column '" + path + "' is required but holds a null");
  }
  if (field.type->id != TypeId::kStruct) return {};
  const auto& parent = static_cast<const arrow::StructArray&>(array);
  for (size_t i = 0; i < field.type->fields.size(); ++i) {
    const Field& inner = field.type->fields[i];
    if (!inner.required && inner.type->id != TypeId::kStruct) continue;
    const auto& child = *parent.field(static_cast<int>(i));
    const std::string inner_path = path + "." + inner.name;
    if (parent.null_count() == 0) {
      TRY(check_required(child, inner, inner_path));
      continue;
    }
    for (int64_t row = 0; inner.required && row < array.length(); ++row) {
      if (child.IsNull(row) && parent.IsValid(row)) {
        return Error(ErrorCode::kInvalidData,
                     "column '" + inner_path + "' is required but holds a null");
      }
    }
  }
  return {};
}

struct OpenFile {
  std::string path;
  std::string location;
  std::vector<Value> partition;
  std::shared_ptr<FileSink> sink;
  std::unique_ptr<parquet::arrow::FileWriter> writer;
  std::unique_ptr<NanCounter> nans;
  int64_t raw_bytes_in_group = 0;
  int64_t raw_bytes_flushed = 0;
  bool group_is_full = false;  // the next rows start a new one; an empty one is never left behind

  // What the file will be about, rows in memory included.
  int64_t expected_bytes() const {
    const int64_t flushed = sink->position();
    if (raw_bytes_flushed == 0) return flushed + raw_bytes_in_group / 3;
    const double ratio = static_cast<double>(flushed) / static_cast<double>(raw_bytes_flushed);
    return flushed + static_cast<int64_t>(static_cast<double>(raw_bytes_in_group) * ratio);
  }
};

class ParquetDataWriter final : public DataWriter {
 public:
  ParquetDataWriter(const TableMetadata& metadata, platform::FileSystem& files,
                    platform::Random& random, const DataWriterOptions& options)
      : metadata_(metadata), files_(files), random_(random), options_(options) {}

  ~ParquetDataWriter() override {
    for (auto& [key, file] : open_) unfinished_.push_back(file->path);
    open_.clear();
    // Nobody knows of these files; one that cannot be removed is found by orphan removal.
    for (const std::string& path : unfinished_) (void)files_.remove(path);
  }

  Status prepare() {
    directory_ = TRY(local_path_of(metadata_.location)) + "/data";
    location_ = metadata_.location + "/data";
    std::vector<std::shared_ptr<arrow::Field>> fields;
    const auto plain = to_arrow_schema(metadata_.schema());
    for (size_t i = 0; i < metadata_.schema().fields.size(); ++i) {
      const Field& field = metadata_.schema().fields[i];
      if (field.type->id == TypeId::kUnknown || field.type->id == TypeId::kVariant) {
        return Error(ErrorCode::kUnsupported, "column '" + field.name + "' is of type " +
                                                  type_name(*field.type) +
                                                  ", which cannot be written yet");
      }
      retype_ = retype_ || holds_uuid(*field.type);
      fields.push_back(parquet_field(field, plain->field(static_cast<int>(i))));
    }
    schema_ = arrow::schema(std::move(fields));
    if (!metadata_.spec().is_unpartitioned()) {
      splitter_ = TRY(PartitionSplitter::create(metadata_.schema(), metadata_.spec()));
    }
    return make_properties();
  }

  Status write(const std::shared_ptr<arrow::RecordBatch>& batch) override {
    const auto& fields = metadata_.schema().fields;
    if (batch->num_columns() != static_cast<int>(fields.size())) {
      return Error(ErrorCode::kInternal, "a batch does not have the table's columns");
    }
    for (size_t i = 0; i < fields.size(); ++i) {
      const auto& column = *batch->column(static_cast<int>(i));
      if (!column.type()->Equals(*to_arrow_type(*fields[i].type))) {
        return Error(ErrorCode::kInternal, "a batch does not have the table's columns",
                     fields[i].name + ": " + column.type()->ToString());
      }
      TRY(check_required(column, fields[i], fields[i].name));
    }
    if (batch->num_rows() == 0) return {};
    if (!splitter_) return write_part("", {}, batch);
    for (PartitionedRows& part : TRY(splitter_->split(batch))) {
      TRY(write_part(part.key, std::move(part.values), part.rows));
    }
    return {};
  }

  Result<std::vector<DataFile>> finish() override {
    while (!open_.empty()) TRY(close(open_.begin()->first));
    for (const std::string& directory : touched_directories_) {
      TRY(files_.sync_directory(directory));
    }
    touched_directories_.clear();
    unfinished_.clear();
    return std::move(finished_);
  }

  int64_t bytes_written() const override {
    int64_t bytes = closed_bytes_;
    for (const auto& [key, file] : open_) bytes += file->sink->position();
    return bytes;
  }

 private:
  Status make_properties() {
    arrow::Compression::type codec = arrow::Compression::ZSTD;
    if (options_.compression == "snappy") {
      codec = arrow::Compression::SNAPPY;
    } else if (options_.compression == "uncompressed" || options_.compression == "none") {
      codec = arrow::Compression::UNCOMPRESSED;
    } else if (options_.compression == "gzip") {
      codec = arrow::Compression::GZIP;
    } else if (options_.compression != "zstd") {
      return Error(ErrorCode::kInvalidArgument,
                   "unknown Parquet compression '" + options_.compression + "'");
    }
    parquet::WriterProperties::Builder builder;
    builder.compression(codec)
        ->max_row_group_length(options_.row_group_rows_max)
        ->enable_store_decimal_as_integer()
        ->created_by("Firn");
    if (codec == arrow::Compression::ZSTD) builder.compression_level(options_.compression_level);
    properties_ = builder.build();
    parquet::ArrowWriterProperties::Builder arrow_builder;
    arrow_properties_ = arrow_builder.build();
    return {};
  }

  // Makes a directory and remembers whose entries have to be made durable.
  Status make_directory(const std::string& directory) {
    if (touched_directories_.contains(directory)) return {};
    std::vector<std::string> parents = {directory};
    while (!TRY(files_.exists(parents.back()))) {
      parents.push_back(platform::parent_directory(parents.back()));
    }
    if (parents.size() > 1) TRY(files_.create_directories(directory));
    touched_directories_.insert(parents.begin(), parents.end());
    return {};
  }

  Result<OpenFile*> open_file(const std::string& key, std::vector<Value> partition) {
    if (const auto found = open_.find(key); found != open_.end()) return found->second.get();
    if (open_.size() >= static_cast<size_t>(std::max(1, options_.open_partitions_max))) {
      TRY(close_fullest());
    }
    auto file = std::make_unique<OpenFile>();
    std::string folder;
    if (splitter_) {
      folder = "/" + partition_path(metadata_.spec(), metadata_.schema(), partition);
    }
    TRY(make_directory(directory_ + folder));
    const std::string name =
        "/firn-" + std::to_string(file_number_++) + "-" + random_.uuid().to_string() + ".parquet";
    file->path = directory_ + folder + name;
    file->location = location_ + folder + name;
    file->partition = std::move(partition);
    file->sink =
        std::make_shared<FileSink>(TRY(files_.open(file->path, platform::OpenMode::kCreateNew)));
    file->nans = std::make_unique<NanCounter>(metadata_.schema());
    unfinished_.push_back(file->path);
    auto writer = parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(),
                                                   file->sink, properties_, arrow_properties_);
    if (!writer.ok()) return arrow_error(writer.status(), file->sink.get());
    file->writer = std::move(*writer);
    return open_.emplace(key, std::move(file)).first->second.get();
  }

  // One giant batch must not become one giant row group in memory.
  Status write_part(const std::string& key, std::vector<Value> partition,
                    const std::shared_ptr<arrow::RecordBatch>& batch) {
    const int64_t raw_bytes = arrow::util::ReferencedBufferSize(*batch).ValueOr(0);
    const int64_t pieces = std::max<int64_t>(1, raw_bytes / kSliceRawBytes);
    const int64_t piece_rows = std::max<int64_t>(1, (batch->num_rows() + pieces - 1) / pieces);
    for (int64_t row = 0; row < batch->num_rows(); row += piece_rows) {
      const auto piece = pieces == 1 ? batch : batch->Slice(row, piece_rows);
      OpenFile* file = TRY(open_file(key, partition));
      TRY(write_piece(*file, piece, raw_bytes / pieces));
      if (file->expected_bytes() >= options_.target_file_size_bytes) TRY(close(key));
    }
    return {};
  }

  Status write_piece(OpenFile& file, const std::shared_ptr<arrow::RecordBatch>& batch,
                     int64_t raw_bytes) {
    std::vector<std::shared_ptr<arrow::Array>> columns = batch->columns();
    if (retype_) {
      for (size_t i = 0; i < columns.size(); ++i) {
        columns[i] = arrow::MakeArray(
            retyped(*columns[i]->data(), schema_->field(static_cast<int>(i))->type()));
      }
    }
    const auto typed = arrow::RecordBatch::Make(schema_, batch->num_rows(), std::move(columns));
    file.nans->add(*batch);
    if (file.group_is_full) {
      if (const auto status = file.writer->NewBufferedRowGroup(); !status.ok()) {
        return arrow_error(status, file.sink.get());
      }
      file.raw_bytes_flushed += std::exchange(file.raw_bytes_in_group, 0);
      file.group_is_full = false;
    }
    if (const auto status = file.writer->WriteRecordBatch(*typed); !status.ok()) {
      return arrow_error(status, file.sink.get());
    }
    file.raw_bytes_in_group += raw_bytes;
    file.group_is_full = file.raw_bytes_in_group >= kRowGroupRawBytes;
    return {};
  }

  Status close_fullest() {
    auto fullest = open_.begin();
    for (auto at = open_.begin(); at != open_.end(); ++at) {
      if (at->second->expected_bytes() > fullest->second->expected_bytes()) fullest = at;
    }
    return close(fullest->first);
  }

  Status close(std::string key) {
    const auto found = open_.find(key);
    OpenFile& file = *found->second;
    if (const auto status = file.writer->Close(); !status.ok()) {
      return arrow_error(status, file.sink.get());
    }
    if (const auto status = file.sink->Flush(); !status.ok()) {
      return arrow_error(status, file.sink.get());
    }
    TRY(file.sink->file().sync());
    DataFile description;
    description.file_path = file.location;
    description.spec_id = metadata_.default_spec_id;
    description.partition = std::move(file.partition);
    description.file_size_in_bytes = file.sink->position();
    description.nan_value_counts = file.nans->counts();
    TRY(describe_parquet(*file.writer->metadata(), metadata_.schema(), description));
    closed_bytes_ += file.sink->position();
    finished_.push_back(std::move(description));
    open_.erase(found);
    return {};
  }

  const TableMetadata& metadata_;
  platform::FileSystem& files_;
  platform::Random& random_;
  const DataWriterOptions options_;
  std::string directory_;
  std::string location_;
  std::shared_ptr<arrow::Schema> schema_;
  bool retype_ = false;
  std::optional<PartitionSplitter> splitter_;
  std::shared_ptr<parquet::WriterProperties> properties_;
  std::shared_ptr<parquet::ArrowWriterProperties> arrow_properties_;
  std::unordered_map<std::string, std::unique_ptr<OpenFile>> open_;
  std::set<std::string> touched_directories_;
  std::vector<std::string> unfinished_;
  std::vector<DataFile> finished_;
  int64_t closed_bytes_ = 0;
  int file_number_ = 0;
};

}  // namespace

Result<std::unique_ptr<DataWriter>> DataWriter::create(const TableMetadata& metadata,
                                                       platform::FileSystem& files,
                                                       platform::Random& random,
                                                       const DataWriterOptions& options) {
  auto writer = std::make_unique<ParquetDataWriter>(metadata, files, random, options);
  TRY(writer->prepare());
  return std::unique_ptr<DataWriter>(std::move(writer));
}

void remove_files(platform::FileSystem& files, const std::vector<DataFile>& written) {
  for (const DataFile& file : written) {
    const auto path = local_path_of(file.file_path);
    if (path.ok()) (void)files.remove(*path);  // it takes room, and nothing else
  }
}

Result<std::string> local_path_of(std::string_view location) {
  if (location.starts_with("file:")) {
    location.remove_prefix(5);
    if (location.starts_with("//")) {
      location.remove_prefix(2);
      // An authority is empty or this machine.
      if (location.starts_with("localhost/")) location.remove_prefix(9);
    }
  }
  if (!location.starts_with("/")) {
    return Error(ErrorCode::kUnsupported, "the location '" + std::string(cut_utf8(location, 200)) +
                                              "' is not on a local disk (file:///...)");
  }
  return std::string(location);
}

}  // namespace firn::iceberg
