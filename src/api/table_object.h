#pragma once

#include "api/tables.h"
#include "graphql/scalars.h"

namespace firn::api {

graphql::RawJson properties_json(const iceberg::Properties& properties);

}  // namespace firn::api
