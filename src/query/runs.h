#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "query/engine.h"
#include "query/kept_result.h"
#include "query/query_log.h"

namespace firn::query {

struct RunsOptions {
  std::string directory;  // for kept results; what is in it at the start is removed
  KeptResult::Limits result;
  uint64_t kept_bytes_max = 2ULL << 30;  // of all results
  size_t kept_results_max = 500;
  std::chrono::minutes kept_for{60};
  int threads = 8;           // queries at a time
  size_t waiting_max = 200;  // beyond: Overloaded
};

// A run as it is now.
struct RunState {
  QueryInfo info;
  std::shared_ptr<KeptResult> result;  // null: there is none, or it is kept no longer
  bool pinned = false;                 // its evidence
};

enum class ReplayVerdict : uint8_t { kSame, kChanged, kExpired };

enum class ReplayAgainst : uint8_t { kSnapshot, kNow };

// A table that an answer was made from, whose data is another now.
struct ReplayedTable {
  TableEvidence before;
  TableEvidence now;
};

struct ReplayOutcome {
  ReplayVerdict verdict = ReplayVerdict::kSame;
  std::string reason;
  std::string before;                // hash
  std::string after;                 // empty where expired
  std::optional<std::string> added;  // JSON arrays of up to 20 rows
  std::optional<std::string> removed;
  std::vector<ReplayedTable> tables;  // against now
};

// Queries that go on while nobody waits, and their results, page by page. What ended long ago, or
// came another way, is in the log. Thread-safe.
class Runs {
 public:
  static Result<std::unique_ptr<Runs>> create(const RunsOptions& options, Engine& engine,
                                              QueryLog& log, platform::FileSystem& files,
                                              platform::Clock& clock, platform::Random& random);
  // Cancels what runs, and waits for it.
  ~Runs();

  // Begins a run, and returns its id. Overloaded where too many wait.
  Result<std::string> start(QueryRequest request);
  // NotFound where the organization has no such run.
  Result<RunState> find(const std::string& organization, const std::string& id);
  // The same, once the run has ended, or after this long.
  Result<RunState> wait(const std::string& organization, const std::string& id,
                        std::chrono::milliseconds at_most);
  // Whether it was told to stop.
  Result<bool> cancel(const std::string& organization, const std::string& id);

  // Calls back at the end of the run, or at once where it has ended; from any thread. Dropped with
  // the subscription.
  using Subscription = std::shared_ptr<void>;
  Subscription on_end(const std::string& organization, const std::string& id,
                      std::function<void()> ended);

  // Asks the question of a logged query again, of the same snapshots or of the data of now, as
  // `request` says who.
  Result<ReplayOutcome> replay(const LoggedQuery& before, QueryRequest request,
                               ReplayAgainst against = ReplayAgainst::kSnapshot);

 private:
  struct Run;
  using Key = std::pair<std::string, std::string>;  // organization, id
  Runs(const RunsOptions& options, Engine& engine, QueryLog& log, platform::FileSystem& files,
       platform::Clock& clock, platform::Random& random);
  void work();
  void execute(Run& run);
  void forget_old();
  struct Asked;
  Result<Asked> ask_again(const LoggedQuery& before, const QueryRequest& request, bool pinned);
  std::shared_ptr<KeptResult> kept_rows(const LoggedQuery& before, const QueryRequest& request);
  std::shared_ptr<Run> known(const std::string& organization, const std::string& id);

  const RunsOptions options_;
  Engine& engine_;
  QueryLog& log_;
  platform::FileSystem& files_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::deque<std::shared_ptr<Run>> waiting_;
  std::map<Key, std::shared_ptr<Run>> runs_;
  std::deque<std::shared_ptr<Run>> ended_;  // oldest first
  std::vector<std::thread> threads_;
};

}  // namespace firn::query
