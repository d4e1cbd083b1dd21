#pragma once

#include <optional>

#include "api/schema/types.h"
#include "api/services.h"
#include "tasks/tasks.h"

// Work in the background as the schema has it.
namespace firn::api {

static_assert(static_cast<int>(schema::TaskState::kCancelled) ==
              static_cast<int>(tasks::TaskState::kCancelled));

std::optional<schema::TaskError> task_error(const std::optional<Error>& error);
schema::Task to_schema(const tasks::Task& task);
// A time that 0 stands for none of.
std::optional<graphql::DateTime> time_or_none(int64_t us);

// None where it is not there, or not theirs to see.
template <typename T>
Result<std::optional<T>> if_found(Result<T> found) {
  if (found.ok()) return std::optional<T>(*std::move(found));
  if (found.error().code() == ErrorCode::kNotFound) return std::optional<T>();
  return found.error();
}

}  // namespace firn::api
