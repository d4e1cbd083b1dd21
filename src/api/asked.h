#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/services.h"
#include "graphql/value.h"

namespace firn::api {

// A statement's answer, waited for, with the run that stands for it in history and evidence.
struct Asked {
  query::QueryInfo info;
  std::vector<query::ResultColumn> columns;
  std::string rows;    // a JSON array of arrays
  uint64_t total = 0;  // rows of the whole kept result
};

// Runs `request` and gives its first `rows_max` rows. DeadlineExceeded where it has not ended after
// `at_most`: it is stopped then. Blocks.
Result<Asked> ask_and_wait(Services& services, query::QueryRequest request, uint64_t rows_max,
                           std::chrono::milliseconds at_most);

// The rows as values. Errors: Internal.
Result<graphql::Value> rows_of(const Asked& asked);

}  // namespace firn::api
