#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/tables.h"
#include "query/wire.h"

namespace firn::query {

struct DatabaseOptions {
  std::string spill_directory;      // absolute; exists
  std::string extension_directory;  // of the installed DuckDB extensions; empty: none are loaded
  uint64_t memory_bytes_max = 1ULL << 30;
  uint64_t spill_bytes_max = 8ULL << 30;
  int threads = 2;
};

// Takes an answer, piece by piece, on the thread that runs the query.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual Status head(const std::vector<ResultColumn>& columns) = 0;
  // Encoded bytes of the answer. May block.
  virtual Status rows(std::string_view bytes) = 0;
};

// The DuckDB of a worker, and the only way in. DuckDB's exceptions end here. One query at a time;
// interrupt() from any thread.
class Database {
 public:
  virtual ~Database() = default;
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  // Errors: InvalidStatement, NotFound, PermissionDenied for what the statement gate refuses,
  // ResourceExhausted, Cancelled after interrupt(), Unsupported, and those of `tables` and `sink`.
  virtual Result<WorkerDone> run(const WorkerQuery& query, TableSource& tables,
                                 AnswerSink& sink) = 0;
  // Ends the running query soon, if there is one.
  virtual void interrupt() = 0;
};

}  // namespace firn::query
