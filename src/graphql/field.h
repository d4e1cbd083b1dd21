#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/result.h"
#include "graphql/scheduler.h"

namespace firn::graphql {

template <typename T>
class Field;

// Where a value that is not there yet will be put, once, on the operation's thread. Owns the
// coroutine that makes it, if one does.
template <typename T>
struct FieldState {
  std::optional<Result<T>> result;
  std::function<void()> on_ready;
  std::coroutine_handle<> coroutine;

  FieldState() = default;
  FieldState(const FieldState&) = delete;
  FieldState& operator=(const FieldState&) = delete;
  ~FieldState() {
    if (coroutine) coroutine.destroy();
  }
  void complete(Result<T> value) {
    if (result) return;
    result.emplace(std::move(value));
    if (on_ready) Scheduler::current()->defer(std::move(on_ready));
    on_ready = nullptr;
  }
};

// Makes `co_await field` give a Result. Abandons the wait when the waiting coroutine is destroyed.
template <typename T>
class FieldAwaiter {
 public:
  explicit FieldAwaiter(Field<T> field) : field_(std::move(field)) {}
  FieldAwaiter(const FieldAwaiter&) = delete;
  FieldAwaiter& operator=(const FieldAwaiter&) = delete;
  ~FieldAwaiter() {
    if (waiter_) *waiter_ = nullptr;
  }
  bool await_ready() const noexcept { return field_.is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) {
    waiter_ = std::make_shared<std::coroutine_handle<>>(handle);
    field_.when_ready([waiter = waiter_] {
      if (*waiter) waiter->resume();
    });
  }
  Result<T> await_resume() { return std::move(field_).take(); }

 private:
  Field<T> field_;
  std::shared_ptr<std::coroutine_handle<>> waiter_;
};

// What a resolver returns: a value, an Error, or one of them later. A resolver returns it by a
// plain `return value_or_error_or_result`, which costs nothing, or is a coroutine: it may co_await
// other Fields (which gives a Result), and ends by `co_return value_or_error_or_result`. It runs at
// once, and whatever it awaits, continues on the operation's thread: resolvers of one operation
// never run at the same time. `call`, the arguments and the object outlive the coroutine.
template <typename T>
class [[nodiscard]] Field {
 public:
  using Value = T;
  struct promise_type;

  Field(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Field(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  template <typename U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::decay_t<U>, T> &&
             !std::is_same_v<std::decay_t<U>, Error> && !std::is_same_v<std::decay_t<U>, Field>)
  Field(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  template <typename U>
    requires(std::is_convertible_v<U, T> && !std::is_convertible_v<Result<U>, T>)
  Field(Result<U> result) : state_(from(std::move(result))) {}
  // Completed by whoever holds the other reference.
  explicit Field(std::shared_ptr<FieldState<T>> state)
      : state_(std::in_place_index<2>, std::move(state)) {}

  Field(Field&&) noexcept = default;
  Field& operator=(Field&&) noexcept = default;

  bool is_ready() const { return state_.index() != 2 || std::get<2>(state_)->result.has_value(); }
  // The value where it is there already and was not made by a coroutine.
  T* immediate() { return std::get_if<0>(&state_); }
  // Of a ready one, once.
  Result<T> take() && {
    if (state_.index() == 0) return std::get<0>(std::move(state_));
    if (state_.index() == 1) return std::get<1>(std::move(state_));
    return std::move(*std::get<2>(state_)->result);
  }
  // Of one that is not ready: calls back, on the operation's thread, when it is.
  void when_ready(std::function<void()> callback) {
    std::get<2>(state_)->on_ready = std::move(callback);
  }
  FieldAwaiter<T> operator co_await() { return FieldAwaiter<T>(std::move(*this)); }

 private:
  using State = std::variant<T, Error, std::shared_ptr<FieldState<T>>>;
  template <typename U>
  static State from(Result<U> result) {
    if (!result.ok()) return State(std::in_place_index<1>, std::move(result).error());
    return State(std::in_place_index<0>, std::move(result).value());
  }

  State state_;
};

template <typename T>
struct Field<T>::promise_type {
  FieldState<T>* state = nullptr;  // owns this coroutine, so it outlives it

  Field get_return_object() {
    auto made = std::make_shared<FieldState<T>>();
    made->coroutine = std::coroutine_handle<promise_type>::from_promise(*this);
    state = made.get();
    return Field(std::move(made));
  }
  std::suspend_never initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  template <typename U>
  void return_value(U&& value) {
    Field made(std::forward<U>(value));
    state->complete(std::move(made).take());
  }
  void unhandled_exception() {
    state->complete(Error(ErrorCode::kInternal, "a resolver failed", "an exception was thrown"));
  }
};

}  // namespace firn::graphql
