#pragma once

#include <string>

#include "auth/auth.h"
#include "query/engine.h"
#include "tasks/tasks.h"

namespace firn::automation {

// The first rows of a statement's answer, as it is kept.
struct Answer {
  std::string columns;  // JSON: [{"name": ..., "type": ...}]
  std::string rows;     // JSON: an array of arrays
  int64_t row_count = 0;
  std::string rights;  // see rights.h
};

// What to ask; names without a catalog or a namespace are in lake and main.
struct Ask {
  std::string statement;
  std::string catalog;
  std::string schema;
  std::string parameters;  // of $name in it: a JSON object; empty: none
};

// Asks as the task's principal, so that their policies hold; ends with Cancelled when the task
// does. ResourceExhausted where the rows are more than 1 MiB. Blocks.
Result<Answer> ask_for_task(query::Engine& engine, auth::Authenticator& auth,
                            const tasks::TaskContext& context, const Ask& ask, uint64_t rows_max);

}  // namespace firn::automation
