#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "ingest/record.h"

namespace firn::store {
class Database;
}
namespace firn::platform {
class Clock;
}

namespace firn::ingest {

// Answers to requests that carried an Idempotency-Key, kept for 24 hours across restarts: first in
// the frame that holds the request's rows, then in memory, and in the database before that frame's
// segment is reused. Thread-safe.
class Answers {
 public:
  static Result<std::unique_ptr<Answers>> create(store::Database& database, platform::Clock& clock);

  using Waiter = std::function<void(Result<RememberedAnswer>)>;
  struct Begin {
    enum class Kind { kFirst, kRepeat, kInFlight } kind = Kind::kFirst;
    std::optional<RememberedAnswer> answer;  // kRepeat
  };
  // kFirst: the caller goes on and calls finish() or abandon(). kInFlight: the same request is
  // under way; `waiter` is called with its outcome. Errors: IdempotencyConflict for another body.
  Result<Begin> begin(const std::string& key, const std::string& body_hash, Waiter waiter);
  void finish(const RememberedAnswer& answer);
  // The request failed and wrote nothing: the key is free again.
  void abandon(const std::string& key, const Error& why);
  // An answer found in the log when it was replayed.
  void restore(RememberedAnswer answer);
  // Moves every finished answer with an LSN up to this one to the database.
  Status persist(uint64_t lsn);

 private:
  Answers(store::Database& database, platform::Clock& clock) : database_(database), clock_(clock) {}
  Result<std::optional<RememberedAnswer>> look_up(const std::string& key);

  struct InFlight {
    std::string body_hash;
    std::vector<Waiter> waiters;
  };
  store::Database& database_;
  platform::Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, InFlight> in_flight_;
  std::unordered_map<std::string, RememberedAnswer> finished_;  // not yet in the database
};

}  // namespace firn::ingest
