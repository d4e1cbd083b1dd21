#pragma once

// Part of execution.h.

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "graphql/execution.h"

namespace firn::graphql {

// Scalars and enums.
template <typename T>
struct OutputTraits {
  static bool write(Execution& x, const PlanField& field, const Type& type, const T& value) {
    if constexpr (std::is_enum_v<T>) {
      TextBuffer& out = x.text();
      out += '"';
      out += EnumTraits<T>::name(value);
      out += '"';
      return true;
    } else {
      TextBuffer& out = x.text();
      const size_t start = out.size();
      const Status written = ScalarTraits<T>::write(value, out);
      if (written.ok()) return true;
      out.truncate(start);
      return x.fail(field, type, written.error());
    }
  }
};

template <typename T>
struct OutputTraits<std::optional<T>> {
  static bool write(Execution& x, const PlanField& field, const Type& type,
                    const std::optional<T>& value) {
    return value ? OutputTraits<T>::write(x, field, type, *value) : x.null(field, type);
  }
};

template <typename T>
struct OutputTraits<std::vector<T>> {
  static bool write(Execution& x, const PlanField& field, const Type& type,
                    const std::vector<T>& value) {
    Execution::Composite list(x, type);
    Execution::PathStep step(x);
    const Type& item = *type.nullable()->of;
    x.text() += '[';
    for (uint32_t i = 0; i < value.size(); ++i) {
      if (i > 0) x.text() += ',';
      step.set_index(i);
      if (!OutputTraits<T>::write(x, field, item, value[i])) return list.give_up();
    }
    x.text() += ']';
    return true;
  }
};

template <typename T>
class TypedStream final : public EventStream {
 public:
  explicit TypedStream(std::shared_ptr<EventSource<T>> source) : source_(std::move(source)) {}
  ~TypedStream() override { source_->abandon(); }
  void listen(std::function<void()> listener) override { source_->listen(std::move(listener)); }
  Next next() override {
    const bool ended = source_->ended();
    event_ = source_->pop();
    if (event_) return Next::kEvent;
    return ended ? Next::kEnd : Next::kNothingYet;
  }
  std::optional<Error> error() const override { return source_->error(); }
  void abandon() override { source_->abandon(); }
  bool write(Execution& x, const PlanField& field) override {
    return OutputTraits<T>::write(x, field, *field.type, *event_);
  }

 private:
  const std::shared_ptr<EventSource<T>> source_;
  std::optional<T> event_;
};

template <typename T>
Result<std::shared_ptr<EventStream>> wrap_source(Result<std::shared_ptr<EventSource<T>>> source) {
  if (!source.ok()) return std::move(source).error();
  if (*source == nullptr) return Error(ErrorCode::kInternal, "a subscription has no source");
  return std::shared_ptr<EventStream>(std::make_shared<TypedStream<T>>(std::move(*source)));
}

template <typename T>
Field<std::shared_ptr<EventStream>> to_stream_later(Field<std::shared_ptr<EventSource<T>>> field) {
  auto source = co_await field;
  co_return wrap_source<T>(std::move(source));
}

template <typename T>
Field<std::shared_ptr<EventStream>> to_stream(Field<std::shared_ptr<EventSource<T>>> field) {
  if (!field.is_ready()) return to_stream_later<T>(std::move(field));
  return wrap_source<T>(std::move(field).take());
}

}  // namespace firn::graphql
