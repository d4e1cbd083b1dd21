#include "graphql/subscription.h"

namespace firn::graphql {

void RunningSubscription::begin() {
  // Weakly: the stream must not keep whoever listens to it.
  parts_.stream->listen([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->wake();
  });
}

void RunningSubscription::stop() {
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::kEnded) return;
    state_ = State::kEnded;
  }
  parts_.stream->abandon();
}

void RunningSubscription::wake() {
  {
    std::lock_guard lock(mutex_);
    if (state_ == State::kEnded) return;
    if (state_ != State::kIdle) {
      again_ = true;
      return;
    }
    state_ = State::kQueued;
  }
  if (const auto dispatcher = parts_.dispatcher.lock()) dispatcher->schedule(shared_from_this());
}

void RunningSubscription::run() {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kQueued) return;
    state_ = State::kRunning;
    again_ = false;
  }
  switch (parts_.stream->next()) {
    case EventStream::Next::kEvent: return run_event();
    case EventStream::Next::kEnd: return end(parts_.stream->error());
    case EventStream::Next::kNothingYet: break;
  }
  bool again = false;
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kRunning) return;
    state_ = State::kIdle;
    again = again_;
  }
  if (again) wake();
}

void RunningSubscription::run_event() {
  auto made = parts_.context->for_event();
  if (!made.ok()) {
    parts_.stream->abandon();
    return end(made.error());
  }
  auto context = *std::move(made);
  if (context == nullptr) context = parts_.context;
  ExecutionOptions options = parts_.options;
  options.deadline = std::chrono::steady_clock::now() + parts_.run_time_max;
  auto execution = std::make_shared<Execution>(parts_.plan, parts_.variables, std::move(context),
                                               std::move(options));
  execution->run_event(parts_.stream, [self = shared_from_this()](ExecutionResult result) {
    self->deliver(std::move(result.response));
  });
}

void RunningSubscription::deliver(std::string response) {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kRunning) return;
  }
  parts_.sink->next(std::move(response));
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kRunning) return;
    state_ = State::kIdle;
  }
  wake();  // there may be more; the queue keeps it fair
}

void RunningSubscription::end(const std::optional<Error>& error) {
  {
    std::lock_guard lock(mutex_);
    if (state_ != State::kRunning) return;
    state_ = State::kEnded;
  }
  if (error) {
    GraphqlError shown;
    if (parts_.options.error_mapper) {
      parts_.options.error_mapper(*error, shown);
    } else {
      map_error(*error, shown);
    }
    parts_.sink->next(error_response({shown}));
  }
  parts_.sink->complete();
}

}  // namespace firn::graphql
