#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/ids.h"
#include "query/hot_rows.h"
#include "query/tables.h"

namespace firn::query {

// Hot rows as Parquet in anonymous memory, so that workers read them as they read every other file:
// same types, same field ids, same answer before and after a commit. Made when a query needs them,
// kept while they are hot, extended by what came since. Thread-safe.
class HotFiles {
 public:
  // Beyond this much, the tables that were asked for longest ago lose what is kept of them.
  explicit HotFiles(uint64_t kept_bytes_max) : kept_bytes_max_(kept_bytes_max) {}

  // The rows of those batches with lsn > committed_lsn. `batches` are in the order of their lsn.
  Result<std::vector<PlannedFile>> files(const Uuid& table, const std::vector<HotBatch>& batches,
                                         uint64_t committed_lsn);
  uint64_t kept_bytes();

 private:
  struct Segment {
    uint64_t first_lsn = 0;
    uint64_t last_lsn = 0;
    PlannedFile file;
  };
  struct Kept {
    std::deque<Segment> segments;  // in the order of lsn
    std::list<Uuid>::iterator use;
  };

  Result<Segment> make_segment(const Uuid& table, const std::vector<HotBatch>& batches,
                               size_t begin, size_t end);
  void forget_oldest(const Uuid& but);

  const uint64_t kept_bytes_max_;
  std::mutex mutex_;
  std::map<Uuid, Kept> kept_;
  std::list<Uuid> use_;  // the last used first
  uint64_t kept_bytes_ = 0;
  uint64_t made_ = 0;
};

}  // namespace firn::query
