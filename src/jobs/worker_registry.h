#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace firn::jobs {

// What a worker shall do: go on, take no more jobs, or end.
enum class WorkerSignal : uint8_t { kNone, kQuiet, kTerminate };

// A process that takes jobs, as it said who it is.
struct WorkerInfo {
  std::string wid;
  std::string hostname;
  int64_t pid = 0;
  std::vector<std::string> labels;
  int64_t started_us = 0;
  int64_t beat_us = 0;  // when it was last heard of
  int64_t rss_kb = 0;
  WorkerSignal state = WorkerSignal::kNone;   // what it says itself
  WorkerSignal wanted = WorkerSignal::kNone;  // what it is told at its next beat
  int connections = 0;
};

// Who works. A worker of whom nothing is heard for a minute is forgotten. Thread-safe.
class WorkerRegistry {
 public:
  static constexpr size_t kWorkersMax = 10'000;
  static constexpr int64_t kForgetAfterUs = 60'000'000;

  // One more connection of the worker. Errors: Overloaded.
  Status connected(WorkerInfo worker, int64_t now_us);
  void disconnected(std::string_view wid);
  // Heard of; answers what it shall do. Errors: NotFound "Unknown worker WID".
  Result<WorkerSignal> beat(std::string_view wid, std::optional<WorkerSignal> state, int64_t rss_kb,
                            int64_t now_us);
  // At its next beat it is told so. Errors: NotFound.
  Status signal(std::string_view wid, WorkerSignal wanted);
  // Whether it shall get jobs.
  bool may_fetch(std::string_view wid) const;
  void forget_silent(int64_t now_us);
  // By wid.
  std::vector<WorkerInfo> list() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, WorkerInfo> workers_;
};

}  // namespace firn::jobs
