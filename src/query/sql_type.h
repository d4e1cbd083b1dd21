#pragma once

#include <string>

#include "iceberg/types.h"

namespace firn::query {

// DuckDB's name of what a column of this type is in SQL, as DuckDB spells it. Of a type that cannot
// be queried yet, Iceberg's own name.
std::string sql_type(const iceberg::Type& type);

}  // namespace firn::query
