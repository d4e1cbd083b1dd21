#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firn::graphql {

// As gzip (RFC 1952), at the fastest level; null where the library fails.
std::optional<std::string> gzip(std::string_view bytes);

}  // namespace firn::graphql
