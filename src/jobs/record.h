#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jobs/job.h"

// What the queue's log holds. A frame is any number of records; applied in order from an empty
// queue they give its state. A record is its kind, its length and its fields, little-endian.
namespace firn::jobs {

// Why something changed, for counters and batches.
enum class Cause : uint8_t {
  kMoved = 0,  // written again, to free the log; or for no reason that counts
  kPushed = 1,
  kFailed = 2,     // goes on to the next try, or is dead
  kDone = 3,       // acknowledged
  kDropped = 4,    // failed, and is not kept
  kDiscarded = 5,  // somebody, or its own expiry, ended it
};

enum class JobSet : uint8_t { kScheduled = 0, kRetries = 1, kDead = 2 };

// What a batch is. Counters include what happened so far.
struct Batch {
  std::string bid;
  std::string parent_bid;
  std::string description;
  std::string success;   // a job's JSON, or empty
  std::string complete;  // the same
  int64_t created_us = 0;
  int64_t ended_us = 0;  // when nothing of it was left that could be done; 0: not yet
  uint64_t total = 0;
  uint64_t pending = 0;  // not yet done
  uint64_t failed = 0;   // of those, the ones that have been tried
  bool committed = false;
  // Of a callback. kDone also where there is none and it would have been enqueued (complete);
  // kNever once the batch ended without success.
  static constexpr uint8_t kNotYet = 0;
  static constexpr uint8_t kEnqueued = 1;
  static constexpr uint8_t kDone = 2;
  static constexpr uint8_t kNever = 3;
  uint8_t complete_state = kNotYet;
  uint8_t success_state = kNotYet;
};

void append_put(std::string& out, const Job& job, Cause cause);
void append_reserve(std::string& out, std::string_view jid, std::string_view wid,
                    int64_t deadline_us);
void append_remove(std::string& out, std::string_view jid, Cause cause);
// A named setting; an empty value removes it.
void append_setting(std::string& out, std::string_view key, std::string_view value);
void append_batch(std::string& out, const Batch& batch);
void append_batch_removal(std::string& out, std::string_view bid);
// Every waiting job of a queue is gone.
void append_drop_queue(std::string& out, std::string_view queue);
void append_clear(std::string& out, JobSet set);
void append_flush(std::string& out);
void append_counters(std::string& out, uint64_t processed, uint64_t failures, uint64_t enqueued);

class RecordHandler {
 public:
  virtual ~RecordHandler() = default;
  virtual void on_put(Job job, Cause cause) = 0;
  virtual void on_reserve(std::string_view jid, std::string_view wid, int64_t deadline_us) = 0;
  virtual void on_remove(std::string_view jid, Cause cause) = 0;
  virtual void on_setting(std::string_view key, std::string_view value) = 0;
  virtual void on_batch(Batch batch) = 0;
  virtual void on_batch_removal(std::string_view bid) = 0;
  virtual void on_drop_queue(std::string_view queue) = 0;
  virtual void on_clear(JobSet set) = 0;
  virtual void on_flush() = 0;
  virtual void on_counters(uint64_t processed, uint64_t failures, uint64_t enqueued) = 0;
};

// Gives each record of a frame to the handler. Errors: InvalidData, for any bytes that are no
// frame; records before them were given.
Status read_records(std::string_view frame, RecordHandler& handler);

}  // namespace firn::jobs
