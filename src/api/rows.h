#pragma once

#include <string>

#include "api/schema/types.h"
#include "api/services.h"

namespace firn::api {

// Runs a statement for somebody, outside the history, and gives its first rows (at most 10,000).
// Blocks.
Result<schema::ResultPage> read_rows(Services& services, const auth::Principal& principal,
                                     const std::string& statement, int32_t rows_max);

// What a query needs to know of whoever asks it.
query::QueryRequest request_of(Services& services, const auth::Principal& principal,
                               const std::string& client);

}  // namespace firn::api
