#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/result.h"
#include "query/foreign.h"

namespace firn::federation {

// Objects from elsewhere, as files of a folder, so that what did not change is fetched once.
// Bounded: what was not used for longest goes first; who has it open keeps it. Thread-safe.
class ObjectCache {
 public:
  // Takes over what lies in the folder; what was being fetched is removed.
  static Result<std::unique_ptr<ObjectCache>> create(std::string directory, uint64_t bytes_max);

  // Gets the object's bytes in pieces.
  using Take = std::function<Status(std::string_view piece)>;
  using Fetch = std::function<Status(const Take& take)>;
  // The object of this identity (its content included), opened for reading; fetched where it is not
  // there. One call fetches, others that want the same wait for it. Errors: TooLarge for an object
  // larger than the cache, StorageUnavailable, and those of `fetch`. `bytes` is its length, or
  // where nobody knows that, the most that it may have: room for so many is made meanwhile.
  Result<std::shared_ptr<query::OwnedDescriptor>> open(const std::string& identity, uint64_t bytes,
                                                       const Fetch& fetch);
  uint64_t bytes_max() const { return bytes_max_; }

 private:
  struct Entry {
    uint64_t bytes = 0;
    uint64_t used = 0;  // by `uses_`
  };
  ObjectCache(std::string directory, uint64_t bytes_max)
      : directory_(std::move(directory)), bytes_max_(bytes_max) {}
  Status take_over();
  // How many bytes it had.
  Result<uint64_t> fetch_file(const std::string& name, uint64_t bytes, const Fetch& fetch);
  void make_room(uint64_t bytes);
  std::string path_of(const std::string& name) const { return directory_ + "/" + name; }

  const std::string directory_;
  const uint64_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable fetched_;
  std::map<std::string, Entry> entries_;  // by file name
  std::set<std::string> fetching_;
  uint64_t bytes_ = 0;  // with what is being fetched
  uint64_t uses_ = 0;
};

}  // namespace firn::federation
