#include "query/worker/database.h"

#include <sys/resource.h>

#include <atomic>
#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <mutex>

#include "duckdb.hpp"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/common/virtual_file_system.hpp"
#include "duckdb/execution/executor.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/main/pending_query_result.hpp"
#include "duckdb/main/prepared_statement.hpp"
#include "duckdb/main/stream_query_result.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "query/worker/admission.h"
#include "query/worker/broker_sockets.h"
#include "query/worker/deleted_rows.h"
#include "query/worker/encoder.h"
#include "query/worker/foreign_browse.h"
#include "query/worker/foreign_catalog.h"
#include "query/worker/gate.h"
#include "query/worker/lake_catalog.h"
#include "query/worker/planned_files.h"
#include "query/worker/remote_rows.h"
#include "query/worker/shared_functions.h"

namespace firn::query {
namespace {

constexpr size_t kRowsBytes = 128 << 10;   // encoded before they are sent
constexpr size_t kRowsBytesMax = 4 << 20;  // in one piece
constexpr const char* kDefaultSchema = "main";

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

ErrorCode code_of(const duckdb::ErrorData& error) {
  if (const auto own = error.ExtraInfo().find(std::string(kErrorCodeInfo));
      own != error.ExtraInfo().end()) {
    return error_code_from_wire(own->second).value_or(ErrorCode::kInternal);
  }
  using duckdb::ExceptionType;
  switch (error.Type()) {
    case ExceptionType::CATALOG: {
      const auto type = error.ExtraInfo().find("type");
      const bool is_function =
          type != error.ExtraInfo().end() && type->second.find("Function") != std::string::npos;
      return is_function ? ErrorCode::kInvalidStatement : ErrorCode::kNotFound;
    }
    case ExceptionType::PERMISSION: return ErrorCode::kPermissionDenied;
    case ExceptionType::INTERRUPT: return ErrorCode::kCancelled;
    case ExceptionType::OUT_OF_MEMORY: return ErrorCode::kResourceExhausted;
    case ExceptionType::NOT_IMPLEMENTED: return ErrorCode::kUnsupported;
    case ExceptionType::IO: return ErrorCode::kStorageUnavailable;
    case ExceptionType::INTERNAL:
    case ExceptionType::FATAL: return ErrorCode::kInternal;
    default: return ErrorCode::kInvalidStatement;
  }
}

constexpr const char* kOutOfMemory = "the query ran out of memory";

Error to_error(const duckdb::ErrorData& error) {
  const ErrorCode code = code_of(error);
  if (error.Type() == duckdb::ExceptionType::OUT_OF_MEMORY) {
    return Error(code, kOutOfMemory, error.Message());
  }
  if (code == ErrorCode::kInternal) {
    return Error(code, "the query engine failed on this query", error.Message());
  }
  // DuckDB's words help, but for where files lie and how the engine is set up.
  if (code == ErrorCode::kStorageUnavailable) {
    return Error(code, "a file of the table could not be read", error.Message());
  }
  Error made(code, error.RawMessage().empty() ? error.Message() : error.RawMessage());
  const auto position = error.ExtraInfo().find("position");
  if (position == error.ExtraInfo().end()) return made;
  size_t bytes = 0;
  const auto& text = position->second;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return failed == std::errc() ? std::move(made).at(bytes) : made;
}

// DuckDB's binder tells the place of an error by an excerpt below its message: "LINE 2: text", and
// on the next line a caret. Counted in characters; where the line was too long it is cut, and then
// begins with dots.
Error located(Error error, std::string_view statement) {
  const std::string& message = error.message();
  const size_t excerpt = message.rfind("\n\nLINE ");
  if (error.position() || excerpt == std::string::npos) return error;
  const size_t number_at = excerpt + std::string_view("\n\nLINE ").size();
  size_t line = 0;
  const auto parsed =
      std::from_chars(message.data() + number_at, message.data() + message.size(), line);
  const size_t text_at = static_cast<size_t>(parsed.ptr - message.data()) + 2;
  const size_t end = message.find('\n', number_at);
  const size_t caret = message.rfind('^');
  if (parsed.ec != std::errc() || end == std::string::npos || caret == std::string::npos ||
      caret < end || message.compare(text_at, 3, "...") == 0) {
    return error;
  }
  size_t at = 0;
  for (size_t i = 1; i < line; ++i) {
    at = statement.find('\n', at);
    if (at == std::string_view::npos) return error;
    ++at;
  }
  const size_t before_text = text_at - (excerpt + 2);
  const size_t indent = caret - end - 1;
  if (indent < before_text) return error;
  for (size_t column = indent - before_text; column > 0 && at < statement.size(); --column) {
    do ++at;
    while (at < statement.size() && (statement[at] & 0xC0) == 0x80);
  }
  return std::move(error).at(at);
}

// Runs `body`, which may throw anything that DuckDB throws.
template <typename Body>
Status guarded(Body&& body) {
  try {
    body();
    return {};
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kResourceExhausted, kOutOfMemory);
  } catch (const std::exception& exception) {
    return to_error(duckdb::ErrorData(exception));
  }
}

duckdb::Value parameter_value(const std::string& name, const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return duckdb::Value();
    case boost::json::kind::bool_: return duckdb::Value::BOOLEAN(value.get_bool());
    case boost::json::kind::int64: return duckdb::Value::BIGINT(value.get_int64());
    case boost::json::kind::uint64: return duckdb::Value::UBIGINT(value.get_uint64());
    case boost::json::kind::double_: return duckdb::Value::DOUBLE(value.get_double());
    case boost::json::kind::string: {
      const auto& text = value.get_string();
      return duckdb::Value(std::string(text.data(), text.size()));
    }
    default:
      throw duckdb::InvalidInputException("the parameter %s is a string, number, boolean or null",
                                          name);
  }
}

// From a JSON object; empty text is none.
duckdb::case_insensitive_map_t<duckdb::BoundParameterData> parameter_values(
    const std::string& json) {
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values;
  if (json.empty()) return values;
  boost::system::error_code failed;
  const auto parsed = boost::json::parse(json, failed);
  if (failed || !parsed.is_object()) {
    throw duckdb::InvalidInputException("the parameters are a JSON object of names and values");
  }
  for (const auto& [key, value] : parsed.get_object()) {
    const std::string name(key.data(), key.size());
    values[name] = duckdb::BoundParameterData(parameter_value(name, value));
  }
  return values;
}

// Carries a sink's error through DuckDB's frames.
struct SinkFailed {
  Error error;
};

class LakeDatabase final : public Database {
 public:
  explicit LakeDatabase(const DatabaseOptions& options) : options_(options) {}

  void start();
  Result<WorkerDone> run(const WorkerQuery& query, TableSource& tables, AnswerSink& sink) override;
  void interrupt() override {
    std::lock_guard lock(mutex_);
    if (running_ == nullptr) return;
    interrupted_ = true;
    running_->Interrupt();
    // A thread that waits for a customer's database does not look at that.
    shut_down_brokered_sockets();
  }

 private:
  void execute(duckdb::Connection& connection, const WorkerQuery& query, AnswerSink& sink,
               WorkerDone& done);
  void prepare(duckdb::Connection& connection, const WorkerQuery& query);
  void stream(duckdb::Connection& connection, duckdb::unique_ptr<duckdb::SQLStatement> statement,
              const WorkerQuery& query, AnswerSink& sink, WorkerDone& done);
  void deliver(duckdb::Connection& connection, const duckdb::vector<std::string>& names,
               const duckdb::vector<duckdb::LogicalType>& types, const WorkerQuery& query,
               AnswerSink& sink, WorkerDone& done,
               const std::function<duckdb::unique_ptr<duckdb::DataChunk>()>& next);
  void relay(duckdb::Connection& connection, const WorkerQuery& query, AnswerSink& sink,
             WorkerDone& done);
  void explain(duckdb::Connection& connection, duckdb::unique_ptr<duckdb::SQLStatement> statement,
               AnswerSink& sink);
  void autocomplete(duckdb::Connection& connection, const WorkerQuery& query, AnswerSink& sink);
  void ask_source(duckdb::Connection& connection, const WorkerQuery& query, AnswerSink& sink);
  duckdb::unique_ptr<duckdb::DataChunk> fetch(duckdb::Connection& connection,
                                              duckdb::QueryResult& result);
  void require(duckdb::Connection& connection, const std::string& sql);

  const DatabaseOptions options_;
  std::unique_ptr<duckdb::DuckDB> database_;
  PlannedFiles* files_ = nullptr;  // of the database
  std::unique_ptr<LakeCatalogs> catalogs_;
  std::unique_ptr<ForeignSources> sources_;
  std::unique_ptr<ForeignCatalogs> connections_;
  std::unique_ptr<DeletedRowsCache> deleted_rows_;
  LakeQuery lake_query_;
  std::mutex mutex_;
  duckdb::Connection* running_ = nullptr;
  std::atomic<bool> interrupted_ = false;  // the running query, by interrupt()
};

void LakeDatabase::require(duckdb::Connection& connection, const std::string& sql) {
  auto result = connection.Query(sql);
  if (result->HasError()) result->ThrowError();
}

void LakeDatabase::start() {
  duckdb::DBConfig config;
  auto files = duckdb::make_uniq<PlannedFiles>(options_.spill_directory);
  files_ = files.get();
  config.file_system = duckdb::make_uniq<duckdb::VirtualFileSystem>(std::move(files));
  config.options.maximum_threads = static_cast<duckdb::idx_t>(options_.threads);
  config.options.maximum_memory = options_.memory_bytes_max;
  config.options.maximum_swap_space = options_.spill_bytes_max;
  config.options.temporary_directory = options_.spill_directory;
  // It takes subplans for the same whose serialized bytes are: scans of two tables, or of two
  // versions of one, that have the same columns are then one, for ours as for sqlite_scanner's.
  config.options.disabled_optimizers.insert(duckdb::OptimizerType::COMMON_SUBPLAN);
  config.SetOptionByName("autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("autoload_known_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("allow_community_extensions", duckdb::Value::BOOLEAN(false));
  config.SetOptionByName("allow_persistent_secrets", duckdb::Value::BOOLEAN(false));
  database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);

  duckdb::Connection connection(*database_);
  if (!options_.extension_directory.empty()) {
    const std::string icu = options_.extension_directory + "/icu.duckdb_extension";
    files_->allow_path(icu);
    require(connection, "LOAD " + quoted(icu));
    files_->forget_all();
  }
  catalogs_ = LakeCatalogs::install(*database_->instance);
  sources_ = std::make_unique<ForeignSources>(
      *database_->instance, *files_, options_.extension_directory, options_.spill_directory);
  connections_ = ForeignCatalogs::install(*database_->instance, *sources_);
  deleted_rows_ = std::make_unique<DeletedRowsCache>(*database_->instance);
  // Files of tables never change: what was read once need not be looked at again.
  require(connection, "SET GLOBAL parquet_metadata_cache = true");
  require(connection, "SET GLOBAL validate_external_file_cache = 'NO_VALIDATION'");
  require(connection, "SET GLOBAL TimeZone = 'UTC'");
  connection.context->RunFunctionInTransaction([&] {
    remove_refused_functions(*connection.context, {});
    add_shared_functions(*connection.context);
  });
  // 'x.csv' is the name of a table, not of a file.
  duckdb::DBConfig::GetConfig(*database_->instance).replacement_scans.clear();
  // PlannedFiles decides which files there are; this turns off what would look for others.
  require(connection, "SET GLOBAL allowed_directories = ['/']");
  require(connection, "SET GLOBAL enable_external_access = false");
  require(connection, "SET GLOBAL allowed_configs = ['TimeZone']");
  require(connection, "SET GLOBAL lock_configuration = true");
}

void LakeDatabase::prepare(duckdb::Connection& connection, const WorkerQuery& query) {
  auto& context = *connection.context;
  context.RunFunctionInTransaction([&] {
    auto catalogs = query.catalogs;
    catalogs.insert(catalogs.end(), query.remote_catalogs.begin(), query.remote_catalogs.end());
    catalogs_->begin(context, catalogs, lake_query_);
    connections_->begin(context, query.connections, lake_query_);
    std::string catalog = query.catalog;
    if (catalog.empty() && !query.catalogs.empty()) catalog = query.catalogs.front();
    if (catalog.empty()) return;
    const std::string schema = query.schema.empty() ? kDefaultSchema : query.schema;
    auto& path = *duckdb::ClientData::Get(context).catalog_search_path;
    if (query.schema.empty()) {
      path.Set(duckdb::CatalogSearchEntry(catalog, schema),
               duckdb::CatalogSetPathType::SET_DIRECTLY);
    } else {
      path.Set(duckdb::CatalogSearchEntry(catalog, schema), duckdb::CatalogSetPathType::SET_SCHEMA);
    }
  });
  if (!query.timezone.empty()) {
    auto result = connection.Query("SET TimeZone = " + quoted(query.timezone));
    if (result->HasError()) {
      throw_error(Error(ErrorCode::kInvalidArgument,
                        "the time zone \"" + query.timezone + "\" is not known"));
    }
  }
}

Result<WorkerDone> LakeDatabase::run(const WorkerQuery& query, TableSource& tables,
                                     AnswerSink& sink) {
  lake_query_ = LakeQuery{&tables,
                          files_,
                          deleted_rows_.get(),
                          query.nonce,
                          query.mode == QueryMode::kExplain,
                          query.remote_catalogs};
  WorkerDone done;
  std::optional<Error> sink_error;
  // Here and not within: a connection that an exception takes down leaves its tasks to DuckDB's
  // threads, which then use what is gone (ClientContext's destructor does nothing meanwhile).
  std::optional<duckdb::Connection> connection;
  Status status = guarded([&] {
    connection.emplace(*database_);
    try {
      execute(*connection, query, sink, done);
    } catch (const SinkFailed& failed) {
      sink_error = failed.error;
    }
  });
  if (auto closed = guarded([&] {
        if (connection) connection->context->Destroy();
      });
      status.ok() && !closed.ok()) {
    status = std::move(closed);
  }
  connection.reset();
  catalogs_->end();
  if (auto closed = guarded([&] { connections_->end(); }); status.ok() && !closed.ok()) {
    status = std::move(closed);
  }
  files_->forget_all();
  if (sink_error) return std::move(*sink_error);
  if (!status.ok()) {
    if (interrupted_) return Error(ErrorCode::kCancelled, "the query was cancelled");
    if (status.error().code() == ErrorCode::kCancelled) {
      return Error(ErrorCode::kInvalidStatement, "the query failed on one of its rows");
    }
    if (status.error().message() == kOutOfMemory) {
      return Error(ErrorCode::kResourceExhausted,
                   std::string(kOutOfMemory) + " (limit " +
                       std::to_string(options_.memory_bytes_max >> 20) + " MiB)",
                   status.error().detail());
    }
    return located(std::move(status).error(), query.statement);
  }
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    done.memory_peak_bytes = static_cast<uint64_t>(usage.ru_maxrss) << 10;
  }
  return done;
}

void LakeDatabase::execute(duckdb::Connection& connection, const WorkerQuery& query,
                           AnswerSink& sink, WorkerDone& done) {
  {
    std::lock_guard lock(mutex_);
    interrupted_ = false;
    running_ = &connection;
  }
  struct Unset {
    LakeDatabase& self;
    ~Unset() {
      std::lock_guard lock(self.mutex_);
      self.running_ = nullptr;
    }
  } unset{*this};
  prepare(connection, query);
  if (query.mode == QueryMode::kAutocomplete) return autocomplete(connection, query, sink);
  if (query.mode == QueryMode::kBrowse || query.mode == QueryMode::kStop) {
    return ask_source(connection, query, sink);
  }
  if (query.mode == QueryMode::kRemote) return relay(connection, query, sink, done);
  auto statement = admit_statement(query.statement);
  if (statement->type == duckdb::StatementType::EXPLAIN_STATEMENT) lake_query_.explains = true;
  switch (query.mode) {
    case QueryMode::kRun: return stream(connection, std::move(statement), query, sink, done);
    case QueryMode::kExplain: return explain(connection, std::move(statement), sink);
    default: {
      auto prepared = connection.Prepare(std::move(statement));
      if (prepared->HasError()) prepared->error.Throw();
    }
  }
}

// A task that fails interrupts the others, and Fetch then tells of the interrupt only: so the tasks
// are run here, where the executor still knows what went wrong.
duckdb::unique_ptr<duckdb::DataChunk> LakeDatabase::fetch(duckdb::Connection& connection,
                                                          duckdb::QueryResult& result) {
  if (result.type == duckdb::QueryResultType::STREAM_RESULT) {
    auto& stream = result.Cast<duckdb::StreamQueryResult>();
    try {
      while (true) {
        const auto state = stream.ExecuteTask();
        if (duckdb::StreamQueryResult::IsChunkReady(state)) break;
        if (state == duckdb::StreamExecutionResult::BLOCKED) stream.WaitForTask();
      }
    } catch (const duckdb::InterruptException&) {
      auto& executor = connection.context->GetExecutor();
      if (!interrupted_ && executor.HasError()) executor.ThrowException();
      throw;
    }
    if (stream.HasError()) stream.ThrowError();
  }
  auto chunk = result.Fetch();
  if (result.HasError()) result.ThrowError();
  return chunk;
}

void LakeDatabase::stream(duckdb::Connection& connection,
                          duckdb::unique_ptr<duckdb::SQLStatement> statement,
                          const WorkerQuery& query, AnswerSink& sink, WorkerDone& done) {
  auto values = parameter_values(query.parameters);
  auto pending = connection.PendingQuery(std::move(statement), values,
                                         duckdb::QueryResultOutputType::ALLOW_STREAMING);
  if (pending->HasError()) pending->ThrowError();
  auto result = pending->Execute();
  if (result->HasError()) result->ThrowError();
  deliver(connection, result->names, result->types, query, sink, done,
          [&] { return fetch(connection, *result); });
}

void LakeDatabase::deliver(duckdb::Connection& connection, const duckdb::vector<std::string>& names,
                           const duckdb::vector<duckdb::LogicalType>& types,
                           const WorkerQuery& query, AnswerSink& sink, WorkerDone& done,
                           const std::function<duckdb::unique_ptr<duckdb::DataChunk>()>& next) {
  const auto check = [](Status status) {
    if (!status.ok()) throw SinkFailed{std::move(status).error()};
  };
  std::vector<ResultColumn> columns;
  for (size_t i = 0; i < names.size(); ++i) columns.push_back({names[i], types[i].ToString()});
  auto encoder = make_encoder(query.format, *connection.context, names, types);
  check(sink.head(columns));

  uint64_t sent = 0;
  std::string out;
  const auto flush = [&](size_t from) {
    if (out.size() < from || out.empty()) return;
    sent += out.size();
    if (sent > query.result_bytes_max) {
      throw_error(Error(ErrorCode::kResourceExhausted,
                        "the answer is larger than " +
                            std::to_string(query.result_bytes_max >> 20) +
                            " MiB: select fewer rows or columns, or use a LIMIT"));
    }
    for (size_t at = 0; at < out.size(); at += kRowsBytesMax) {
      check(sink.rows(std::string_view(out).substr(at, kRowsBytesMax)));
    }
    out.clear();
  };
  encoder->begin(out);
  uint64_t skip = query.offset;
  while (done.rows < query.limit) {
    auto chunk = next();
    if (!chunk || chunk->size() == 0) break;
    if (skip >= chunk->size()) {
      skip -= chunk->size();
      continue;
    }
    const uint64_t wanted = std::min<uint64_t>(chunk->size() - skip, query.limit - done.rows);
    if (wanted < chunk->size()) {
      duckdb::SelectionVector rows(skip, wanted);
      chunk->Slice(rows, wanted);
    }
    skip = 0;
    done.rows += wanted;
    encoder->append(*chunk, out);
    flush(kRowsBytes);
  }
  encoder->finish(out);
  flush(0);
}

// The answer of another engine, encoded as DuckDB's own would be.
void LakeDatabase::relay(duckdb::Connection& connection, const WorkerQuery& query, AnswerSink& sink,
                         WorkerDone& done) {
  connection.context->RunFunctionInTransaction([&] {
    RemoteRows rows(*connection.context, *lake_query_.tables,
                    [this] { return interrupted_.load(); });
    rows.open();
    deliver(connection, rows.names(), rows.types(), query, sink, done, [&] { return rows.next(); });
  });
}

void LakeDatabase::explain(duckdb::Connection& connection,
                           duckdb::unique_ptr<duckdb::SQLStatement> statement, AnswerSink& sink) {
  if (statement->type != duckdb::StatementType::EXPLAIN_STATEMENT) {
    statement = duckdb::make_uniq<duckdb::ExplainStatement>(std::move(statement));
  }
  auto result = connection.Query(std::move(statement));
  if (result->HasError()) result->ThrowError();
  std::string text;
  while (auto chunk = result->Fetch()) {
    for (duckdb::idx_t i = 0; i < chunk->size(); ++i) text += chunk->GetValue(1, i).ToString();
  }
  if (auto status = sink.rows(text); !status.ok()) throw SinkFailed{std::move(status).error()};
}

void LakeDatabase::autocomplete(duckdb::Connection& connection, const WorkerQuery& query,
                                AnswerSink& sink) {
  auto result = connection.Query("FROM sql_auto_complete(" + quoted(query.statement) + ") LIMIT " +
                                 std::to_string(query.suggestions_max));
  if (result->HasError()) result->ThrowError();
  auto encoder =
      make_encoder(ResultFormat::kJsonLines, *connection.context, result->names, result->types);
  std::string out;
  while (auto chunk = result->Fetch()) encoder->append(*chunk, out);
  if (auto status = sink.rows(out); !status.ok()) throw SinkFailed{std::move(status).error()};
}

void LakeDatabase::ask_source(duckdb::Connection& connection, const WorkerQuery& query,
                              AnswerSink& sink) {
  if (query.connections.size() != 1) throw duckdb::InternalException("not one connection");
  const auto& name = query.connections.front();
  if (query.mode == QueryMode::kStop) {
    return stop_foreign(connection, *sources_, name, query.statement);
  }
  const std::string found = browse_foreign(connection, *sources_, name);
  if (auto status = sink.rows(found); !status.ok()) throw SinkFailed{std::move(status).error()};
}

}  // namespace

Result<std::string> admit(const std::string& statement) {
  std::string kind;
  TRY(guarded([&] { kind = duckdb::StatementTypeToString(admit_statement(statement)->type); }));
  return kind;
}

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  auto database = std::make_unique<LakeDatabase>(options);
  if (auto status = guarded([&] { database->start(); }); !status.ok()) {
    return Error(ErrorCode::kInternal, "the query engine does not start", status.error().to_log());
  }
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace firn::query
