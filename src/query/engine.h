#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/clock.h"
#include "platform/process.h"
#include "platform/random.h"
#include "query/tables.h"
#include "query/wire.h"
#include "query/worker_pool.h"

namespace firn::query {

// Which engine answers: the fitting one, or that one.
enum class EngineChoice : uint8_t { kAuto, kDuckDb, kTrino };

// All that decides what a statement answers, given the data.
struct Question {
  std::string statement;
  // Values of the statement's $name parameters: a JSON object of strings, numbers, booleans, nulls.
  std::string parameters;
  std::string catalog;  // default for names without one; empty: the first there is
  std::string schema;   // empty: "main"
  std::optional<uint64_t> limit;
  uint64_t offset = 0;
  std::string timezone;  // IANA name; empty: UTC
  ResultFormat format = ResultFormat::kDefault;
  // Snapshot id, timestamp, tag or branch for every table; empty: now. Of a staged change's branch
  // (catalog::kStagedPrefix), tables without it are read as they are now.
  std::string as_of;
  EngineChoice engine = EngineChoice::kAuto;
};

struct QueryRequest : Question {
  std::string session_id;
  std::string query_id;  // empty: one is made
  // Where given: the snapshots to read, as an earlier query did; see TableProvider::open_view.
  std::shared_ptr<const std::vector<TableEvidence>> pins;
  std::optional<int64_t> min_snapshot;
  std::optional<std::chrono::milliseconds> deadline;  // at most the engine's own
  std::string organization;
  std::string account;
  std::shared_ptr<const Access> access;  // of whoever asks; not null
  std::string requested_by;
  std::string user_agent;
  bool visible = true;
};

struct ResultHead {
  std::string query_id;
  std::string session_id;
  std::string worker;
  int64_t init_time_ms = 0;  // until the first row could be read
  std::vector<ResultColumn> columns;
};

// Takes the answer of a query, on the thread that called run(). After an error of head() or rows()
// nothing more comes, and the query ends.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual Status head(const ResultHead& head) = 0;
  virtual Status rows(std::string_view encoded) = 0;
  // Looked at while the query computes: true once nobody wants the answer.
  virtual bool cancelled() = 0;
};

enum class QueryState : uint8_t { kRunning, kDone, kFailed };

// What is known of a query; kept for the last EngineOptions::history_max ones.
struct QueryInfo {
  std::string query_id;
  std::string session_id;
  std::string organization;
  std::string account;
  std::string statement;
  Question question;
  std::string requested_by;
  std::string user_agent;
  bool visible = true;
  QueryState state = QueryState::kRunning;
  int64_t start_us = 0;
  int64_t end_us = 0;
  std::optional<Error> error;
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t memory_peak_bytes = 0;
  // Evidence: what the answer was made from, and BLAKE2b-256 of its encoded rows, in hex.
  std::string engine = "duckdb";
  std::string engine_reason;
  std::vector<TableEvidence> tables;
  std::string result_hash;
};

// A statement that another engine runs. Used by one thread; destroying it ends the statement.
class RemoteQuery {
 public:
  virtual ~RemoteQuery() = default;
  // Waits for the next part; the last one says so. Errors: those of a statement, with the place in
  // it, and Unavailable.
  virtual Result<RemotePage> next() = 0;
};

// An engine beside DuckDB, over the same tables. Thread-safe.
class RemoteEngine {
 public:
  virtual ~RemoteEngine() = default;
  virtual std::string name() const = 0;
  // Rows from which on it is better at a statement than DuckDB is; none: never.
  virtual std::optional<int64_t> rows_from() const = 0;
  // Whether questions that leave the choice are its own where it can answer them.
  virtual bool is_default() const = 0;
  // Whether it knows the reader, and hides from them what policies hide.
  virtual bool applies_policies() const = 0;
  // Unsupported where the request has something that it cannot do as DuckDB does.
  virtual Status accepts(const QueryRequest& request) const = 0;
  virtual Result<std::unique_ptr<RemoteQuery>> start(const QueryRequest& request,
                                                     std::chrono::milliseconds deadline) = 0;
};

struct EngineOptions {
  WorkerPoolOptions pool;
  std::chrono::milliseconds deadline_max{300'000};
  std::chrono::milliseconds queue_deadline{30'000};  // for a worker to become free
  uint64_t statement_bytes_max = 1 << 20;
  int statement_nesting_max = 400;
  uint64_t result_bytes_max = 4ULL << 30;
  size_t history_max = 1000;
  RemoteEngine* remote = nullptr;  // none
  // Told of every run that ended, on its own thread; may be empty.
  std::function<void(const QueryInfo&)> on_finished;
};

// Runs statements in worker processes. Thread-safe; every call blocks its own thread.
//
// Errors: InvalidStatement, NotFound, PermissionDenied, ResourceExhausted, DeadlineExceeded,
// Cancelled, Unsupported, Overloaded when too many queries wait, Unavailable, and Internal when the
// engine crashed on the query.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> create(const EngineOptions& options, TableProvider& tables,
                                                platform::ProcessSpawner& spawner,
                                                platform::Clock& clock, platform::Random& random);
  virtual ~Engine() = default;

  // The answer goes to `sink`; returns what info() would say then. After head() was called, an
  // error means that the answer is not complete. AlreadyExists when a query with this id runs.
  virtual Result<QueryInfo> run(const QueryRequest& request, ResultSink& sink) = 0;
  // Whether the statement could run now: parsed, admitted, bound to tables; gives those that it
  // names.
  virtual Result<std::vector<TableEvidence>> validate(const QueryRequest& request) = 0;
  struct Explanation {
    std::string plan;
    std::vector<TableEvidence> tables;
  };
  virtual Result<Explanation> explain(const QueryRequest& request) = 0;
  // One JSON object a line: suggestion, suggestion_start, suggestion_type, suggestion_score,
  // extra_char.
  virtual Result<std::string> autocomplete(const QueryRequest& request, uint32_t max) = 0;
  // What the one connection of `view` holds, looked at in a worker: JSON, as
  // worker/foreign_browse.h says.
  virtual Result<std::string> browse(const QueryRequest& request, TableView& view) = 0;
  // Ends, at the source of the one connection of `view`, what sockets from these local ports run.
  virtual Status stop_at_source(const QueryRequest& request, TableView& view,
                                const std::vector<uint16_t>& ports) = 0;

  // True when a running query was told to stop. NotFound where the organization has no such query
  // (of that session, unless `session_id` is empty).
  virtual Result<bool> cancel(const std::string& organization, const std::string& query_id,
                              const std::string& session_id) = 0;
  virtual Result<QueryInfo> info(const std::string& organization, const std::string& query_id) = 0;
  virtual WorkerPool::Stats worker_stats() = 0;
};

// What can be refused without parsing: too long, nested too deeply, not text.
Status check_statement_bounds(std::string_view statement, const EngineOptions& options);

}  // namespace firn::query
