#pragma once

#include <functional>

#include "query/query_history.h"
#include "query/worker_pool.h"

namespace firn::query {

// One query's talk with its worker, from the statement to the last row. On the caller's thread.
class Conversation {
 public:
  struct Handlers {
    std::function<Status(std::vector<ResultColumn>)> head;
    std::function<Status(std::string_view)> rows;
    std::function<bool()> cancelled;
  };
  struct Outcome {
    Result<WorkerDone> result;
    bool reusable = false;       // the worker
    bool never_started = false;  // the worker was dead before it could take the query
  };

  Conversation(WorkerPool& pool, Worker& worker, QueryRecord& record, TableView& view,
               std::chrono::steady_clock::time_point deadline, std::chrono::milliseconds allowed)
      : pool_(pool),
        worker_(worker),
        record_(record),
        view_(view),
        deadline_(deadline),
        allowed_(allowed) {}

  Outcome run(const WorkerQuery& query, const Handlers& handlers);

 private:
  Status handle(const Frame& frame, const Handlers& handlers);
  Result<std::string> reply_to(const Frame& frame, std::vector<int>& descriptors);
  Result<std::string> foreign_reply_to(FrameType type, const std::string& connection,
                                       WireReader& in, std::vector<int>& descriptors);
  void look_around(const Handlers& handlers);
  void stop(Error reason);
  Error death();

  WorkerPool& pool_;
  Worker& worker_;
  QueryRecord& record_;
  TableView& view_;
  const std::chrono::steady_clock::time_point deadline_;
  const std::chrono::milliseconds allowed_;
  std::optional<Error> stop_reason_;                    // once the worker was told to stop
  std::vector<std::shared_ptr<const HotFile>> hot_;     // in flight to the worker
  std::vector<std::shared_ptr<OwnedDescriptor>> lent_;  // the same, until they are sent
};

}  // namespace firn::query
