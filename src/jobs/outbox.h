#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "store/database.h"

namespace firn::jobs {

class Queue;

// Jobs that are pushed in the store transaction of the change that causes them: there when it
// commits, and not when it does not. They lie in a table until the queue has them durably; a crash
// between the two pushes them again, under the same jid. Thread-safe.
class Outbox {
 public:
  static Result<std::unique_ptr<Outbox>> create(store::Database& database, Queue& queue);
  // Hands on what it can, then stops.
  ~Outbox();

  // Within `transaction`. Errors: InvalidData where it is no job, and the store's.
  Status push(store::Transaction& transaction, std::string_view job_json, int64_t now_us);
  // After the commit: hands it on now rather than within half a second.
  void committed();
  // Hands on everything that is there. Errors: the store's and the queue's; the rest stays.
  Status relay();

 private:
  Outbox(store::Database& database, Queue& queue) : database_(database), queue_(queue) {}
  void run();

  store::Database& database_;
  Queue& queue_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool pending_ = true;  // what an earlier run left
  bool stopping_ = false;
  std::mutex relay_mutex_;
  std::thread thread_;
};

}  // namespace firn::jobs
