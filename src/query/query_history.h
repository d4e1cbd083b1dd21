#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "query/engine.h"

namespace firn::query {

// A query that is running, or was lately. Members are guarded by `mutex`.
struct QueryRecord {
  std::mutex mutex;
  QueryInfo info;
  std::shared_ptr<Worker> worker;  // while one works on it
  bool cancel_requested = false;
};

// The last queries, by organization and id. Thread-safe.
class QueryHistory {
 public:
  explicit QueryHistory(size_t max) : max_(max) {}
  // AlreadyExists while a query with this id runs; a finished one is forgotten.
  Result<std::shared_ptr<QueryRecord>> add(QueryInfo info);
  std::shared_ptr<QueryRecord> find(const std::string& organization, const std::string& query_id);

 private:
  using Key = std::pair<std::string, std::string>;
  const size_t max_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<QueryRecord>> records_;
  std::deque<std::pair<Key, std::weak_ptr<QueryRecord>>> order_;
};

}  // namespace firn::query
