#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/text_buffer.h"
#include "graphql/value.h"

namespace firn::graphql {

struct JsonLimits {
  uint32_t depth_max = 64;
  size_t values_max = 100'000;
};

// RFC 8259, strictly; of two members of one name the later counts. Text that is not UTF-8 is
// refused; lone surrogates in escapes are kept as they are. Errors: InvalidArgument.
Result<Value> parse_json(std::string_view text, const JsonLimits& limits = {});

// With the quotes. What is not UTF-8 becomes U+FFFD.
void append_json_string(TextBuffer& out, std::string_view text);
void append_json_string(std::string& out, std::string_view text);
void append_json_integer(TextBuffer& out, int64_t value);
// The shortest text that reads as the same double; `value` is finite.
void append_json_number(TextBuffer& out, double value);

}  // namespace firn::graphql
