#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "graphql/field.h"
#include "graphql/request_context.h"

namespace firn::graphql {

class Execution;
struct FieldDefinition;
struct PlanField;

// One field of one operation, as its resolver sees it. Lives as long as the operation.
class Call {
 public:
  Call(Execution& execution, const PlanField& field) : execution_(execution), field_(field) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  RequestContext& context() const;
  template <typename T>
  T& context_as() const {
    return static_cast<T&>(context());
  }
  const FieldDefinition& field() const;
  // The client went away, or the run time is over: whatever is made now is thrown away. Any thread.
  bool cancelled() const;
  Scheduler& scheduler() const;

  // Runs `work`, which returns a Result<U> and may block, on the pool; `co_await` gives its result.
  // Errors: Overloaded where the pool is full. What `work` refers to has to live until it is done:
  // locals of the coroutine that awaits it do.
  template <typename F>
  auto blocking(F work);

 private:
  Execution& execution_;
  const PlanField& field_;
};

template <typename R>
struct ResultValue;
template <typename U>
struct ResultValue<Result<U>> {
  using Type = U;
};

template <typename F>
auto Call::blocking(F work) {
  using Outcome = std::invoke_result_t<F&>;
  using U = typename ResultValue<Outcome>::Type;
  auto state = std::make_shared<FieldState<U>>();
  auto held = std::make_shared<F>(std::move(work));
  std::shared_ptr<Scheduler> operation = scheduler().shared_from_this();
  const bool taken = operation->run_blocking([operation, state, held]() mutable {
    auto outcome = std::make_shared<Outcome>((*held)());
    held.reset();
    operation->post([state, outcome] { state->complete(std::move(*outcome)); });
  });
  if (!taken) {
    return Field<U>(Error(ErrorCode::kOverloaded, "the server is busy; try again soon"));
  }
  return Field<U>(std::move(state));
}

}  // namespace firn::graphql
