#pragma once

#include <string>
#include <string_view>

#include "iceberg/types.h"

namespace firn::iceberg {

// A type as people write it: "decimal(10,2)", "list<string>", "struct<a: int, b: list<long>>".
std::string type_text(const Type& type);
// The other way, in any case and with any spaces. Nested fields get ids of 0 and are optional.
// Errors: InvalidArgument, naming what is wrong.
Result<TypePtr> parse_type_text(std::string_view text);

// A value as people read it: 2013-01-01, 12:30:00.5, 2013-01-01T00:00:00Z, -1.50; text as it is,
// bytes and UUIDs as hex. Null is empty.
std::string value_text(const Type& type, const Value& value);

}  // namespace firn::iceberg
