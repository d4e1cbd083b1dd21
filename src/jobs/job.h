#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/json_fields.h"

// What a job is, and what bounds it. See the Faktory Work Protocol, "Jobs".
namespace firn::jobs {

inline constexpr size_t kJidBytesMin = 8;
inline constexpr size_t kJidBytesMax = 128;
inline constexpr size_t kQueueNameBytesMax = 128;
inline constexpr size_t kTypeBytesMax = 512;
inline constexpr int64_t kReserveSecondsMin = 60;
inline constexpr int64_t kReserveSecondsMax = 86'400;
inline constexpr int64_t kSecondUs = 1'000'000;

// Where a job is. It is in one place at a time.
enum class JobState : uint8_t { kWaiting, kScheduled, kRetrying, kWorking, kDead };
// "waiting", "scheduled", "retrying", "working", "dead".
std::string_view state_name(JobState state);

// What went wrong the last time.
struct Failure {
  int32_t count = 0;  // failures that were followed by another try, so far
  std::string json;   // the protocol's "failure" object
};

// What only some jobs have.
struct JobExtras {
  std::string bid;          // the batch that it belongs to
  std::string callback_of;  // the batch whose callback it is
  bool callback_on_success = false;
  std::string unique_key;       // held until start or success
  int64_t unique_for_s = 0;     // 0: not unique
  int64_t unique_until_us = 0;  // the lock's end; 0: not held (any more)
  bool unique_until_start = false;
  int64_t expires_us = 0;  // 0: never
  bool tracked = false;
  std::string limit_key;  // "TYPE/KEY" of a rate or concurrency limit by key
};

// A job as it is kept. Its JSON is kept as text, minified, with the members that never change.
struct Job {
  // {"jid":"…","queue":"…","jobtype":"…","args":[…],… without the closing brace
  std::string body;
  std::string type;
  uint16_t jid_bytes = 0;
  uint16_t queue_bytes = 0;
  JobState state = JobState::kWaiting;
  int32_t retry = 25;
  int32_t backtrace = 0;
  int32_t reserve_for_s = 1800;
  int64_t enqueued_us = 0;
  // When it is due (scheduled, retrying), its reservation ends (working), or it died (dead).
  int64_t when_us = 0;
  uint64_t sequence = 0;  // its place in its queue
  std::string wid;        // whoever works on it
  // Read from the log as waiting: somebody may have fetched it, and that not have been written.
  bool restored = false;
  std::unique_ptr<Failure> failure;
  std::unique_ptr<JobExtras> extras;

  static constexpr size_t kJidOffset = 8;  // behind {"jid":"
  std::string_view jid() const { return std::string_view(body).substr(kJidOffset, jid_bytes); }
  std::string_view queue() const {
    // behind ","queue":"
    return std::string_view(body).substr(kJidOffset + jid_bytes + 11, queue_bytes);
  }
  // About what it takes in memory: never less than its record in the log.
  size_t bytes() const;

  // As FETCH answers it, with enqueued_at and failure.
  std::string to_json() const;
};

// What a client pushed, checked and normalised: `state` is kScheduled where it has a time to come,
// which is in when_us. What is missing has the protocol's default. Errors: InvalidData, worded as
// the protocol's clients know them.
// `now_us` is the time of its creation where it says none.
Result<Job> parse_job(const std::vector<JsonField>& fields, int64_t now_us);
Result<Job> parse_job(std::string_view json, int64_t now_us);
bool valid_queue_name(std::string_view name);

// Seconds until the next try after `count` failures: count^4 + 15 + random * (count + 1), where
// `random` is from 0 to 29.
int64_t retry_delay_s(int32_t count, uint32_t random);

}  // namespace firn::jobs
