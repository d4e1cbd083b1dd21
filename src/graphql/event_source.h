#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"

namespace firn::graphql {

// What happens to an event for which there is no room.
enum class Overflow {
  kDropOldest,  // for states, where the last one says it all
  kFail,        // for streams where each event counts: the subscription ends with Overloaded
};

// The events of one subscription: made and returned by its resolver, pushed to from any thread,
// read by the executor. Thread-safe.
template <typename T>
class EventSource {
 public:
  // `on_close` is called once, from whichever thread ends it: the client's going, close() or
  // fail(). It may run while push() waits for its turn; it must not wait for a thread that pushes.
  explicit EventSource(std::function<void()> on_close = nullptr, size_t capacity = 64,
                       Overflow overflow = Overflow::kDropOldest)
      : capacity_(capacity), overflow_(overflow), on_close_(std::move(on_close)) {}
  ~EventSource() { close(); }
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;

  // False once it is closed: no more pushes are needed.
  bool push(T event) {
    std::function<void()> listener;
    {
      std::lock_guard lock(mutex_);
      if (ended_) return false;
      if (events_.size() >= capacity_) {
        if (overflow_ == Overflow::kDropOldest) {
          events_.pop_front();
        } else {
          error_.emplace(ErrorCode::kOverloaded, "events came faster than they were taken");
          ended_ = true;
        }
      }
      if (!ended_) events_.push_back(std::move(event));
      listener = listener_;
    }
    if (listener) listener();
    return true;
  }

  // What was pushed is still delivered.
  void close() { end(std::nullopt); }
  // The same, and then the error.
  void fail(Error error) { end(std::move(error)); }

  bool closed() const {
    std::lock_guard lock(mutex_);
    return ended_;
  }

  // --- For the executor.

  // Called, from any thread, when there is an event or the end. Called at once where there is.
  void listen(std::function<void()> listener) {
    bool ready = false;
    {
      std::lock_guard lock(mutex_);
      listener_ = listener;
      ready = ended_ || !events_.empty();
    }
    if (ready) listener();
  }
  std::optional<T> pop() {
    std::lock_guard lock(mutex_);
    if (events_.empty()) return std::nullopt;
    std::optional<T> event(std::move(events_.front()));
    events_.pop_front();
    return event;
  }
  bool ended() const {
    std::lock_guard lock(mutex_);
    return ended_ && events_.empty();
  }
  std::optional<Error> error() const {
    std::lock_guard lock(mutex_);
    return error_;
  }
  // The client is gone: nothing is delivered any more.
  void abandon() {
    {
      std::lock_guard lock(mutex_);
      events_.clear();
      listener_ = nullptr;
    }
    close();
  }

 private:
  void end(std::optional<Error> error) {
    std::function<void()> listener;
    std::function<void()> on_close;
    {
      std::lock_guard lock(mutex_);
      on_close = std::exchange(on_close_, nullptr);
      if (!ended_) {
        ended_ = true;
        error_ = std::move(error);
        listener = listener_;
      }
    }
    if (on_close) on_close();
    if (listener) listener();
  }

  const size_t capacity_;
  const Overflow overflow_;
  mutable std::mutex mutex_;
  std::deque<T> events_;
  std::function<void()> listener_;
  std::function<void()> on_close_;
  bool ended_ = false;
  std::optional<Error> error_;
};

}  // namespace firn::graphql
