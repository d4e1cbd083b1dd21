#include "query/runs.h"

#include <algorithm>
#include <atomic>

#include "platform/clock.h"
#include "platform/file.h"
#include "platform/random.h"

namespace firn::query {
namespace {

using std::chrono::milliseconds;

// Into a KeptResult.
class KeepingSink final : public ResultSink {
 public:
  KeepingSink(KeptResult& result, const std::atomic<bool>& cancelled)
      : result_(result), cancelled_(cancelled) {}
  Status head(const ResultHead& head) override {
    result_.set_columns(head.columns);
    return {};
  }
  Status rows(std::string_view encoded) override { return result_.append(encoded); }
  bool cancelled() override { return cancelled_.load(); }

 private:
  KeptResult& result_;
  const std::atomic<bool>& cancelled_;
};

// Rows that one side has more often than the other, as JSON arrays of a few.
std::pair<std::string, std::string> difference(const std::vector<std::string>& before,
                                               const std::vector<std::string>& after) {
  constexpr size_t kRowsMax = 20;
  std::map<std::string_view, int64_t> counts;
  for (const auto& row : before) --counts[row];
  for (const auto& row : after) ++counts[row];
  std::string removed = "[";
  std::string added = "[";
  size_t removed_rows = 0;
  size_t added_rows = 0;
  for (const auto& [line, surplus] : counts) {
    std::string& side = surplus < 0 ? removed : added;
    size_t& rows = surplus < 0 ? removed_rows : added_rows;
    if (surplus == 0 || rows >= kRowsMax) continue;
    if (rows++ > 0) side += ',';
    side += line;
  }
  return {removed + "]", added + "]"};
}

// Why an answer cannot be compared; empty where it can.
std::string why_lost(const QueryInfo& before, bool with_now) {
  if (before.result_hash.empty() && !before.error) {
    return "its answer went past Firn: " + before.engine_reason;
  }
  if (before.error) return "the query failed then: there is no answer to compare";
  if (with_now) return {};
  for (const auto& table : before.tables) {
    if (table.foreign && !table.snapshot_id) {
      return "it read " + table.schema + "." + table.name + " of the connection " + table.catalog +
             ", a database that keeps no snapshots";
    }
    if (table.hot_rows > 0) {
      return "it read " + std::to_string(table.hot_rows) + " rows of " + table.schema + "." +
             table.name + " that were in no snapshot yet";
    }
  }
  return {};
}

std::vector<ReplayedTable> changed_tables(const std::vector<TableEvidence>& before,
                                          const std::vector<TableEvidence>& now) {
  std::vector<ReplayedTable> changed;
  for (const auto& was : before) {
    const auto is = std::find_if(now.begin(), now.end(), [&](const TableEvidence& one) {
      return one.catalog == was.catalog && one.schema == was.schema && one.name == was.name;
    });
    if (is == now.end() || (was.foreign && !was.snapshot_id)) continue;
    const bool same = is->uuid == was.uuid && is->snapshot_id == was.snapshot_id &&
                      is->schema_id == was.schema_id && is->hot_rows == was.hot_rows;
    if (!same) changed.push_back({was, *is});
  }
  return changed;
}

std::string why_changed(const std::vector<ReplayedTable>& tables, bool with_now) {
  if (!with_now) {
    return "other rows from the same snapshots: the statement depends on more than them";
  }
  if (tables.empty()) return "other rows, although the tables are as they were";
  std::string why;
  for (const auto& table : tables) {
    const int64_t rows =
        table.now.rows + table.now.hot_rows - table.before.rows - table.before.hot_rows;
    why += (why.empty() ? "" : "; ") + table.now.schema + "." + table.now.name + ": ";
    if (table.now.uuid != table.before.uuid) {
      why += "another table of that name";
    } else if (table.now.schema_id != table.before.schema_id) {
      why += "its columns changed";
    } else if (rows == 0) {
      why += "other data";
    } else {
      why += std::to_string(std::abs(rows)) + (rows > 0 ? " more" : " fewer") + " rows were read";
    }
  }
  return why;
}

}  // namespace

struct Runs::Run {
  QueryRequest request;
  std::shared_ptr<KeptResult> result;
  std::atomic<bool> cancelled = false;
  // Guarded by Runs::mutex_.
  bool done = false;
  QueryInfo info;
  int64_t ended_us = 0;
  std::vector<std::weak_ptr<std::function<void()>>> listeners;
};

Runs::Runs(const RunsOptions& options, Engine& engine, QueryLog& log, platform::FileSystem& files,
           platform::Clock& clock, platform::Random& random)
    : options_(options), engine_(engine), log_(log), files_(files), clock_(clock), random_(random) {
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(); });
}

Result<std::unique_ptr<Runs>> Runs::create(const RunsOptions& options, Engine& engine,
                                           QueryLog& log, platform::FileSystem& files,
                                           platform::Clock& clock, platform::Random& random) {
  TRY(files.remove_all(options.directory));
  TRY(files.create_directories(options.directory));
  return std::unique_ptr<Runs>(new Runs(options, engine, log, files, clock, random));
}

Runs::~Runs() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
    for (auto& [key, run] : runs_) run->cancelled = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Result<std::string> Runs::start(QueryRequest request) {
  auto run = std::make_shared<Run>();
  if (request.query_id.empty()) request.query_id = random_.uuid().to_string();
  request.format = ResultFormat::kDefault;
  const std::string id = request.query_id;
  run->info.query_id = id;
  run->info.organization = request.organization;
  run->info.account = request.account;
  run->info.statement = request.statement;
  run->info.question = request;
  run->info.requested_by = request.requested_by;
  run->info.user_agent = request.user_agent;
  run->info.start_us = clock_.now_us();
  run->result = TRY(KeptResult::create(
      files_, platform::join_path(options_.directory, random_.uuid().to_string() + ".rows"),
      options_.result));
  run->request = std::move(request);
  std::lock_guard lock(mutex_);
  if (stopping_ || waiting_.size() >= options_.waiting_max) {
    return Error(ErrorCode::kOverloaded, "too many queries wait; try again soon");
  }
  auto& slot = runs_[{run->request.organization, id}];
  if (slot != nullptr) {
    return Error(ErrorCode::kAlreadyExists, "there is a query with this id already");
  }
  slot = run;
  waiting_.push_back(std::move(run));
  changed_.notify_all();
  return id;
}

void Runs::work() {
  while (true) {
    std::shared_ptr<Run> run;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      run = std::move(waiting_.front());
      waiting_.pop_front();
    }
    execute(*run);
    std::vector<std::shared_ptr<std::function<void()>>> listeners;
    {
      std::lock_guard lock(mutex_);
      run->done = true;
      run->ended_us = clock_.now_us();
      for (auto& weak : run->listeners) {
        if (auto listener = weak.lock()) listeners.push_back(std::move(listener));
      }
      run->listeners.clear();
      ended_.push_back(run);
      forget_old();
    }
    changed_.notify_all();
    for (const auto& listener : listeners) (*listener)();
  }
}

void Runs::execute(Run& run) {
  KeepingSink sink(*run.result, run.cancelled);
  auto outcome = run.cancelled
                     ? Result<QueryInfo>(Error(ErrorCode::kCancelled, "the query was cancelled"))
                     : engine_.run(run.request, sink);
  auto finished = engine_.info(run.request.organization, run.request.query_id);
  std::lock_guard lock(mutex_);
  if (outcome.ok()) {
    run.info = *std::move(outcome);
    return;
  }
  // Refused before it began, or failed: then the engine knows more than the error.
  if (finished.ok() && finished->error) {
    run.info = *std::move(finished);
  } else {
    run.info.state = QueryState::kFailed;
    run.info.error = outcome.error();
    run.info.end_us = clock_.now_us();
  }
  run.result.reset();
}

void Runs::forget_old() {
  uint64_t bytes = 0;
  for (const auto& run : ended_) bytes += run->result ? run->result->bytes() : 0;
  const int64_t oldest_us = clock_.now_us() - std::chrono::microseconds(options_.kept_for).count();
  while (!ended_.empty() &&
         (ended_.size() > options_.kept_results_max || bytes > options_.kept_bytes_max ||
          ended_.front()->ended_us < oldest_us)) {
    const auto& run = ended_.front();
    bytes -= run->result ? run->result->bytes() : 0;
    runs_.erase({run->request.organization, run->request.query_id});
    ended_.pop_front();
  }
}

std::shared_ptr<Runs::Run> Runs::known(const std::string& organization, const std::string& id) {
  const auto found = runs_.find({organization, id});
  return found == runs_.end() ? nullptr : found->second;
}

Result<RunState> Runs::find(const std::string& organization, const std::string& id) {
  return wait(organization, id, milliseconds(0));
}

Result<RunState> Runs::wait(const std::string& organization, const std::string& id,
                            milliseconds at_most) {
  {
    std::unique_lock lock(mutex_);
    if (const auto run = known(organization, id)) {
      changed_.wait_for(lock, at_most, [&] { return run->done || stopping_; });
      if (!run->done) return RunState{run->info, nullptr, false};
      RunState state{run->info, run->result, false};
      lock.unlock();
      const auto logged = log_.find(organization, id);
      state.pinned = logged.ok() && logged->pinned;
      return state;
    }
  }
  // Not ours: it came by /query, or long ago.
  if (auto running = engine_.info(organization, id);
      running.ok() && running->state == QueryState::kRunning) {
    return RunState{*std::move(running), nullptr, false};
  }
  auto logged = TRY(log_.find(organization, id));
  return RunState{std::move(logged.info), nullptr, logged.pinned};
}

Result<bool> Runs::cancel(const std::string& organization, const std::string& id) {
  std::shared_ptr<Run> run;
  {
    std::lock_guard lock(mutex_);
    run = known(organization, id);
    if (run && run->done) return false;
  }
  if (!run) {
    const auto told = engine_.cancel(organization, id, {});
    if (told.ok()) return told;
    TRY(log_.find(organization, id));
    return false;
  }
  run->cancelled = true;
  const auto told = engine_.cancel(organization, id, {});
  return !told.ok() || *told;  // one that still waits is not known to the engine
}

Runs::Subscription Runs::on_end(const std::string& organization, const std::string& id,
                                std::function<void()> ended) {
  auto listener = std::make_shared<std::function<void()>>(std::move(ended));
  {
    std::lock_guard lock(mutex_);
    const auto run = known(organization, id);
    if (run && !run->done) {
      run->listeners.push_back(listener);
      return listener;
    }
  }
  (*listener)();
  return listener;
}

struct Runs::Asked {
  QueryInfo info;
  std::unique_ptr<KeptResult> rows;
};

Result<Runs::Asked> Runs::ask_again(const LoggedQuery& before, const QueryRequest& request,
                                    bool pinned) {
  QueryRequest again = request;
  static_cast<Question&>(again) = before.info.question;
  // Only DuckDB reads pinned snapshots.
  again.engine = EngineChoice::kDuckDb;
  if (pinned) {
    again.pins = std::make_shared<const std::vector<TableEvidence>>(before.info.tables);
  }
  again.visible = false;
  again.query_id = random_.uuid().to_string();
  const std::string path =
      platform::join_path(options_.directory, random_.uuid().to_string() + ".rows");
  Asked asked;
  asked.rows = TRY(KeptResult::create(files_, path, options_.result));
  const std::atomic<bool> cancelled = false;
  KeepingSink sink(*asked.rows, cancelled);
  asked.info = TRY(engine_.run(again, sink));
  return asked;
}

// The rows of the run itself, where it was the same account's and is kept still.
std::shared_ptr<KeptResult> Runs::kept_rows(const LoggedQuery& before,
                                            const QueryRequest& request) {
  if (before.info.account != request.account) return nullptr;
  std::lock_guard lock(mutex_);
  const auto run = known(request.organization, before.info.query_id);
  return run && run->request.account == request.account ? run->result : nullptr;
}

Result<ReplayOutcome> Runs::replay(const LoggedQuery& before, QueryRequest request,
                                   ReplayAgainst against) {
  ReplayOutcome outcome;
  outcome.before = before.info.result_hash;
  const auto expired = [&](std::string reason) {
    outcome.verdict = ReplayVerdict::kExpired;
    outcome.reason = std::move(reason);
    return outcome;
  };
  const bool is_now = against == ReplayAgainst::kNow;
  const auto lost = why_lost(before.info, is_now);
  if (!lost.empty()) return expired(lost);
  auto asked = ask_again(before, request, !is_now);
  if (!asked.ok() && asked.error().code() == ErrorCode::kNotFound) {
    return expired(asked.error().message());
  }
  const Asked now = TRY(std::move(asked));
  outcome.after = now.info.result_hash;
  if (is_now) outcome.tables = changed_tables(before.info.tables, now.info.tables);
  if (outcome.after == outcome.before) {
    outcome.reason = "the same rows in the same order";
    return outcome;
  }
  std::shared_ptr<KeptResult> kept = kept_rows(before, request);
  if (!kept && is_now) {
    // Of the snapshots of then, where they are there still.
    auto then = ask_again(before, request, true);
    if (then.ok() && then->info.result_hash == outcome.before) kept = std::move(then->rows);
  }
  if (kept && kept->rows_hash() == now.rows->rows_hash()) {
    outcome.reason = "the same rows in another order";
    return outcome;
  }
  outcome.verdict = ReplayVerdict::kChanged;
  outcome.reason = why_changed(outcome.tables, is_now);
  if (kept) {
    constexpr uint64_t kRowsCompared = 100'000;
    std::tie(outcome.removed, outcome.added) =
        difference(TRY(kept->rows(0, kRowsCompared)), TRY(now.rows->rows(0, kRowsCompared)));
  }
  return outcome;
}

}  // namespace firn::query
