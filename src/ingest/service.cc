#include "ingest/service.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>
#include <sodium.h>

#include <spdlog/spdlog.h>
#include <boost/json.hpp>

#include "iceberg/arrow_schema.h"
#include "ingest/column.h"
#include "ingest/json_rows.h"
#include "ingest/task_id.h"
#include "ingest/watermark.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::ingest {
namespace {

constexpr size_t kIdempotencyKeyBytesMax = 255;

// Columns of a table of rejected rows.
iceberg::Schema rejected_schema() {
  using iceberg::TypeId;
  iceberg::Schema schema;
  const auto add = [&](const char* name, TypeId type) {
    schema.fields.push_back({static_cast<int32_t>(schema.fields.size() + 1),
                             name,
                             iceberg::primitive(type),
                             false,
                             {},
                             {},
                             {}});
  };
  add("rejected_at", TypeId::kTimestampTz);
  add("row_index", TypeId::kLong);
  add("error", TypeId::kString);
  add("raw", TypeId::kBinary);
  add("schema_id", TypeId::kInt);
  return schema;
}

catalog::TableIdent rejected_ident(const catalog::TableIdent& table) {
  catalog::TableIdent ident = table;
  ident.name += catalog::kRejectedSuffix;
  return ident;
}

JsonShape shape_of(RowFormat format) {
  return format == RowFormat::kJsonLines ? JsonShape::kLines : JsonShape::kValue;
}

std::string hash_request(const AppendRequest& request, std::string_view body) {
  std::array<uint8_t, 32> hash{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, hash.size());
  const std::string target = request.table.catalog + '\x1f' + request.table.to_string() + '\x1f' +
                             static_cast<char>('0' + static_cast<int>(request.format));
  crypto_generichash_update(&state, as_bytes(target).data(), target.size());
  crypto_generichash_update(&state, as_bytes(body).data(), body.size());
  crypto_generichash_final(&state, hash.data(), hash.size());
  return std::string(as_text(hash));
}

std::string encode_answer(const AppendAnswer& answer) {
  boost::json::array rejected;
  for (const RejectedRow& row : answer.rejected) rejected.push_back({row.index, row.error});
  return boost::json::serialize(boost::json::value{
      {"rows", answer.rows}, {"count", answer.rejected_count}, {"rejected", rejected}});
}

Result<AppendAnswer> decode_answer(const std::string& text) {
  boost::system::error_code code;
  const auto value = boost::json::parse(text, code);
  const Error broken(ErrorCode::kInternal, "a remembered answer cannot be read");
  if (code || !value.is_object()) return broken;
  try {
    AppendAnswer answer;
    answer.rows = value.at("rows").to_number<int64_t>();
    answer.rejected_count = value.at("count").to_number<int64_t>();
    for (const auto& row : value.at("rejected").as_array()) {
      answer.rejected.push_back(
          {row.at(0).to_number<int64_t>(), std::string(row.at(1).as_string()), {}});
    }
    return answer;
  } catch (const std::exception&) {
    return broken;
  }
}

// What an answer lists of the rejected rows.
void list_rejected(const std::vector<RejectedRow>& rejected, AppendAnswer& answer) {
  answer.rejected_count = static_cast<int64_t>(rejected.size());
  for (size_t i = 0; i < std::min(rejected.size(), kRejectedListedMax); ++i) {
    answer.rejected.push_back({rejected[i].index, rejected[i].error, {}});
  }
}

Error rejected_error(const std::vector<RejectedRow>& rejected) {
  return Error(
      ErrorCode::kIncompatibleSchema,
      "row " + std::to_string(rejected[0].index) + ": " + rejected[0].error +
          (rejected.size() > 1 ? " (and " + std::to_string(rejected.size() - 1) + " more rows)"
                               : ""));
}

Status check_target(const AppendRequest& request) {
  const std::string& name = request.table.name;
  if (name.empty() || name.size() > 255) {
    return Error(ErrorCode::kInvalidArgument, "a table's name has 1 to 255 bytes");
  }
  if (name.ends_with(catalog::kRejectedSuffix)) {
    return Error(ErrorCode::kInvalidArgument,
                 "tables whose name ends in __rejected are written by Firn alone");
  }
  if (request.idempotency_key.size() > kIdempotencyKeyBytesMax + 64) {
    return Error(ErrorCode::kInvalidArgument, "an Idempotency-Key has at most 255 bytes");
  }
  return {};
}

}  // namespace

struct Service::Prepared {
  std::vector<TableRows> rows;
  AppendAnswer answer;
  Uuid table;
  int64_t bytes = 0;

  void add(const catalog::Table& target, std::shared_ptr<arrow::RecordBatch> batch) {
    if (batch->num_rows() == 0) return;
    bytes += arrow::util::TotalBufferSize(*batch);
    rows.push_back({target.metadata->table_uuid, target.ident, target.metadata->current_schema_id,
                    std::move(batch)});
  }
};

Service::~Service() {
  // The committer's waiters and the log's callbacks refer to this object. What the log answers last
  // may still ask for a commit, and the committer releases frames of the log while it stops.
  if (log_) log_->stop();
  committer_.reset();
  log_.reset();
}

Result<std::unique_ptr<Service>> Service::create(const IngestOptions& options,
                                                 catalog::Catalog& catalog,
                                                 store::Database& database,
                                                 platform::FileSystem& files,
                                                 platform::Random& random, platform::Clock& clock) {
  if (sodium_init() < 0) return Error(ErrorCode::kInternal, "cannot start", "sodium_init failed");
  std::unique_ptr<Service> service(new Service(options, catalog, database, files, random, clock));
  TRY(SettledRejections::migrate(database));
  service->hot_ = std::make_unique<HotTier>();
  service->answers_ = TRY(Answers::create(database, clock));
  TRY(files.remove_all(options.spool_directory));
  TRY(files.create_directories(options.spool_directory));
  std::map<uint64_t, GroupFrame> frames;
  auto wal = TRY(wal::Wal::open(options.wal, files, random,
                                [&](uint64_t lsn, std::string_view payload) -> Status {
                                  frames.emplace(lsn, TRY(decode_frame(payload)));
                                  return {};
                                }));
  std::map<Uuid, uint64_t> committed;
  uint64_t last_lsn = 0;
  int64_t recovered = 0;
  for (auto& [lsn, frame] : frames) {
    std::vector<TableRows> needed;
    for (TableRows& rows : frame.rows) {
      auto known = committed.find(rows.table);
      if (known == committed.end()) {
        const auto table = catalog.find_table(rows.table);
        if (!table.ok() && table.error().code() != ErrorCode::kNotFound) return table.error();
        if (!table.ok() && TRY(catalog.has_table(rows.table))) {
          // Its storage is not there, perhaps: rows that wait for it must not be given up.
          return table.error().with_context("a table that has rows in the write-ahead log");
        }
        // The rows of a dropped table went with it.
        const uint64_t upto =
            table.ok() ? parse_watermark((*table)->metadata->properties, wal->id()) : UINT64_MAX;
        known = committed.emplace(rows.table, upto).first;
      }
      if (lsn <= known->second) continue;
      recovered += rows.batch->num_rows();
      needed.push_back(std::move(rows));
    }
    service->hot_->publish(lsn, std::move(needed), clock.monotonic_ns());
    for (RememberedAnswer& answer : frame.answers) {
      answer.lsn = lsn;
      service->answers_->restore(std::move(answer));
    }
    last_lsn = lsn;
  }
  if (recovered > 0) spdlog::info("recovered {} rows from the write-ahead log", recovered);
  service->log_ = std::make_unique<GroupLog>(options.log, std::move(wal), *service->hot_, clock);
  if (last_lsn > 0 && service->hot_->rows() == 0) {
    TRY(service->answers_->persist(last_lsn));
    service->log_->release(last_lsn);
  }
  service->committer_ =
      std::make_unique<Committer>(options.committer, catalog, files, random, clock, *service->hot_,
                                  *service->log_, *service->answers_);
  return service;
}

uint64_t Service::committed_lsn(const iceberg::TableMetadata& metadata) const {
  return parse_watermark(metadata.properties, log_->wal_id());
}

IngestStats Service::stats() const {
  return {rows_appended_.load(),
          rows_rejected_.load(),
          static_cast<uint64_t>(hot_->rows()),
          static_cast<uint64_t>(hot_->bytes()),
          log_->live_bytes(),
          committer_->stats()};
}

Result<std::optional<Service::Prepared>> Service::decode_now(const AppendRequest& request,
                                                             std::string_view body) {
  const auto table = catalog_.load_table(request.table);
  if (!table.ok()) {
    if (table.error().code() == ErrorCode::kNotFound) return std::optional<Prepared>();
    return table.error();
  }
  auto outcome =
      TRY(decode_json(body, (*table)->metadata->schema(), {shape_of(request.format), true, 0}));
  if (outcome.needs_evolution || !outcome.rows.rejected.empty()) return std::optional<Prepared>();
  Prepared prepared;
  prepared.table = (*table)->metadata->table_uuid;
  prepared.answer.rows = outcome.rows.batch->num_rows();
  prepared.add(**table, std::move(outcome.rows.batch));
  return std::optional(std::move(prepared));
}

Result<catalog::TablePtr> Service::ensure_table(const catalog::TableIdent& ident,
                                                const iceberg::Schema& schema) {
  auto loaded = catalog_.load_table(ident);
  if (loaded.ok() || loaded.error().code() != ErrorCode::kNotFound) return loaded;
  if (schema.fields.empty()) {
    return Error(ErrorCode::kInvalidData,
                 "the table " + ident.to_string() +
                     " does not exist, and the rows have no fields to make it from");
  }
  auto created = catalog_.create_table(ident, schema, {}, {}, {});
  if (!created.ok() && created.error().code() == ErrorCode::kAlreadyExists) {
    return catalog_.load_table(ident);
  }
  return created;
}

Result<TableRows> Service::rejected_rows(const catalog::TableIdent& table, int32_t schema_id,
                                         const std::vector<RejectedRow>& rejected) {
  const catalog::TablePtr target = TRY(ensure_table(rejected_ident(table), rejected_schema()));
  const iceberg::Schema& schema = target->metadata->schema();
  std::vector<Column> columns = make_columns(schema);
  const int64_t now_us = clock_.now_us();
  for (const RejectedRow& row : rejected) {
    for (Column& column : columns) {
      if (column.name() == "rejected_at")
        column.append_fixed(now_us);
      else if (column.name() == "row_index")
        column.append_fixed(row.index);
      else if (column.name() == "error")
        column.append_bytes(row.error);
      else if (column.name() == "raw")
        column.append_bytes(row.raw);
      else if (column.name() == "schema_id")
        column.append_fixed(schema_id);
      else
        column.append_null();
    }
  }
  auto batch = finish_columns(columns, iceberg::to_arrow_schema(schema),
                              static_cast<int64_t>(rejected.size()));
  return TableRows{target->metadata->table_uuid, target->ident, target->metadata->current_schema_id,
                   std::move(batch)};
}

Result<Service::Prepared> Service::decode_and_evolve(const AppendRequest& request,
                                                     std::string_view body) {
  if (request.format == RowFormat::kArrow) return decode_arrow(request, body);
  const JsonShape shape = shape_of(request.format);
  auto table = catalog_.load_table(request.table);
  if (!table.ok() && table.error().code() != ErrorCode::kNotFound) return table.error();
  std::optional<JsonOutcome> outcome;
  if (table.ok()) outcome = TRY(decode_json(body, (*table)->metadata->schema(), {shape, true, 0}));
  if (!outcome || outcome->needs_evolution) {
    std::lock_guard lock(evolve_mutex_);
    const InferredType seen = TRY(infer_json(body, shape));
    const iceberg::Schema fresh = TRY(evolve_for({}, seen, options_.evolution));
    if (table.ok() || !fresh.fields.empty()) {
      table = TRY(ensure_table(request.table, fresh));
      table = TRY(catalog_.evolve_schema(
          request.table, [&](const catalog::Table& now) -> Result<std::optional<iceberg::Schema>> {
            auto wanted = TRY(evolve_for(now.metadata->schema(), seen, options_.evolution));
            if (wanted.same_fields(now.metadata->schema())) return std::optional<iceberg::Schema>();
            return std::optional(std::move(wanted));
          }));
      outcome = TRY(decode_json(body, (*table)->metadata->schema(), {shape, false, 0}));
    } else {
      outcome = TRY(decode_json(body, fresh, {shape, false, 0}));
      if (outcome->rows.rejected.empty()) {
        // Rows without a single value, for a table that is not there: nothing to make it from.
        if (outcome->rows.rows_seen > 0) TRY(ensure_table(request.table, fresh));
        return Prepared{};
      }
    }
  }
  Prepared prepared;
  auto& rows = outcome->rows;
  if (!rows.rejected.empty() && request.abort_on_reject) return rejected_error(rows.rejected);
  list_rejected(rows.rejected, prepared.answer);
  prepared.answer.rows = rows.batch->num_rows();
  int32_t schema_id = 0;
  if (table.ok()) {
    prepared.table = (*table)->metadata->table_uuid;
    schema_id = (*table)->metadata->current_schema_id;
    prepared.add(**table, std::move(rows.batch));
  }
  if (!rows.rejected.empty()) {
    TableRows kept = TRY(rejected_rows(request.table, schema_id, rows.rejected));
    // Whoever waits for a commit waits for one that comes: of the table that gets rows.
    if (prepared.rows.empty()) prepared.table = kept.table;
    prepared.bytes += arrow::util::TotalBufferSize(*kept.batch);
    prepared.rows.push_back(std::move(kept));
  }
  return prepared;
}

Result<Service::Prepared> Service::decode_arrow(const AppendRequest& request,
                                                std::string_view body) {
  const auto invalid = [](const arrow::Status& status) {
    return Error(ErrorCode::kInvalidData,
                 "the body is not an Arrow IPC stream: " + status.message());
  };
  auto input =
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::string(body)));
  auto reader = arrow::ipc::RecordBatchStreamReader::Open(input);
  if (!reader.ok()) return invalid(reader.status());
  const iceberg::Schema incoming = TRY(iceberg::from_arrow_schema(*(*reader)->schema()));
  auto table =
      TRY(ensure_table(request.table, TRY(evolve_for_columns({}, incoming, options_.evolution))));
  const auto wanted_for = [&](const catalog::Table& now) -> Result<std::optional<iceberg::Schema>> {
    auto wanted = TRY(evolve_for_columns(now.metadata->schema(), incoming, options_.evolution));
    if (wanted.same_fields(now.metadata->schema())) return std::optional<iceberg::Schema>();
    return std::optional(std::move(wanted));
  };
  if (TRY(wanted_for(*table))) table = TRY(catalog_.evolve_schema(request.table, wanted_for));
  Prepared prepared;
  prepared.table = table->metadata->table_uuid;
  for (;;) {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (const auto read = (*reader)->ReadNext(&batch); !read.ok()) return invalid(read);
    if (!batch) break;
    if (const auto valid = batch->ValidateFull(); !valid.ok()) return invalid(valid);
    batch = TRY(iceberg::conform_batch(batch, table->metadata->schema()));
    prepared.answer.rows += batch->num_rows();
    prepared.add(*table, std::move(batch));
  }
  return prepared;
}

bool Service::begin_idempotent(const AppendRequest& request, std::string_view body,
                               std::string& body_hash, Done& done) {
  body_hash = hash_request(request, body);
  auto shared_done = std::make_shared<Done>(std::move(done));
  auto begun = answers_->begin(request.idempotency_key, body_hash,
                               [this, request, shared_done](Result<RememberedAnswer> answer) {
                                 if (!answer.ok()) return (*shared_done)(answer.error());
                                 answer_remembered(request, *answer, std::move(*shared_done));
                               });
  if (!begun.ok()) {
    (*shared_done)(begun.error());
    return false;
  }
  if (begun->kind == Answers::Begin::Kind::kInFlight) return false;
  if (begun->kind == Answers::Begin::Kind::kRepeat) {
    answer_remembered(request, *begun->answer, std::move(*shared_done));
    return false;
  }
  done = std::move(*shared_done);
  return true;
}

void Service::answer_remembered(const AppendRequest& request, const RememberedAnswer& answer,
                                Done done) {
  auto decoded = decode_answer(answer.answer);
  if (!decoded.ok()) return done(decoded.error());
  decoded->task_id = make_task_id(answer.table, answer.lsn).to_string();
  if (!request.sync) return done(std::move(decoded));
  committer_->commit_soon(
      answer.table, answer.lsn,
      [done = std::move(done), decoded = std::move(*decoded)](Result<int64_t> snapshot) mutable {
        if (!snapshot.ok()) return done(snapshot.error());
        if (decoded.rows > 0) decoded.snapshot_id = *snapshot;
        done(std::move(decoded));
      });
}

void Service::count(const catalog::TableIdent& table, const AppendAnswer& answer) {
  rows_rejected_ += static_cast<uint64_t>(answer.rejected_count);
  rows_appended_ += static_cast<uint64_t>(answer.rows);
  throughput_.add(table.catalog, answer.rows, answer.rejected_count);
}

void Service::log_rows(const AppendRequest& request, Prepared prepared, std::string body_hash,
                       Done done) {
  count(request.table, prepared.answer);
  if (prepared.rows.empty() && request.idempotency_key.empty()) {
    prepared.answer.task_id = make_task_id(prepared.table, 0).to_string();
    return done(std::move(prepared.answer));
  }
  const int64_t bytes = prepared.bytes;
  auto rows = std::move(prepared.rows);
  // Kept outside the entry, which is gone when the log refuses it.
  auto shared_done = std::make_shared<Done>(std::move(done));
  LogEntry entry =
      make_entry(request, std::move(prepared.answer), prepared.table, body_hash, shared_done);
  entry.rows = std::move(rows);
  entry.bytes = bytes;
  if (const Status taken = log_->submit(std::move(entry)); !taken.ok()) {
    if (!request.idempotency_key.empty()) {
      answers_->abandon(request.idempotency_key, taken.error());
    }
    (*shared_done)(taken.error());
  }
}

LogEntry Service::make_entry(const AppendRequest& request, AppendAnswer answer, const Uuid& table,
                             const std::string& body_hash, std::shared_ptr<Done> done) {
  LogEntry entry;
  std::shared_ptr<RememberedAnswer> remembered;
  if (!request.idempotency_key.empty()) {
    remembered = std::make_shared<RememberedAnswer>(RememberedAnswer{
        request.idempotency_key, body_hash, clock_.now_us(), table, 0, encode_answer(answer)});
    entry.remember = [remembered](uint64_t lsn) {
      remembered->lsn = lsn;
      return *remembered;
    };
  }
  entry.done = [this, remembered, done = std::move(done), sync = request.sync, table,
                answer = std::move(answer)](const Result<uint64_t>& lsn) mutable {
    if (!lsn.ok()) {
      if (remembered) answers_->abandon(remembered->key, lsn.error());
      return (*done)(lsn.error());
    }
    if (remembered) answers_->finish(*remembered);
    answer.task_id = make_task_id(table, *lsn).to_string();
    if (!sync) return (*done)(std::move(answer));
    committer_->commit_soon(
        table, *lsn, [done, answer = std::move(answer)](Result<int64_t> snapshot) mutable {
          // With the table they are gone. After any other error they are kept,
          // and committed later: an error would have them sent again.
          if (!snapshot.ok() && snapshot.error().code() == ErrorCode::kNotFound) {
            return (*done)(snapshot.error());
          }
          if (snapshot.ok() && answer.rows > 0) answer.snapshot_id = *snapshot;
          (*done)(std::move(answer));
        });
  };
  return entry;
}

Status Service::commit_hot_rows(const Uuid& table) {
  const auto hot = hot_->table(table);
  if (!hot) return {};
  std::mutex mutex;
  std::condition_variable wake;
  std::optional<Result<int64_t>> outcome;
  committer_->commit_soon(table, hot->newest_lsn, [&](Result<int64_t> snapshot) {
    std::lock_guard lock(mutex);
    outcome.emplace(std::move(snapshot));
    wake.notify_one();
  });
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return outcome.has_value(); });
  TRY(std::move(*outcome));
  return {};
}

// Small requests to one table share a batch: what a batch costs is paid once a group, not once a
// request. Rows and the requests they came with are taken together, so that a frame of the log
// holds a request whole or not at all.
class Service::OpenBatch final : public SharedEntries {
 public:
  explicit OpenBatch(catalog::TablePtr table)
      : table_(std::move(table)), appender_(JsonAppender::create(table_->metadata->schema())) {}

  std::vector<LogEntry> take() override {
    std::lock_guard lock(mutex);
    queued = false;
    if (appender_->rows() > 0) {
      entries.front().rows.push_back({table_->metadata->table_uuid, table_->ident,
                                      table_->metadata->current_schema_id, appender_->take()});
    }
    return std::exchange(entries, {});
  }

  const catalog::Table& table() const { return *table_; }
  JsonAppender& appender() { return *appender_; }

  std::mutex mutex;  // guards everything below, and the appender
  std::vector<LogEntry> entries;
  bool queued = false;

 private:
  const catalog::TablePtr table_;
  const std::unique_ptr<JsonAppender> appender_;
};

std::shared_ptr<Service::OpenBatch> Service::open_batch(const catalog::TablePtr& table) {
  constexpr size_t kOpenBatchesMax = 256;
  std::lock_guard lock(open_mutex_);
  auto& batch = open_batches_[table->metadata->table_uuid];
  if (!batch || batch->table().metadata->current_schema_id != table->metadata->current_schema_id ||
      batch->table().ident != table->ident) {
    batch = std::make_shared<OpenBatch>(table);  // the old one, if queued, is the log's
    const auto kept = batch;
    if (open_batches_.size() > kOpenBatchesMax) open_batches_.clear();
    return kept;
  }
  return batch;
}

std::optional<bool> Service::append_to_open_batch(const AppendRequest& request,
                                                  std::string_view body, Done& done) {
  constexpr size_t kSmallBytes = 32 << 10;
  if (body.size() > kSmallBytes || !request.idempotency_key.empty()) return std::nullopt;
  const auto table = catalog_.load_table(request.table);
  if (!table.ok()) return std::nullopt;
  const auto batch = open_batch(*table);
  bool tell_log = false;
  std::optional<Error> refused;
  {
    std::lock_guard lock(batch->mutex);
    JsonAppender& appender = batch->appender();
    const int64_t before = appender.rows();
    const auto added = appender.append(body, shape_of(request.format));
    if (added.ok() && !*added) return false;
    const auto bytes = static_cast<int64_t>(body.size());
    Status taken = added.ok() ? log_->admit(bytes) : Status(added.error());
    if (!taken.ok()) {
      appender.truncate(before);
      refused = taken.error();
    } else {
      AppendAnswer answer;
      answer.rows = appender.rows() - before;
      count(request.table, answer);
      LogEntry entry = make_entry(request, std::move(answer), (*table)->metadata->table_uuid, {},
                                  std::make_shared<Done>(std::move(done)));
      entry.bytes = bytes;
      batch->entries.push_back(std::move(entry));
      tell_log = !std::exchange(batch->queued, true);
    }
  }
  if (refused)
    done(*refused);
  else if (tell_log)
    log_->submit_shared(batch);
  return true;
}

bool Service::try_append(const AppendRequest& request, std::string_view body, Done& done) {
  if (request.format == RowFormat::kArrow) return false;
  if (const Status target = check_target(request); !target.ok()) {
    done(target.error());
    return true;
  }
  if (const auto handled = append_to_open_batch(request, body, done)) return *handled;
  // The body's own form is looked at before the key is taken: what cannot be read leaves no trace.
  auto prepared = decode_now(request, body);
  if (!prepared.ok()) {
    done(prepared.error());
    return true;
  }
  if (!prepared->has_value()) return false;
  std::string body_hash;
  if (!request.idempotency_key.empty() && !begin_idempotent(request, body, body_hash, done)) {
    return true;
  }
  log_rows(request, std::move(**prepared), std::move(body_hash), std::move(done));
  return true;
}

void Service::append_blocking(const AppendRequest& request, std::string_view body, Done done) {
  if (const Status target = check_target(request); !target.ok()) return done(target.error());
  std::string body_hash;
  if (!request.idempotency_key.empty() && !begin_idempotent(request, body, body_hash, done)) return;
  auto prepared = decode_and_evolve(request, body);
  if (!prepared.ok()) {
    if (!request.idempotency_key.empty()) {
      answers_->abandon(request.idempotency_key, prepared.error());
    }
    return done(prepared.error());
  }
  log_rows(request, *std::move(prepared), std::move(body_hash), std::move(done));
}

Result<TaskInfo> Service::task(const std::string& task_id) {
  const Error unknown(ErrorCode::kNotFound, "there is no task of this id");
  const auto key = parse_task_id(task_id);
  if (!key) return unknown;
  for (const HotTable& table : hot_->tables()) {
    if (task_table_bits(table.table) != key->table_bits) continue;
    const auto rows = hot_->rows_of(table.table);
    if (!rows.empty() && key->lsn >= rows.front().lsn) return TaskInfo{};
  }
  const auto table = TRY(catalog_.find_table_if(
      [&](const Uuid& uuid) { return task_table_bits(uuid) == key->table_bits; }));
  if (!table) return unknown;
  TaskInfo info;
  info.completed = committed_lsn(*table->metadata) >= key->lsn;
  if (info.completed) info.snapshot_id = snapshot_with(*table->metadata, log_->wal_id(), key->lsn);
  return info;
}

}  // namespace firn::ingest
