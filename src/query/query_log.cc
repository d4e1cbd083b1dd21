#include "query/query_log.h"

#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "store/database.h"

namespace firn::query {
namespace {

namespace json = boost::json;

constexpr size_t kWaitingMax = 4096;
constexpr int kPruneEvery = 1000;  // queries

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"query", 1, R"sql(
CREATE TABLE query_log (organization TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL,
  requested_by TEXT NOT NULL, user_agent TEXT NOT NULL, session_id TEXT NOT NULL,
  statement TEXT NOT NULL, question TEXT NOT NULL, engine TEXT NOT NULL, error_code TEXT NOT NULL,
  error_message TEXT NOT NULL, error_position INTEGER, start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL, rows INTEGER NOT NULL, bytes INTEGER NOT NULL, tables TEXT NOT NULL,
  result_hash TEXT NOT NULL, visible INTEGER NOT NULL, pinned INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (organization, id)) STRICT;
CREATE INDEX query_log_by_time ON query_log (organization, start_us);
)sql"},
      {"query", 2, "ALTER TABLE query_log ADD COLUMN engine_reason TEXT NOT NULL DEFAULT ''"},
  };
  return steps;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(value->get_string().data(), value->get_string().size());
}

int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string question_json(const Question& question) {
  json::object object{
      {"parameters", question.parameters}, {"catalog", question.catalog},
      {"schema", question.schema},         {"offset", static_cast<int64_t>(question.offset)},
      {"timezone", question.timezone},     {"format", static_cast<int64_t>(question.format)},
      {"as_of", question.as_of},           {"engine", static_cast<int64_t>(question.engine)}};
  if (question.limit) object["limit"] = static_cast<int64_t>(*question.limit);
  return json::serialize(object);
}

Question read_question(const std::string& statement, const std::string& text) {
  Question question;
  question.statement = statement;
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return question;
  const auto& object = value.get_object();
  question.parameters = text_of(object, "parameters");
  question.catalog = text_of(object, "catalog");
  question.schema = text_of(object, "schema");
  question.offset = static_cast<uint64_t>(number_of(object, "offset"));
  question.timezone = text_of(object, "timezone");
  question.format = static_cast<ResultFormat>(number_of(object, "format"));
  question.as_of = text_of(object, "as_of");
  question.engine = static_cast<EngineChoice>(number_of(object, "engine"));
  if (object.contains("limit")) question.limit = static_cast<uint64_t>(number_of(object, "limit"));
  return question;
}

std::string tables_json(const std::vector<TableEvidence>& tables) {
  json::array list;
  for (const auto& table : tables) {
    json::object object{
        {"catalog", table.catalog},         {"schema", table.schema},       {"name", table.name},
        {"uuid", table.uuid.to_string()},   {"schema_id", table.schema_id}, {"files", table.files},
        {"files_total", table.files_total}, {"bytes", table.bytes},         {"rows", table.rows},
        {"hot_rows", table.hot_rows}};
    if (table.snapshot_id) object["snapshot_id"] = *table.snapshot_id;
    if (table.foreign) object["foreign"] = true;
    list.push_back(std::move(object));
  }
  return json::serialize(list);
}

std::vector<TableEvidence> read_tables(const std::string& text) {
  std::vector<TableEvidence> tables;
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed || !value.is_array()) return tables;
  for (const auto& element : value.get_array()) {
    if (!element.is_object()) continue;
    const auto& object = element.get_object();
    TableEvidence table;
    table.catalog = text_of(object, "catalog");
    table.schema = text_of(object, "schema");
    table.name = text_of(object, "name");
    if (const auto uuid = Uuid::parse(text_of(object, "uuid")); uuid.ok()) table.uuid = *uuid;
    table.schema_id = static_cast<int32_t>(number_of(object, "schema_id"));
    table.files = number_of(object, "files");
    table.files_total = number_of(object, "files_total");
    table.bytes = number_of(object, "bytes");
    table.rows = number_of(object, "rows");
    table.hot_rows = number_of(object, "hot_rows");
    table.foreign = object.contains("foreign");
    if (object.contains("snapshot_id")) table.snapshot_id = number_of(object, "snapshot_id");
    tables.push_back(std::move(table));
  }
  return tables;
}

constexpr std::string_view kColumns =
    "SELECT id, account, requested_by, user_agent, session_id, statement, question, engine, "
    "error_code, error_message, error_position, start_us, end_us, rows, bytes, tables, "
    "result_hash, visible, pinned, engine_reason FROM query_log WHERE organization = ?1";

LoggedQuery read_row(const std::string& organization, const store::Statement& row) {
  LoggedQuery logged;
  QueryInfo& info = logged.info;
  info.organization = organization;
  info.query_id = row.column_text(0);
  info.account = row.column_text(1);
  info.requested_by = row.column_text(2);
  info.user_agent = row.column_text(3);
  info.session_id = row.column_text(4);
  info.statement = row.column_text(5);
  info.question = read_question(info.statement, row.column_text(6));
  info.engine = row.column_text(7);
  info.state = QueryState::kDone;
  if (const auto code = error_code_from_wire(row.column_text(8))) {
    info.state = QueryState::kFailed;
    Error error(*code, row.column_text(9));
    if (!row.column_is_null(10)) {
      error = std::move(error).at(static_cast<size_t>(row.column_int(10)));
    }
    info.error = std::move(error);
  }
  info.start_us = row.column_int(11);
  info.end_us = row.column_int(12);
  info.rows = static_cast<uint64_t>(row.column_int(13));
  info.bytes = static_cast<uint64_t>(row.column_int(14));
  info.tables = read_tables(row.column_text(15));
  info.result_hash = row.column_text(16);
  info.visible = row.column_int(17) != 0;
  logged.pinned = row.column_int(18) != 0;
  info.engine_reason = row.column_text(19);
  return logged;
}

Status insert(store::Transaction& transaction, const QueryInfo& info) {
  auto row = TRY(transaction.prepare(
      "INSERT INTO query_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, "
      "?) "
      "ON CONFLICT (organization, id) DO UPDATE SET account = excluded.account, requested_by = "
      "excluded.requested_by, user_agent = excluded.user_agent, session_id = excluded.session_id, "
      "statement = excluded.statement, question = excluded.question, engine = excluded.engine, "
      "error_code = excluded.error_code, error_message = excluded.error_message, error_position = "
      "excluded.error_position, start_us = excluded.start_us, end_us = excluded.end_us, rows = "
      "excluded.rows, bytes = excluded.bytes, tables = excluded.tables, result_hash = "
      "excluded.result_hash, visible = excluded.visible, engine_reason = excluded.engine_reason "
      "WHERE pinned = 0 AND account = excluded.account"));
  row.bind(1, info.organization)
      .bind(2, info.query_id)
      .bind(3, info.account)
      .bind(4, info.requested_by)
      .bind(5, info.user_agent)
      .bind(6, info.session_id)
      .bind(7, info.statement)
      .bind(8, question_json(info.question))
      .bind(9, info.engine)
      .bind(10, info.error ? info_of(info.error->code()).wire_code : std::string_view())
      .bind(11, info.error ? info.error->message() : std::string_view());
  if (info.error && info.error->position()) {
    row.bind(12, static_cast<int64_t>(*info.error->position()));
  } else {
    row.bind_null(12);
  }
  return row.bind(13, info.start_us)
      .bind(14, info.end_us)
      .bind(15, static_cast<int64_t>(info.rows))
      .bind(16, static_cast<int64_t>(info.bytes))
      .bind(17, tables_json(info.tables))
      .bind(18, info.result_hash)
      .bind(19, static_cast<int64_t>(info.visible))
      .bind(20, info.engine_reason)
      .run();
}

}  // namespace

QueryLog::QueryLog(store::Database& database) : database_(database) {
  thread_ = std::thread([this] { run(); });
}

Result<std::unique_ptr<QueryLog>> QueryLog::create(store::Database& database) {
  TRY(database.migrate(migrations()));
  return std::unique_ptr<QueryLog>(new QueryLog(database));
}

QueryLog::~QueryLog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void QueryLog::record(QueryInfo info) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < kWaitingMax || stopping_; });
  waiting_.push_back(std::move(info));
  ++recorded_;
  changed_.notify_all();
}

void QueryLog::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !waiting_.empty() || stopping_; });
    if (waiting_.empty()) return;
    std::deque<QueryInfo> batch = std::exchange(waiting_, {});
    changed_.notify_all();
    lock.unlock();
    // A full disk must stop neither queries nor the server: the answers were given.
    if (const Status status = write(batch); !status.ok()) {
      spdlog::error("{} queries are missing in the history: {}", batch.size(),
                    status.error().to_log());
    }
    lock.lock();
    written_ += batch.size();
    changed_.notify_all();
  }
}

void QueryLog::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this, wanted = recorded_] { return written_ >= wanted; });
}

Status QueryLog::write(const std::deque<QueryInfo>& infos) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    for (const auto& info : infos) TRY(insert(transaction, info));
    if (written_ / kPruneEvery == (written_ + infos.size()) / kPruneEvery) return {};
    auto row = TRY(transaction.prepare(
        "DELETE FROM query_log WHERE pinned = 0 AND start_us < (SELECT start_us FROM query_log "
        "ORDER BY start_us DESC LIMIT 1 OFFSET ?)"));
    return row.bind(1, kKept).run();
  });
}

Result<LoggedQuery> QueryLog::find(const std::string& organization, const std::string& id) {
  flush();
  std::optional<LoggedQuery> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(std::string(kColumns) + " AND id = ?2"));
    row.bind(1, organization).bind(2, id);
    if (TRY(row.step())) found = read_row(organization, row);
    return {};
  }));
  if (!found) return Error(ErrorCode::kNotFound, "there is no such query");
  return *std::move(found);
}

Result<std::vector<LoggedQuery>> QueryLog::list(const std::string& organization,
                                                const Filter& filter, int64_t max) {
  flush();
  std::vector<LoggedQuery> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        std::string(kColumns) +
        " AND visible = 1 AND (?2 = '' OR account = ?2) AND (?3 = '' OR instr(lower(statement), "
        "lower(?3)) > 0) AND (start_us, id) < (?4, ?5) ORDER BY start_us DESC, id DESC LIMIT ?6"));
    row.bind(1, organization)
        .bind(2, filter.account)
        .bind(3, filter.search)
        .bind(4, filter.before_us.value_or(INT64_MAX))
        .bind(5, filter.before_id)
        .bind(6, max);
    while (TRY(row.step())) found.push_back(read_row(organization, row));
    return {};
  }));
  return found;
}

Status QueryLog::set_pinned(const std::string& organization, const std::string& id, bool pinned) {
  flush();
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(
        transaction.prepare("UPDATE query_log SET pinned = ? WHERE organization = ? AND id = ?"));
    TRY(row.bind(1, static_cast<int64_t>(pinned)).bind(2, organization).bind(3, id).run());
    if (transaction.changes() == 0) return Error(ErrorCode::kNotFound, "there is no such query");
    return {};
  });
}

}  // namespace firn::query
