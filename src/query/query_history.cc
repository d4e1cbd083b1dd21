#include "query/query_history.h"

namespace firn::query {
namespace {

bool is_running(QueryRecord& record) {
  std::lock_guard lock(record.mutex);
  return record.info.state == QueryState::kRunning;
}

}  // namespace

Result<std::shared_ptr<QueryRecord>> QueryHistory::add(QueryInfo info) {
  Key key{info.organization, info.query_id};
  auto record = std::make_shared<QueryRecord>();
  record->info = std::move(info);
  std::lock_guard lock(mutex_);
  auto& slot = records_[key];
  if (slot && is_running(*slot)) {
    return Error(ErrorCode::kAlreadyExists,
                 "a query with the id \"" + key.second + "\" is running");
  }
  slot = record;
  order_.emplace_back(std::move(key), record);
  // Running ones are passed over: they are bounded by the workers and their queue.
  for (size_t looked = 0; records_.size() > max_ && looked < order_.size(); ++looked) {
    auto oldest = std::move(order_.front());
    order_.pop_front();
    const auto known = oldest.second.lock();
    const auto found = records_.find(oldest.first);
    if (!known || found == records_.end() || found->second != known) continue;
    if (is_running(*known)) {
      order_.push_back(std::move(oldest));
    } else {
      records_.erase(found);
    }
  }
  return record;
}

std::shared_ptr<QueryRecord> QueryHistory::find(const std::string& organization,
                                                const std::string& query_id) {
  std::lock_guard lock(mutex_);
  const auto found = records_.find({organization, query_id});
  return found == records_.end() ? nullptr : found->second;
}

}  // namespace firn::query
