#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace firn::jobs {

// What a worker says of a job's progress; what is missing stays as it was.
struct ProgressUpdate {
  std::string jid;
  std::optional<int32_t> percent;  // 0 to 100
  std::optional<std::string> description;
  std::optional<int64_t> reserve_until_us;
};

// How far a job is. `state` is the protocol's word: unknown, enqueued, working, success, failed or
// dead.
struct Progress {
  std::string jid;
  std::string state = "unknown";
  int64_t updated_us = 0;
  std::optional<int32_t> percent;
  std::string description;
};

// Progress that was reported, for half an hour after the last word; the oldest gives way when
// there is too much. In memory only. One thread at a time.
class Tracking {
 public:
  static constexpr size_t kEntriesMax = 100'000;
  static constexpr int64_t kKeepUs = 30LL * 60 * 1'000'000;

  void update(const ProgressUpdate& update, int64_t now_us);
  // The job is gone: how it ended.
  void ended(std::string_view jid, std::string state, int64_t now_us);
  const Progress* find(std::string_view jid) const;
  void expire(int64_t now_us);
  void clear();

 private:
  Progress& entry(std::string_view jid, int64_t now_us);

  std::unordered_map<std::string, Progress> entries_;
  std::deque<std::pair<int64_t, std::string>> order_;  // when made or looked at, jid
};

}  // namespace firn::jobs
