#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace firn::catalog {

// Shared immutable values by name, bounded by what they weigh; the least recently used go first.
// Thread-safe.
template <typename T>
class LruCache {
 public:
  explicit LruCache(int64_t weight_max) : weight_max_(weight_max) {}

  std::shared_ptr<const T> get(const std::string& key) {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->value;
  }

  void put(const std::string& key, std::shared_ptr<const T> value, int64_t weight) {
    std::lock_guard lock(mutex_);
    remove(key);
    order_.push_front({key, std::move(value), weight});
    entries_[key] = order_.begin();
    weight_ += weight;
    while (weight_ > weight_max_ && order_.size() > 1) remove(std::string(order_.back().key));
  }

  void erase(const std::string& key) {
    std::lock_guard lock(mutex_);
    remove(key);
  }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const T> value;
    int64_t weight;
  };

  void remove(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    weight_ -= found->second->weight;
    order_.erase(found->second);
    entries_.erase(found);
  }

  const int64_t weight_max_;
  std::mutex mutex_;
  int64_t weight_ = 0;
  std::list<Entry> order_;
  std::unordered_map<std::string, typename std::list<Entry>::iterator> entries_;
};

}  // namespace firn::catalog
