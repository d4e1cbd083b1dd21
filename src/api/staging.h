#pragma once

#include "api/schema/types.h"
#include "staging/staging.h"

namespace firn::api {

// Errors: Internal where it cannot be read.
Result<schema::StagedChange> to_schema(const staging::StagedChange& change);

}  // namespace firn::api
