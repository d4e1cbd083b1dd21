#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "jobs/cron.h"
#include "jobs/journal.h"
#include "jobs/limits.h"
#include "jobs/state.h"
#include "jobs/tracking.h"
#include "jobs/worker_registry.h"

namespace firn::platform {
class Clock;
class FileSystem;
class Random;
}  // namespace firn::platform

namespace firn::jobs {

struct QueueOptions {
  // Beyond live_bytes_max, less two segments for freeing it, changes are refused; where what is
  // alive alone takes more, once the log is half as large again. No change fails by it later.
  wal::WalOptions wal;
  int64_t reserve_seconds_max = kReserveSecondsMax;  // whatever a job asks for
  // Of jobs, batches and settings in memory; beyond, or beyond half of what the log may hold:
  // Overloaded.
  int64_t bytes_max = 4LL << 30;
  size_t queues_max = 10'000;
  size_t batches_max = 100'000;
  // Between two looks at what is due; 0: only tick() looks.
  std::chrono::milliseconds tick_every{200};
};

// A change that has happened in memory. It is durable once settle() says so.
struct Ticket {
  uint64_t lsn = 0;  // 0: there was nothing to change
};

// A job that was given to a worker.
struct Fetched {
  std::string json;
  std::string jid;
  // The job's push may still be on its way to the disk: hand it on only after settle().
  Ticket ticket;
};

// Waits for a job from any of `queues`. Used once; see Queue::fetch.
class JobWaiter {
 public:
  JobWaiter(std::vector<std::string> queues, std::string wid)
      : queues(std::move(queues)), wid(std::move(wid)) {}
  virtual ~JobWaiter() = default;
  // Once, on any thread, under the queue's lock: must be quick, and must not call the queue.
  virtual void deliver(Fetched fetched) = 0;

  const std::vector<std::string> queues;
  const std::string wid;

 private:
  friend class Queue;
  bool delivered_ = false;  // under the queue's lock
};

// What went wrong with a job; longer texts are cut to the protocol's lengths.
struct FailReport {
  std::string type;
  std::string message;
  std::vector<std::string> backtrace;
  // False: it is dead at once, however many tries it had left.
  bool retry = true;
};

enum class MutateCommand : uint8_t { kClear, kKill, kDiscard, kRequeue };

// Which jobs of a set; all of what is given has to hold.
struct JobFilter {
  std::vector<std::string> jids;
  std::string type;
  std::string pattern;  // glob over the job's JSON, as Redis' MATCH
  bool empty() const { return jids.empty() && type.empty() && pattern.empty(); }
};

// Callbacks and description of a new batch; jobs as JSON, empty where there is none.
struct BatchSpec {
  std::string parent_bid;
  std::string description;
  std::string success;
  std::string complete;
};

// A job that is pushed again and again. What was missed while the server was down is made up for
// once.
struct Schedule {
  std::string name;  // as a queue's name
  std::string cron;
  std::string zone;  // IANA; empty: UTC
  std::string job;   // JSON of the job, without a jid
  bool paused = false;
  int64_t next_us = 0;  // 0: not while it is paused
  int64_t last_us = 0;  // when it was pushed the last time; 0: never
};

// A job as others see it.
struct JobInfo {
  std::string jid;
  std::string queue;
  std::string type;
  JobState state = JobState::kWaiting;
  int64_t enqueued_us = 0;  // 0: it never waited yet
  int64_t when_us = 0;      // see Job
  std::string wid;
  int32_t failures = 0;
  std::string json;  // as FETCH would answer it
};

struct JobQuery {
  std::optional<JobState> state;
  std::string queue;    // empty: any
  std::string type;     // empty: any
  std::string pattern;  // glob over the job's JSON; empty: any
  size_t offset = 0;
  size_t count = 50;
};

struct QueueInfo {
  std::string name;
  size_t waiting = 0;
  size_t working = 0;
  bool paused = false;
  int64_t latency_us = 0;  // age of the oldest job that waits
};

struct QueueStats {
  Counters counters;
  size_t waiting = 0;
  size_t scheduled = 0;
  size_t retries = 0;
  size_t working = 0;
  size_t dead = 0;
  size_t bytes = 0;
  uint64_t log_bytes = 0;
};

// A durable job queue with the semantics of the Faktory Work Protocol. Every change is in memory
// at once and returns a Ticket; settle() makes it durable, together with whatever else is staged.
// Thread-safe.
//
// Jobs are done at least once. A pushed jid that is already waiting, scheduled, retrying or being
// worked on is not pushed again: a client may repeat a push that got no answer.
class Queue {
 public:
  static Result<std::unique_ptr<Queue>> open(const QueueOptions& options,
                                             platform::FileSystem& files, platform::Clock& clock,
                                             platform::Random& random);
  ~Queue();

  // Errors: InvalidData, AlreadyExists ("Job not unique"), NotFound (its batch), Conflict (its
  // batch is committed), Overloaded, StorageUnavailable.
  Result<Ticket> push(Job job);
  // A job for the worker from the first of the queues that has one; none: `waiter`, where given,
  // gets the next. Its queues and worker count.
  Result<std::optional<Fetched>> fetch(const std::shared_ptr<JobWaiter>& waiter, bool wait);
  // No delivery after this returned; true where there was none before it.
  bool stop_waiting(const std::shared_ptr<JobWaiter>& waiter);
  // Gives a job back to the place in its queue that it had.
  void give_back(std::string_view jid);
  // Unknown jobs are fine: settle() makes durable whatever ended them.
  Result<Ticket> ack(std::string_view jid);
  // Errors: NotFound "Job not found JID".
  Result<Ticket> fail(std::string_view jid, const FailReport& report);

  Result<Ticket> set_paused(const std::vector<std::string>& queues, bool paused);  // "*": all
  Result<Ticket> remove_queues(const std::vector<std::string>& queues);
  Result<Ticket> flush();
  Result<Ticket> mutate(MutateCommand command, JobSet set, const JobFilter& filter);

  // Limits hold from now on; what runs already goes on. Errors: InvalidData, Overloaded.
  Result<Ticket> set_limit(const Limit& limit);
  Result<Ticket> remove_limit(LimitKind kind, std::string_view name);  // NotFound
  std::vector<Limit> limits() const;

  // Makes or replaces the schedule of that name. Errors: InvalidArgument, InvalidData (its job).
  Result<Ticket> set_schedule(Schedule schedule);
  Result<Ticket> remove_schedule(std::string_view name);  // NotFound
  std::vector<Schedule> schedules() const;

  // Errors: NotFound "No such batch BID" (the parent), Conflict (it is committed), InvalidArgument
  // (nested beyond 32), Overloaded.
  //
  // A batch ends when nothing of it can be done any more: with success, or without, where a job or
  // a callback failed and was not kept. One without jobs that is not committed ends after 30 days.
  // It is forgotten a day later, not before the batch that it is within has ended.
  Result<std::pair<std::string, Ticket>> new_batch(BatchSpec spec);
  Result<Ticket> open_batch(std::string_view bid);
  Result<Ticket> commit_batch(std::string_view bid);
  Result<Batch> batch(std::string_view bid) const;

  // Errors: InvalidArgument.
  Result<Ticket> set_progress(const ProgressUpdate& update);
  Progress progress(std::string_view jid) const;
  // Called whenever the job's progress or state changes, under the queue's lock: must be quick, and
  // must not call the queue. Dropped with the subscription.
  using Subscription = std::shared_ptr<void>;
  Subscription on_progress(const std::string& jid, std::function<void(const Progress&)> changed);

  // Makes the change durable. Errors: StorageUnavailable; it may still become durable later.
  Status settle(Ticket ticket);
  // Whether it is, without waiting.
  bool settled(Ticket ticket) const { return ticket.lsn <= journal_->durable_lsn(); }
  // Settles everything that any thread has staged so far.
  Status settle_all() { return journal_->commit(); }

  // Errors: NotFound "Job not found JID".
  Result<JobInfo> job(std::string_view jid) const;
  // In the order in which they are due. Looks at no more than 100,000 jobs.
  std::vector<JobInfo> find(const JobQuery& query) const;
  // Ends a job wherever it is, puts it back into its queue, or lets it die. Errors: NotFound,
  // Conflict where somebody works on it and it cannot be.
  Result<Ticket> discard(std::string_view jid);
  Result<Ticket> requeue(std::string_view jid);
  Result<Ticket> kill(std::string_view jid);
  std::vector<Batch> batches() const;  // newest first

  WorkerRegistry& workers() { return workers_; }
  std::vector<QueueInfo> queues() const;
  // Jobs done or failed, a number a second, oldest first, for the last two minutes.
  std::vector<int64_t> recent_processed() const;
  QueueStats stats() const;

  // Moves what is due, ends reservations, forgets what is old, frees the log.
  void tick();

 private:
  Queue(const QueueOptions& options, platform::Clock& clock, platform::Random& random);
  // Whether the log can be written, and has room for a change.
  Status writable() const;
  Status log_works() const;
  uint64_t log_room() const;
  bool log_wants_freeing() const;
  // Whether more may be kept.
  Status roomy() const;
  // The records of the change under way; the frame is told to the state.
  std::string& stage();
  // The same, of what nobody is told: reservations, and what is written again.
  std::string& stage_unpromised();
  // Of all that was staged so far.
  Ticket staged_ticket() const;

  void put(Job job, Cause cause);
  void remove(JobNode& node, Cause cause);
  // Into its queue, at the end; whoever waits gets it.
  void enqueue(Job job, Cause cause);
  Status admit(Job& job, int64_t now_us);
  void fail_node(JobNode& node, const FailReport& report);
  std::optional<Fetched> take_for(const JobWaiter& waiter);
  Fetched reserve(JobNode& node, const std::string& wid);
  void serve_waiters(std::string_view queue);
  void forget_waiter(const std::shared_ptr<JobWaiter>& waiter);
  JobNode* first_allowed(QueueNode& queue, int64_t now_us, int& removals);
  void serve_all_waiters();
  void count_second(int64_t now_us);
  bool run_due_schedules(int64_t now_us);
  void load_schedules();
  Progress progress_of(std::string_view jid) const;
  void tell(std::string_view jid);

  void advance_batches();
  void advance_batch(const std::string& bid);
  void end_without_success(Batch& batch);
  bool push_callback(const std::string& bid, const std::string& json, bool on_success);
  void expire_batches(int64_t now_us);

  bool due(JobState state, int64_t now_us) const;
  bool tick_some(int64_t now_us);
  void free_log();
  void run();

  const QueueOptions options_;
  platform::Clock& clock_;
  platform::Random& random_;
  mutable std::mutex mutex_;
  State state_;
  std::unique_ptr<Journal> journal_;
  uint64_t changed_lsn_ = 0;  // the frame of the newest change that somebody may be told of
  // By queue, oldest first. A waiter stands under each of its queues.
  std::map<std::string, std::list<std::shared_ptr<JobWaiter>>, std::less<>> waiters_;
  std::set<std::string> unserved_;  // queues in which too much had expired to find a job
  struct Planned {
    Schedule schedule;
    Cron cron;
  };
  std::map<std::string, Planned, std::less<>> schedules_;
  using Listener = std::function<void(const Progress&)>;
  std::multimap<std::string, std::weak_ptr<Listener>, std::less<>> listeners_;  // by jid
  Tracking tracking_;
  std::array<uint64_t, 120> processed_{};  // in second s of the clock: [s % 120]
  int64_t counted_second_ = 0;
  uint64_t counted_processed_ = 0;
  int64_t housekept_us_ = 0;
  bool write_failed_ = false;  // and that was logged
  WorkerRegistry workers_;

  std::mutex stop_mutex_;
  std::condition_variable stop_wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace firn::jobs
