#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "graphql/enum_traits.h"
#include "graphql/optional.h"
#include "graphql/scalars.h"
#include "graphql/value.h"

namespace firn::graphql {

// From a coerced value to C++. Scalars and enums here; generated code adds input objects.
template <typename T>
struct InputTraits {
  static Status read(const Value& value, T& into) {
    if constexpr (std::is_enum_v<T>) {
      if (EnumTraits<T>::read(value.text, into)) return {};
      return Error(ErrorCode::kInvalidArgument, "no such enum value: " + value.text);
    } else {
      into = TRY(ScalarTraits<T>::read(value));
      return {};
    }
  }
};

template <typename T>
struct InputTraits<std::vector<T>> {
  static Status read(const Value& value, std::vector<T>& into) {
    into.clear();
    into.reserve(value.items.size());
    for (const Value& item : value.items) {
      T made{};
      TRY(InputTraits<T>::read(item, made));
      into.push_back(std::move(made));
    }
    return {};
  }
};

template <typename T>
struct InputTraits<std::optional<T>> {
  static Status read(const Value& value, std::optional<T>& into) {
    into.reset();
    if (value.is_null()) return {};
    return InputTraits<T>::read(value, into.emplace());
  }
};

template <typename T>
struct InputTraits<Optional<T>> {
  static Status read(const Value& value, Optional<T>& into) {
    if (value.is_null()) {
      into = Optional<T>(std::nullopt);
      return {};
    }
    T made{};
    TRY(InputTraits<T>::read(value, made));
    into = Optional<T>(std::move(made));
    return {};
  }
};

template <typename T>
struct InputTraits<std::shared_ptr<const T>> {
  static Status read(const Value& value, std::shared_ptr<const T>& into) {
    auto made = std::make_shared<T>();
    TRY(InputTraits<T>::read(value, *made));
    into = std::move(made);
    return {};
  }
};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<Optional<T>> : std::true_type {};

// A member of an input object or an argument. Absent: stays as it is made. Null for what has a
// default: the default.
template <typename T>
Status read_member(const Value& object, std::string_view name, T& into) {
  const Value* value = object.field(name);
  if (value == nullptr) return {};
  if (!IsOptional<T>::value && value->is_null()) return {};
  return InputTraits<T>::read(*value, into);
}

template <typename T>
Status check_scalar(const Value& value) {
  const auto read = ScalarTraits<T>::read(value);
  return read.ok() ? Status() : read.error();
}

template <typename T>
Result<std::shared_ptr<const void>> read_arguments(const Value& given) {
  auto made = std::make_shared<T>();
  TRY(InputTraits<T>::read(given, *made));
  return std::shared_ptr<const void>(std::move(made));
}

}  // namespace firn::graphql
