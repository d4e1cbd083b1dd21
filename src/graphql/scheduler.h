#pragma once

#include <functional>
#include <memory>

#include "base/result.h"

namespace firn::graphql {

// Runs what may block: a thread pool of the embedding program. Thread-safe.
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;
  // False where its queue is full: the task was not taken.
  [[nodiscard]] virtual bool post(std::function<void()> task) = 0;
};

class LoaderBase {
 public:
  virtual ~LoaderBase() = default;
  // Loads the keys that were asked for since the last time. On the operation's thread.
  virtual void dispatch() = 0;
};

// What an operation under way offers to those who work for it. Its resolvers, their continuations
// and everything they touch run on one thread at a time: "the operation's thread".
class Scheduler : public std::enable_shared_from_this<Scheduler> {
 public:
  virtual ~Scheduler() = default;
  // From any thread: has `task` run on the operation's thread, which this one may become.
  virtual void post(std::function<void()> task) = 0;
  // On the operation's thread: has `task` run soon, not now.
  virtual void defer(std::function<void()> task) = 0;
  // Has `task` run on the pool. False where that is full.
  [[nodiscard]] virtual bool run_blocking(std::function<void()> task) = 0;
  // On the operation's thread: dispatches the loader once nothing immediate is left to do.
  virtual void dispatch_later(LoaderBase& loader) = 0;

  // The operation whose thread this is; null on other threads.
  static Scheduler* current();

 protected:
  static void set_current(Scheduler* scheduler);
};

}  // namespace firn::graphql
