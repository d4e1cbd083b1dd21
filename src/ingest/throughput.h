#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace firn::platform {
class Clock;
}

namespace firn::ingest {

// How many rows come in, a catalog at a time, so that each organization sees its own. Thread-safe.
class Throughput {
 public:
  static constexpr int kSeconds = 120;

  explicit Throughput(platform::Clock& clock) : clock_(clock) {}
  void add(const std::string& catalog, int64_t appended, int64_t rejected);

  struct Rows {
    int64_t appended = 0;
    int64_t rejected = 0;
    // A number a second, oldest first; the last is of the second under way.
    std::vector<int64_t> recent = std::vector<int64_t>(kSeconds, 0);
  };
  // Of these catalogs together, since the start.
  Rows of(const std::vector<std::string>& catalogs);

 private:
  struct Second {
    int64_t at = 0;
    int64_t rows = 0;
  };
  struct Counter {
    int64_t appended = 0;
    int64_t rejected = 0;
    std::array<Second, kSeconds> seconds{};
  };
  platform::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Counter> counters_;
};

}  // namespace firn::ingest
