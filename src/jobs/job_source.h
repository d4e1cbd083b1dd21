#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jobs/queue.h"

namespace firn::jobs {

// Where workers get jobs from: the queue within this process, or a server that speaks the Faktory
// Work Protocol. One thread at a time.
class JobSource {
 public:
  virtual ~JobSource() = default;
  // The JSON of a job of the first queue that has one; none after at most about two seconds.
  virtual Result<std::optional<std::string>> fetch(const std::vector<std::string>& queues) = 0;
  virtual Status ack(std::string_view jid) = 0;
  virtual Status fail(std::string_view jid, const FailReport& report) = 0;
  // Whoever asks next gets it: this worker ends before the job is done.
  virtual Status give_back(std::string_view jid) = 0;
  virtual Status push(std::string_view job_json) = 0;
  // Several, durably: how each fared, in their order. Errors: none is known to be there.
  virtual Result<std::vector<Status>> push_all(const std::vector<std::string>& jobs) = 0;
  virtual Status progress(const ProgressUpdate& update) = 0;
  // A sign of life; answers what the worker shall do.
  virtual Result<WorkerSignal> beat() = 0;
};

// Makes sources, one a thread. Thread-safe.
class JobSources {
 public:
  virtual ~JobSources() = default;
  // Errors: Unavailable.
  virtual Result<std::unique_ptr<JobSource>> connect() = 0;
};

// Over the queue of this process, under one worker's id; without an id they only push.
std::unique_ptr<JobSources> embedded_sources(Queue& queue, platform::Clock& clock,
                                             WorkerInfo worker);

}  // namespace firn::jobs
