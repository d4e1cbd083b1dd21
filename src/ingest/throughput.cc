#include "ingest/throughput.h"

#include "platform/clock.h"

namespace firn::ingest {

void Throughput::add(const std::string& catalog, int64_t appended, int64_t rejected) {
  const int64_t now = clock_.now_ms() / 1000;
  std::lock_guard lock(mutex_);
  Counter& counter = counters_[catalog];
  counter.appended += appended;
  counter.rejected += rejected;
  Second& second = counter.seconds[static_cast<size_t>(now % kSeconds)];
  if (second.at != now) second = {now, 0};
  second.rows += appended;
}

Throughput::Rows Throughput::of(const std::vector<std::string>& catalogs) {
  const int64_t now = clock_.now_ms() / 1000;
  Rows rows;
  std::lock_guard lock(mutex_);
  for (const auto& catalog : catalogs) {
    const auto found = counters_.find(catalog);
    if (found == counters_.end()) continue;
    rows.appended += found->second.appended;
    rows.rejected += found->second.rejected;
    for (const Second& second : found->second.seconds) {
      const int64_t age = now - second.at;
      if (age >= 0 && age < kSeconds) {
        rows.recent[static_cast<size_t>(kSeconds - 1 - age)] += second.rows;
      }
    }
  }
  return rows;
}

}  // namespace firn::ingest
