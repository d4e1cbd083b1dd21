#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/job.h"

namespace firn::jobs {

enum class LimitKind : uint8_t { kQueue, kType, kKey };
inline constexpr std::string_view kLimitKindNames[] = {"queue", "type", "key"};

// How many jobs of a queue, of a type, or with one limit_key in their custom data may be worked on
// at a time, and how many may begin within `per_s` seconds.
struct Limit {
  LimitKind kind = LimitKind::kQueue;
  std::string name;
  int64_t concurrency = 0;  // 0: any number
  int64_t rate = 0;         // 0: any number
  int64_t per_s = 1;
};

// As it is kept among the settings, and back. Errors: InvalidData.
std::string limit_json(const Limit& limit);
Result<Limit> parse_limit(std::string_view json);
std::string limit_setting(LimitKind kind, std::string_view name);  // "limit/queue/NAME"

// The limits that hold, and what runs under them. One thread at a time.
class Limits {
 public:
  void set(const Limit& limit);
  void remove(LimitKind kind, std::string_view name);
  bool empty() const { return entries_.empty(); }
  std::vector<Limit> list() const;

  // Whether a job may begin now. `running` counts are those of the jobs being worked on.
  bool allows(const Job& job, int64_t now_us);
  bool allows_queue(std::string_view queue, int64_t now_us);
  // A job is being worked on, or no more.
  void began(const Job& job);
  void ended(const Job& job);
  // began() for this one limit, of a job that ran before there was the limit.
  void recount(const Limit& limit, const Job& job);
  // It was given to a worker: counts against rates.
  void spend(const Job& job);

 private:
  struct Entry {
    Limit limit;
    int64_t running = 0;
    double tokens = 0;
    int64_t filled_us = 0;
  };
  Entry* find(LimitKind kind, std::string_view name);
  static bool has_room(Entry& entry, int64_t now_us);
  template <typename F>
  void each_of(const Job& job, F body);

  std::map<std::pair<LimitKind, std::string>, Entry> entries_;
};

}  // namespace firn::jobs
