#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "jobs/job_source.h"
#include "store/database.h"

namespace firn::jobs {

// Jobs that are pushed in the store transaction of the change that causes them: there when it
// commits, and not when it does not. They lie in a table until the queue has them durably; a crash
// between the two pushes them again, under the same jid. The queue is this process's or a server's
// (FAKTORY_URL). Thread-safe.
class Outbox {
 public:
  static Result<std::unique_ptr<Outbox>> create(store::Database& database,
                                                std::unique_ptr<JobSources> queue);
  // Hands on what it can, then stops.
  ~Outbox();

  // Within `transaction`. Errors: InvalidData where it is no job, and the store's.
  Status push(store::Transaction& transaction, std::string_view job_json, int64_t now_us);
  // After the commit: hands it on now rather than within half a second.
  void committed();
  // Hands on everything that is there. Errors: the store's and the queue's; the rest stays.
  Status relay();

 private:
  Outbox(store::Database& database, std::unique_ptr<JobSources> queue)
      : database_(database), sources_(std::move(queue)) {}
  void run();
  Status hand_on(const std::vector<std::string>& jobs);

  store::Database& database_;
  const std::unique_ptr<JobSources> sources_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool pending_ = true;  // what an earlier run left
  bool stopping_ = false;
  std::mutex relay_mutex_;
  std::unique_ptr<JobSource> queue_;  // under relay_mutex_; null: not connected
  std::thread thread_;
};

}  // namespace firn::jobs
