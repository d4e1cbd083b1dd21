#pragma once

#include <string>

#include "iceberg/types.h"

namespace firn::iceberg {

// Avro schemas of manifests and manifest lists, as JSON, for format version 2 or 3.
std::string manifest_entry_schema(const Type& partition, int32_t format_version);
std::string manifest_list_schema(int32_t format_version);

// How many bytes an Avro `fixed` takes for a decimal of this precision.
int32_t decimal_fixed_bytes(int32_t precision);

}  // namespace firn::iceberg
