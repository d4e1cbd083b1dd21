#include "query/engine.h"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "auth/principal.h"
#include "base/bytes.h"
#include "query/conversation.h"
#include "query/query_history.h"

namespace firn::query {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kIdBytesMax = 255;

class Hash {
 public:
  Hash() { crypto_generichash_init(&state_, nullptr, 0, kBytes); }
  void update(std::string_view bytes) {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
  }
  std::string hex() {
    unsigned char digest[kBytes];
    crypto_generichash_final(&state_, digest, kBytes);
    return to_hex({digest, kBytes});
  }

 private:
  static constexpr size_t kBytes = 32;
  crypto_generichash_state state_;
};

// What a worker asks for while another engine computes.
class RemoteView final : public TableView {
 public:
  explicit RemoteView(std::unique_ptr<RemoteQuery> query) : query_(std::move(query)) {}
  Result<RemotePage> remote_page() override { return query_->next(); }

  Result<std::vector<std::string>> list_catalogs() override { return std::vector<std::string>(); }
  Result<std::vector<std::string>> list_schemas(const std::string&) override { return none(); }
  Result<std::vector<std::string>> list_tables(const std::string&, const std::string&) override {
    return none();
  }
  Result<ResolvedTable> resolve(const std::string&, const std::string&, const std::string&,
                                const TableVersion&) override {
    return none();
  }
  Result<ScanPlan> plan(uint64_t, const std::vector<Conjunct>&) override { return none(); }
  std::vector<TableEvidence> evidence() const override { return {}; }
  bool saw_snapshot(int64_t) const override { return true; }

 private:
  static Error none() { return Error(ErrorCode::kNotFound, "the query runs on another engine"); }
  const std::unique_ptr<RemoteQuery> query_;
};

// Whether the caller may have read what nobody could check.
bool is_admin(const QueryRequest& request) {
  const auto* principal = request.access->principal();
  return principal != nullptr &&
         auth::authorize(*principal, auth::Role::kAdmin, auth::Object::whole(*principal)).ok();
}

class WorkerEngine final : public Engine {
 public:
  WorkerEngine(const EngineOptions& options, TableProvider& tables,
               platform::ProcessSpawner& spawner, platform::Clock& clock, platform::Random& random)
      : options_(options),
        tables_(tables),
        clock_(clock),
        random_(random),
        history_(options.history_max),
        pool_(options.pool, spawner) {}

  Result<QueryInfo> run(const QueryRequest& request, ResultSink& sink) override;
  Result<std::vector<TableEvidence>> validate(const QueryRequest& request) override;
  Result<Explanation> explain(const QueryRequest& request) override;
  Result<std::string> autocomplete(const QueryRequest& request, uint32_t max) override;
  Result<std::string> browse(const QueryRequest& request, TableView& view) override;
  Status stop_at_source(const QueryRequest& request, TableView& view,
                        const std::vector<uint16_t>& ports) override;
  Result<bool> cancel(const std::string& organization, const std::string& query_id,
                      const std::string& session_id) override;
  Result<QueryInfo> info(const std::string& organization, const std::string& query_id) override;
  WorkerPool::Stats worker_stats() override { return pool_.stats(); }

 private:
  Result<WorkerDone> converse(const QueryRequest& request, WorkerQuery query, QueryRecord& record,
                              TableView& view, const Conversation::Handlers& handlers);
  Result<std::string> ask(const QueryRequest& request, WorkerQuery query, TableView& view);
  Result<std::string> ask(const QueryRequest& request, QueryMode mode, TableView& view) {
    return ask(request, to_worker(request, mode), view);
  }
  struct Choice {
    bool remote = false;
    std::string reason;  // empty: there was none to make
    std::vector<TableEvidence> tables;
  };
  Result<Choice> choose(const QueryRequest& request);
  Result<std::unique_ptr<TableView>> view_for(const QueryRequest& request, const Choice& choice);
  Status check(const QueryRequest& request) const;
  std::unique_ptr<TableView> open_view(const QueryRequest& request) {
    return tables_.open_view(
        request.as_of.empty() ? TableVersion{} : parse_table_version(request.as_of), request.access,
        request.pins);
  }
  WorkerQuery to_worker(const QueryRequest& request, QueryMode mode) const;
  QueryInfo new_info(const QueryRequest& request);

  const EngineOptions options_;
  TableProvider& tables_;
  platform::Clock& clock_;
  platform::Random& random_;
  QueryHistory history_;
  WorkerPool pool_;
};

Status WorkerEngine::check(const QueryRequest& request) const {
  if (request.access == nullptr) {
    return Error(ErrorCode::kInternal, "the query cannot run", "nobody said what it may see");
  }
  TRY(check_statement_bounds(request.statement, options_));
  for (const auto* text : {&request.query_id, &request.session_id, &request.catalog,
                           &request.schema, &request.timezone, &request.as_of}) {
    if (text->size() > kIdBytesMax) {
      return Error(ErrorCode::kInvalidArgument, "a parameter is longer than 255 bytes");
    }
    // They become headers of other servers, lines of logs and names.
    if (std::any_of(text->begin(), text->end(),
                    [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
      return Error(ErrorCode::kInvalidArgument, "a parameter contains control characters");
    }
  }
  return {};
}

WorkerQuery WorkerEngine::to_worker(const QueryRequest& request, QueryMode mode) const {
  WorkerQuery query;
  query.mode = mode;
  query.format = request.format;
  query.statement = request.statement;
  query.parameters = request.parameters;
  query.nonce = random_.uuid().to_string();
  query.catalog = request.catalog;
  query.schema = request.schema;
  query.timezone = request.timezone;
  query.limit = request.limit.value_or(UINT64_MAX);
  query.offset = request.offset;
  query.result_bytes_max = options_.result_bytes_max;
  return query;
}

QueryInfo WorkerEngine::new_info(const QueryRequest& request) {
  QueryInfo info;
  info.query_id = request.query_id.empty() ? random_.uuid().to_string() : request.query_id;
  info.session_id = request.session_id.empty() ? random_.uuid().to_string() : request.session_id;
  info.organization = request.organization;
  info.account = request.account;
  info.statement = request.statement;
  info.question = request;
  info.requested_by = request.requested_by;
  info.user_agent = request.user_agent;
  info.visible = request.visible;
  info.start_us = clock_.now_us();
  return info;
}

Result<WorkerDone> WorkerEngine::converse(const QueryRequest& request, WorkerQuery query,
                                          QueryRecord& record, TableView& view,
                                          const Conversation::Handlers& handlers) {
  const auto started = Clock::now();
  const auto allowed =
      std::min(request.deadline.value_or(options_.deadline_max), options_.deadline_max);
  query.catalogs = TRY(view.list_catalogs());
  query.connections = TRY(view.list_connections());
  query.remote_catalogs = TRY(view.list_remote_catalogs());
  // A worker may have died while it was idle: then another one takes the query.
  for (int attempt = 0;; ++attempt) {
    auto worker = TRY(
        pool_.acquire(request.organization, started + std::min(allowed, options_.queue_deadline)));
    {
      std::lock_guard lock(record.mutex);
      record.worker = worker;
    }
    Conversation conversation(pool_, *worker, record, view, Clock::now() + allowed, allowed);
    auto outcome = conversation.run(query, handlers);
    {
      std::lock_guard lock(record.mutex);
      record.worker.reset();
    }
    pool_.release(worker, outcome.reusable);
    if (outcome.never_started && attempt < 2) continue;
    return std::move(outcome.result);
  }
}

// DuckDB's binder says which tables the statement reads, and whether the reader may, before another
// engine gets it, which knows nothing of the reader.
Result<WorkerEngine::Choice> WorkerEngine::choose(const QueryRequest& request) {
  RemoteEngine* const remote = options_.remote;
  const bool asked = request.engine == EngineChoice::kTrino;
  if (request.engine == EngineChoice::kDuckDb) return Choice{false, "DuckDB was asked for", {}};
  if (remote == nullptr) {
    if (!asked) return Choice{};
    return Error(ErrorCode::kUnsupported, "there is no Trino here; trino-url names one");
  }
  if (!asked && !remote->is_default() && !remote->rows_from()) return Choice{};
  const auto refuse = [&](const Error& why) -> Result<Choice> {
    if (asked) return why;
    return Choice{false, remote->name() + " cannot: " + why.message(), {}};
  };
  Status fits = remote->accepts(request);
  if (fits.ok() && request.pins) {
    fits = Error(ErrorCode::kUnsupported, "it is asked again of what DuckDB pinned");
  }
  if (!fits.ok()) return refuse(fits.error());
  auto look = open_view(request);
  auto bound = ask(request, QueryMode::kValidate, *look);
  if (!bound.ok()) {
    if (asked && is_admin(request)) {
      return Choice{true, "Trino was asked for, and DuckDB does not know all of it", {}};
    }
    // Otherwise DuckDB's own error is the answer.
    if (asked) return bound.error();
    return Choice{};
  }
  if (!remote->applies_policies()) {
    if (const Status free = look->free_of_policies(); !free.ok()) return refuse(free.error());
  }
  Choice choice{true, {}, {}};
  const int64_t rows = look->rows_estimate();
  const std::string about = "it reads tables of about " + std::to_string(rows) + " rows";
  if (asked) {
    choice.reason = "Trino was asked for";
  } else if (remote->is_default()) {
    choice.reason = "Trino is this server's default";
  } else if (rows >= *remote->rows_from()) {
    choice.reason = about + ", at least the " + std::to_string(*remote->rows_from()) +
                    " from which on Trino is taken";
  } else {
    return Choice{false, about + ", fewer than Trino is taken for", {}};
  }
  // It reads files: what is acknowledged has to be in them.
  const auto committed = look->commit_hot_rows();
  if (!committed.ok()) return refuse(committed.error());
  if (*committed) {
    look = open_view(request);
    TRY(ask(request, QueryMode::kValidate, *look));
  }
  choice.tables = look->evidence();
  return choice;
}

Result<std::unique_ptr<TableView>> WorkerEngine::view_for(const QueryRequest& request,
                                                          const Choice& choice) {
  if (!choice.remote) return open_view(request);
  const auto allowed =
      std::min(request.deadline.value_or(options_.deadline_max), options_.deadline_max);
  auto started = TRY(options_.remote->start(request, allowed));
  return std::unique_ptr<TableView>(std::make_unique<RemoteView>(std::move(started)));
}

Result<QueryInfo> WorkerEngine::run(const QueryRequest& request, ResultSink& sink) {
  TRY(check(request));
  const auto started = Clock::now();
  auto record = TRY(history_.add(new_info(request)));
  Choice choice;
  std::unique_ptr<TableView> view;
  const auto open = [&]() -> Status {
    choice = TRY(choose(request));
    view = TRY(view_for(request, choice));
    return {};
  };
  const Status opened = open();
  Hash hash;
  uint64_t bytes = 0;
  Conversation::Handlers handlers;
  handlers.cancelled = [&] { return sink.cancelled(); };
  handlers.head = [&](std::vector<ResultColumn> columns) -> Status {
    if (request.min_snapshot && !view->saw_snapshot(*request.min_snapshot)) {
      return Error(ErrorCode::kNotFound, "min_snapshot " + std::to_string(*request.min_snapshot) +
                                             " is in the history of no table that the query reads");
    }
    ResultHead head;
    {
      std::lock_guard lock(record->mutex);
      head.query_id = record->info.query_id;
      head.session_id = record->info.session_id;
      head.worker = record->worker ? "worker-" + std::to_string(record->worker->number()) : "";
    }
    head.init_time_ms = std::chrono::duration_cast<milliseconds>(Clock::now() - started).count();
    head.columns = std::move(columns);
    return sink.head(head);
  };
  handlers.rows = [&](std::string_view encoded) -> Status {
    hash.update(encoded);
    bytes += encoded.size();
    return sink.rows(encoded);
  };
  const auto mode = choice.remote ? QueryMode::kRemote : QueryMode::kRun;
  Result<WorkerDone> done =
      opened.ok() ? converse(request, to_worker(request, mode), *record, *view, handlers)
                  : Result<WorkerDone>(opened.error());
  if (view) view->ended(done.ok());

  QueryInfo info;
  {
    std::lock_guard lock(record->mutex);
    auto& shared = record->info;
    shared.end_us = clock_.now_us();
    shared.bytes = bytes;
    if (choice.remote) {
      shared.engine = options_.remote->name();
      shared.tables = choice.tables;
    } else if (view) {
      shared.tables = view->evidence();
    }
    shared.engine_reason = choice.reason;
    if (done.ok()) {
      shared.state = QueryState::kDone;
      shared.rows = done->rows;
      shared.memory_peak_bytes = done->memory_peak_bytes;
      shared.result_hash = hash.hex();
    } else {
      shared.state = QueryState::kFailed;
      shared.error = done.error();
    }
    info = shared;
  }
  if (options_.on_finished) options_.on_finished(info);
  if (done.ok()) return info;
  if (!done.error().detail().empty()) {
    spdlog::warn("query {}: {}", info.query_id, done.error().to_log());
  }
  return std::move(done).error();
}

Result<std::string> WorkerEngine::ask(const QueryRequest& request, WorkerQuery query,
                                      TableView& view) {
  TRY(check(request));
  QueryRecord record;
  record.info = new_info(request);
  std::string text;
  Conversation::Handlers handlers;
  handlers.cancelled = [] { return false; };
  handlers.head = [](std::vector<ResultColumn>) { return Status(); };
  handlers.rows = [&](std::string_view bytes) -> Status {
    if (text.size() + bytes.size() > (16u << 20)) {
      return Error(ErrorCode::kResourceExhausted, "the answer is too large");
    }
    text += bytes;
    return {};
  };
  const auto done = converse(request, std::move(query), record, view, handlers);
  view.ended(done.ok());
  if (!done.ok()) return done.error();
  return text;
}

Result<std::vector<TableEvidence>> WorkerEngine::validate(const QueryRequest& request) {
  const auto view = open_view(request);
  TRY(ask(request, QueryMode::kValidate, *view));
  return view->evidence();
}

Result<Engine::Explanation> WorkerEngine::explain(const QueryRequest& request) {
  const auto view = open_view(request);
  auto plan = TRY(ask(request, QueryMode::kExplain, *view));
  return Explanation{std::move(plan), view->evidence()};
}

Result<std::string> WorkerEngine::autocomplete(const QueryRequest& request, uint32_t max) {
  const auto view = open_view(request);
  auto query = to_worker(request, QueryMode::kAutocomplete);
  query.suggestions_max = max;
  return ask(request, std::move(query), *view);
}

Result<std::string> WorkerEngine::browse(const QueryRequest& request, TableView& view) {
  return ask(request, QueryMode::kBrowse, view);
}

Status WorkerEngine::stop_at_source(const QueryRequest& request, TableView& view,
                                    const std::vector<uint16_t>& ports) {
  auto query = to_worker(request, QueryMode::kStop);
  query.statement.clear();
  for (const uint16_t port : ports) {
    if (!query.statement.empty()) query.statement += ',';
    query.statement += std::to_string(port);
  }
  TRY(ask(request, std::move(query), view));
  return {};
}

Result<bool> WorkerEngine::cancel(const std::string& organization, const std::string& query_id,
                                  const std::string& session_id) {
  const auto record = history_.find(organization, query_id);
  if (record == nullptr) return Error(ErrorCode::kNotFound, "no query has the id " + query_id);
  std::lock_guard lock(record->mutex);
  if (!session_id.empty() && record->info.session_id != session_id) {
    return Error(ErrorCode::kNotFound, "no query of this session has the id " + query_id);
  }
  if (record->info.state != QueryState::kRunning) return false;
  record->cancel_requested = true;
  return true;
}

Result<QueryInfo> WorkerEngine::info(const std::string& organization, const std::string& query_id) {
  const auto record = history_.find(organization, query_id);
  if (record == nullptr) return Error(ErrorCode::kNotFound, "no query has the id " + query_id);
  std::lock_guard lock(record->mutex);
  return record->info;
}

}  // namespace

Status check_statement_bounds(std::string_view statement, const EngineOptions& options) {
  if (statement.size() > options.statement_bytes_max) {
    return Error(ErrorCode::kTooLarge, "the statement is longer than " +
                                           std::to_string(options.statement_bytes_max >> 10) +
                                           " KiB");
  }
  if (statement.find('\0') != std::string_view::npos) {
    return Error(ErrorCode::kInvalidStatement, "the statement has a zero byte");
  }
  int depth = 0;
  for (size_t i = 0; i < statement.size(); ++i) {
    switch (statement[i]) {
      case '\'':
      case '"': {
        // Brackets inside quotes nest nothing. An unfinished quote is for the parser to name.
        const size_t end = statement.find(statement[i], i + 1);
        if (end == std::string_view::npos) return {};
        i = end;
        break;
      }
      case '(':
      case '[':
      case '{':
        if (++depth > options.statement_nesting_max) {
          return Error(ErrorCode::kInvalidStatement,
                       "the statement nests brackets deeper than " +
                           std::to_string(options.statement_nesting_max));
        }
        break;
      case ')':
      case ']':
      case '}': depth = std::max(0, depth - 1); break;
      default: break;
    }
  }
  return {};
}

Result<std::unique_ptr<Engine>> Engine::create(const EngineOptions& options, TableProvider& tables,
                                               platform::ProcessSpawner& spawner,
                                               platform::Clock& clock, platform::Random& random) {
  if (sodium_init() < 0) return Error(ErrorCode::kInternal, "libsodium does not start");
  if (options.pool.command.empty() || options.pool.workers_max < 1) {
    return Error(ErrorCode::kInvalidArgument, "the query engine needs a worker");
  }
  return std::unique_ptr<Engine>(
      std::make_unique<WorkerEngine>(options, tables, spawner, clock, random));
}

}  // namespace firn::query
