#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graphql/call.h"
#include "graphql/field.h"

namespace firn::graphql {

// Answers many loads by one call: keys that resolvers ask for are collected until the operation has
// nothing else to do, and go to the batch function together, on the pool. Each key is loaded once
// per loader. A member of a RequestContext: it serves one operation, on its thread.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class Loader final : public LoaderBase {
 public:
  // One outcome per key, in the order of keys; or an error for all of them. Runs on the pool.
  using Batch = std::function<Result<std::vector<Result<Value>>>(const std::vector<Key>&)>;

  explicit Loader(Batch batch, size_t batch_keys_max = 1000)
      : batch_(std::move(batch)), batch_keys_max_(batch_keys_max) {}

  // Errors: ResourceExhausted past kKeysMax keys; whatever the batch function says.
  Field<Value> load(Call& call, const Key& key) {
    auto found = entries_.find(key);
    if (found != entries_.end() && found->second.result)
      return Result<Value>(*found->second.result);
    if (found == entries_.end()) {
      if (entries_.size() >= kKeysMax) {
        return Error(ErrorCode::kResourceExhausted, "the operation loads too many objects");
      }
      found = entries_.emplace(key, Entry()).first;
      if (pending_.empty()) call.scheduler().dispatch_later(*this);
      pending_.push_back(key);
    }
    auto state = std::make_shared<FieldState<Value>>();
    found->second.waiting.push_back(state);
    return Field<Value>(std::move(state));
  }

  // What is known already need not be loaded.
  void remember(const Key& key, Value value) {
    Entry& entry = entries_[key];
    if (!entry.result && entry.waiting.empty()) entry.result.emplace(std::move(value));
  }

  void dispatch() override {
    std::vector<Key> keys = std::exchange(pending_, {});
    for (size_t start = 0; start < keys.size(); start += batch_keys_max_) {
      const size_t end = std::min(keys.size(), start + batch_keys_max_);
      run(std::make_shared<std::vector<Key>>(keys.begin() + static_cast<ptrdiff_t>(start),
                                             keys.begin() + static_cast<ptrdiff_t>(end)));
    }
  }

  static constexpr size_t kKeysMax = 100'000;

 private:
  struct Entry {
    std::optional<Result<Value>> result;
    std::vector<std::shared_ptr<FieldState<Value>>> waiting;
  };
  using Outcome = Result<std::vector<Result<Value>>>;

  void run(std::shared_ptr<std::vector<Key>> keys) {
    // The operation keeps the context, and so this loader.
    std::shared_ptr<Scheduler> operation = Scheduler::current()->shared_from_this();
    const bool taken = operation->run_blocking([this, operation, keys] {
      auto outcome = std::make_shared<Outcome>(batch_(*keys));
      operation->post([this, keys, outcome] { settle(*keys, *outcome); });
    });
    if (!taken) {
      settle(*keys, Error(ErrorCode::kOverloaded, "the server is busy; try again soon"));
    }
  }

  void settle(const std::vector<Key>& keys, const Outcome& outcome) {
    const bool whole = outcome.ok() && outcome->size() == keys.size();
    for (size_t i = 0; i < keys.size(); ++i) {
      Entry& entry = entries_[keys[i]];
      if (whole) {
        entry.result.emplace((*outcome)[i]);
      } else {
        entry.result.emplace(outcome.ok()
                                 ? Error(ErrorCode::kInternal, "a batch has another length")
                                 : outcome.error());
      }
      for (auto& state : std::exchange(entry.waiting, {})) state->complete(*entry.result);
    }
  }

  const Batch batch_;
  const size_t batch_keys_max_;
  std::unordered_map<Key, Entry, Hash> entries_;
  std::vector<Key> pending_;
};

}  // namespace firn::graphql
