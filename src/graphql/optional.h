#pragma once

#include <optional>
#include <type_traits>
#include <utility>

namespace firn::graphql {

// A nullable input without a default: absent, null or a value. As a std::optional it is empty in
// the first two cases; given() tells them apart.
template <typename T>
class Optional : public std::optional<T> {
 public:
  Optional() = default;
  Optional(std::nullopt_t) : given_(true) {}
  template <typename U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::decay_t<U>, Optional>)
  Optional(U&& value) : std::optional<T>(std::forward<U>(value)), given_(true) {}

  // The client wrote it, perhaps as null.
  bool given() const { return given_; }
  bool is_null() const { return given_ && !this->has_value(); }

 private:
  bool given_ = false;
};

// A member that has to be given where its struct is made: leaving it out does not compile.
template <typename T>
class Set {
 public:
  Set() = delete;
  Set(T value) : value_(std::move(value)) {}
  template <typename U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::decay_t<U>, Set> &&
             !std::is_same_v<std::decay_t<U>, T>)
  Set(U&& value) : value_(std::forward<U>(value)) {}

  const T& get() const { return value_; }
  T& get() { return value_; }
  operator const T&() const { return value_; }
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_;
};

}  // namespace firn::graphql
