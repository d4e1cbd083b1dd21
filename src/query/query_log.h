#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "query/engine.h"

namespace firn::store {
class Database;
class Transaction;
}  // namespace firn::store

namespace firn::query {

// A query that ended, as it is kept: history, and the evidence of its answer.
struct LoggedQuery {
  QueryInfo info;
  bool pinned = false;
};

// Queries that ended, in SQLite. Writes are gathered by a thread of its own; reads wait for what
// was recorded before them. The last kKept ones are kept, and every pinned one. Thread-safe.
class QueryLog {
 public:
  static constexpr int64_t kKept = 100'000;

  static Result<std::unique_ptr<QueryLog>> create(store::Database& database);
  // Writes what was recorded.
  ~QueryLog();

  // Waits only while thousands are not written yet.
  void record(QueryInfo info);

  // NotFound where the organization has no such query.
  Result<LoggedQuery> find(const std::string& organization, const std::string& id);
  struct Filter {
    std::string account;  // empty: anybody's
    std::string search;   // in the statement
    // Those older than this one.
    std::optional<int64_t> before_us;
    std::string before_id;
  };
  // Newest first.
  Result<std::vector<LoggedQuery>> list(const std::string& organization, const Filter& filter,
                                        int64_t max);
  Status set_pinned(const std::string& organization, const std::string& id, bool pinned);

 private:
  explicit QueryLog(store::Database& database);
  void run();
  void flush();
  Status write(const std::deque<QueryInfo>& infos);

  store::Database& database_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<QueryInfo> waiting_;
  uint64_t recorded_ = 0;
  uint64_t written_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firn::query
