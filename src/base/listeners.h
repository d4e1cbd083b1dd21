#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace firn {

// Who wants to hear of something, by a key. Thread-safe.
template <typename Told, typename Key = std::string>
class Listeners {
 public:
  using Subscription = std::shared_ptr<void>;

  // Calls back on the thread that tells, until the subscription is dropped.
  Subscription add(const Key& key, std::function<void(const Told&)> callback) {
    auto listener = std::make_shared<Listener>(std::move(callback));
    std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const auto& entry) { return entry.second.expired(); });
    listeners_.emplace(key, listener);
    return listener;
  }
  // Whether nobody does now, so that what to tell need not be made.
  bool empty() {
    std::lock_guard lock(mutex_);
    return listeners_.empty();
  }

  void tell(const Key& key, const Told& what) {
    std::vector<std::shared_ptr<Listener>> told;
    {
      std::lock_guard lock(mutex_);
      auto [at, end] = listeners_.equal_range(key);
      while (at != end) {
        if (auto listener = at->second.lock()) {
          told.push_back(std::move(listener));
          ++at;
        } else {
          at = listeners_.erase(at);
        }
      }
    }
    for (const auto& listener : told) (*listener)(what);
  }

 private:
  using Listener = std::function<void(const Told&)>;
  std::mutex mutex_;
  std::multimap<Key, std::weak_ptr<Listener>> listeners_;
};

}  // namespace firn
