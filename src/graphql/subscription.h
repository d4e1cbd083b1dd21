#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "graphql/event_dispatcher.h"
#include "graphql/execution.h"
#include "graphql/service.h"

namespace firn::graphql {

// Takes events from a stream, one at a time, runs the operation on each and hands the response to
// the sink. Thread-safe.
class RunningSubscription final : public EventTask,
                                  public std::enable_shared_from_this<RunningSubscription> {
 public:
  struct Parts {
    std::shared_ptr<const OperationPlan> plan;
    Value variables;
    std::shared_ptr<RequestContext> context;
    ExecutionOptions options;
    std::chrono::milliseconds run_time_max{0};  // of one event
    std::shared_ptr<EventStream> stream;
    std::shared_ptr<SubscriptionSink> sink;
    std::weak_ptr<EventDispatcher> dispatcher;
  };
  explicit RunningSubscription(Parts parts) : parts_(std::move(parts)) {}

  void begin();
  void stop();
  // On the dispatcher's thread.
  void run() override;

 private:
  enum class State { kIdle, kQueued, kRunning, kEnded };
  void wake();
  void run_event();
  void deliver(std::string response);
  void end(const std::optional<Error>& error);

  Parts parts_;
  std::mutex mutex_;
  State state_ = State::kIdle;
  bool again_ = false;  // something came while it ran
};

}  // namespace firn::graphql
