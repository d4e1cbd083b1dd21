#include "ingest/record.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

namespace firn::ingest {
namespace {

constexpr uint32_t kVersion = 1;
constexpr size_t kItemsMax = 1 << 20;
constexpr int64_t kAlignment = 8;

Error broken() { return Error(ErrorCode::kInvalidData, "not a frame of the write-ahead log"); }

Error arrow_error(const arrow::Status& status) {
  return Error(ErrorCode::kInternal, "cannot encode rows", status.ToString());
}

void append_text(std::string& out, std::string_view text) {
  append_le(out, static_cast<uint32_t>(text.size()));
  out.append(text);
}

using SchemaKey = std::pair<Uuid, int32_t>;

// Takes fields from bytes that may be anything.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  Result<T> number() {
    return load_le<T>(TRY(take(sizeof(T))).data());
  }
  Result<std::string_view> take(uint64_t size) {
    if (size > bytes_.size()) return broken();
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  Result<std::string> text() { return std::string(TRY(take(TRY(number<uint32_t>())))); }
  Result<Uuid> uuid() {
    Uuid id;
    std::memcpy(id.bytes.data(), TRY(take(16)).data(), 16);
    return id;
  }
  Result<uint32_t> count() {
    const auto n = TRY(number<uint32_t>());
    if (n > kItemsMax) return broken();
    return n;
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

std::shared_ptr<arrow::Buffer> aligned_copy(std::string_view bytes) {
  auto buffer = arrow::AllocateBuffer(static_cast<int64_t>(bytes.size()));
  if (!buffer.ok()) return nullptr;
  std::memcpy((*buffer)->mutable_data(), bytes.data(), bytes.size());
  return std::shared_ptr<arrow::Buffer>(std::move(*buffer));
}

struct KnownSchema {
  catalog::TableIdent ident;
  std::shared_ptr<arrow::Schema> schema;
};

Result<KnownSchema> read_schema(Reader& reader) {
  KnownSchema known;
  known.ident.catalog = TRY(reader.text());
  const uint32_t levels = TRY(reader.count());
  for (uint32_t i = 0; i < levels; ++i) known.ident.levels.push_back(TRY(reader.text()));
  known.ident.name = TRY(reader.text());
  const auto bytes = TRY(reader.take(TRY(reader.number<uint32_t>())));
  arrow::io::BufferReader input(aligned_copy(bytes));
  arrow::ipc::DictionaryMemo memo;
  auto schema = arrow::ipc::ReadSchema(&input, &memo);
  if (!schema.ok()) return broken();
  known.schema = *schema;
  return known;
}

Result<std::shared_ptr<arrow::RecordBatch>> read_batch(
    Reader& reader, const std::shared_ptr<arrow::Schema>& schema) {
  const auto metadata_size = TRY(reader.number<uint32_t>());
  const auto body_size = TRY(reader.number<uint64_t>());
  const auto metadata = TRY(reader.take(metadata_size));
  const auto body = TRY(reader.take(body_size));
  auto message = arrow::ipc::Message::Open(aligned_copy(metadata), aligned_copy(body));
  if (!message.ok()) return broken();
  arrow::ipc::DictionaryMemo memo;
  auto batch = arrow::ipc::ReadRecordBatch(**message, schema, &memo, arrow::ipc::IpcReadOptions());
  if (!batch.ok() || !(*batch)->ValidateFull().ok()) return broken();
  return *batch;
}

}  // namespace

void EncodedFrame::add(std::string bytes) {
  owned_.push_back(std::move(bytes));
  pieces_.push_back(as_bytes(owned_.back()));
}

Result<std::unique_ptr<EncodedFrame>> EncodedFrame::encode(const GroupFrame& frame) {
  auto encoded = std::make_unique<EncodedFrame>();
  std::string head;
  append_le(head, kVersion);

  std::map<SchemaKey, const TableRows*> schemas;
  for (const TableRows& rows : frame.rows)
    schemas.emplace(SchemaKey{rows.table, rows.schema_id}, &rows);
  append_le(head, static_cast<uint32_t>(schemas.size()));
  for (const auto& [key, rows] : schemas) {
    head.append(as_text(key.first.bytes));
    append_le(head, key.second);
    append_text(head, rows->ident.catalog);
    append_le(head, static_cast<uint32_t>(rows->ident.levels.size()));
    for (const auto& level : rows->ident.levels) append_text(head, level);
    append_text(head, rows->ident.name);
    auto schema = arrow::ipc::SerializeSchema(*rows->batch->schema());
    if (!schema.ok()) return arrow_error(schema.status());
    append_text(head, as_text({(*schema)->data(), static_cast<size_t>((*schema)->size())}));
  }
  append_le(head, static_cast<uint32_t>(frame.answers.size()));
  for (const RememberedAnswer& answer : frame.answers) {
    append_text(head, answer.key);
    append_text(head, answer.body_hash);
    append_le(head, answer.time_us);
    head.append(as_text(answer.table.bytes));
    append_text(head, answer.answer);
  }
  append_le(head, static_cast<uint32_t>(frame.rows.size()));
  for (const TableRows& rows : frame.rows) {
    arrow::ipc::IpcPayload payload;
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.alignment = kAlignment;
    const auto made = arrow::ipc::GetRecordBatchPayload(*rows.batch, options, &payload);
    if (!made.ok()) return arrow_error(made);
    head.append(as_text(rows.table.bytes));
    append_le(head, rows.schema_id);
    append_le(head, static_cast<uint32_t>(payload.metadata->size()));
    append_le(head, static_cast<uint64_t>(payload.body_length));
    head.append(as_text({payload.metadata->data(), static_cast<size_t>(payload.metadata->size())}));
    encoded->add(std::exchange(head, {}));
    for (const auto& buffer : payload.body_buffers) {
      const int64_t size = buffer ? buffer->size() : 0;
      if (size == 0) continue;
      encoded->pieces_.emplace_back(buffer->data(), static_cast<size_t>(size));
      encoded->buffers_.push_back(buffer);
      if (size % kAlignment != 0) encoded->add(std::string(kAlignment - size % kAlignment, '\0'));
    }
  }
  if (!head.empty()) encoded->add(std::move(head));
  return encoded;
}

Result<GroupFrame> decode_frame(std::string_view bytes) {
  Reader reader(bytes);
  if (TRY(reader.number<uint32_t>()) != kVersion) return broken();
  GroupFrame frame;
  std::map<SchemaKey, KnownSchema> schemas;
  const uint32_t schema_count = TRY(reader.count());
  for (uint32_t i = 0; i < schema_count; ++i) {
    const Uuid table = TRY(reader.uuid());
    const auto schema_id = TRY(reader.number<int32_t>());
    schemas[{table, schema_id}] = TRY(read_schema(reader));
  }
  const uint32_t answer_count = TRY(reader.count());
  for (uint32_t i = 0; i < answer_count; ++i) {
    RememberedAnswer answer;
    answer.key = TRY(reader.text());
    answer.body_hash = TRY(reader.text());
    answer.time_us = TRY(reader.number<int64_t>());
    answer.table = TRY(reader.uuid());
    answer.answer = TRY(reader.text());
    frame.answers.push_back(std::move(answer));
  }
  const uint32_t batch_count = TRY(reader.count());
  for (uint32_t i = 0; i < batch_count; ++i) {
    TableRows rows;
    rows.table = TRY(reader.uuid());
    rows.schema_id = TRY(reader.number<int32_t>());
    const auto known = schemas.find({rows.table, rows.schema_id});
    if (known == schemas.end()) return broken();
    rows.ident = known->second.ident;
    rows.batch = TRY(read_batch(reader, known->second.schema));
    frame.rows.push_back(std::move(rows));
  }
  if (!reader.at_end()) return broken();
  return frame;
}

}  // namespace firn::ingest
