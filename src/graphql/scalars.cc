#include "graphql/scalars.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/rfc3339.h"
#include "graphql/json.h"

namespace firn::graphql {
namespace {

Error wrong(std::string_view what, const Value& value) {
  return {ErrorCode::kInvalidArgument, fmt::format("{}: {}", what, value.to_json())};
}

}  // namespace

void append_rfc3339(TextBuffer& out, DateTime time) {
  out.wrote(write_rfc3339(out.room(kRfc3339BytesMax), time.micros, TimeDigits::kMillis));
}

std::string to_rfc3339(DateTime time) {
  TextBuffer out;
  append_rfc3339(out, time);
  return out.take();
}

Result<DateTime> parse_rfc3339(std::string_view text) {
  return DateTime{TRY(parse_rfc3339_us(text))};
}

Result<std::string> ScalarTraits<std::string>::read(const Value& value) {
  if (value.kind == Value::Kind::kString) return value.text;
  if (value.kind == Value::Kind::kInt) return std::to_string(value.integer);  // an ID
  return wrong("String cannot represent a non string value", value);
}

Result<int32_t> ScalarTraits<int32_t>::read(const Value& value) {
  if (value.kind == Value::Kind::kInt && value.integer >= INT32_MIN && value.integer <= INT32_MAX) {
    return static_cast<int32_t>(value.integer);
  }
  return wrong("Int cannot represent non 32-bit signed integer value", value);
}

Result<int64_t> ScalarTraits<int64_t>::read(const Value& value) {
  if (value.kind == Value::Kind::kInt) return value.integer;
  if (value.kind == Value::Kind::kString && !value.text.empty()) {
    int64_t number = 0;
    const char* end = value.text.data() + value.text.size();
    const auto parsed = std::from_chars(value.text.data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) return number;
  }
  return wrong("Long has to be a whole number of 64 bits", value);
}

Error ScalarTraits<double>::no_number() {
  return Error(ErrorCode::kInternal, "Float cannot represent non numeric value");
}
Result<double> ScalarTraits<double>::read(const Value& value) {
  if (value.is_number() && std::isfinite(value.number)) return value.number;
  return wrong("Float cannot represent non numeric value", value);
}

Result<bool> ScalarTraits<bool>::read(const Value& value) {
  if (value.kind == Value::Kind::kBoolean) return value.boolean;
  return wrong("Boolean cannot represent a non boolean value", value);
}

Result<RawJson> ScalarTraits<RawJson>::read(const Value& value) { return RawJson{value.to_json()}; }

Result<DateTime> ScalarTraits<DateTime>::read(const Value& value) {
  if (value.kind != Value::Kind::kString) return wrong("DateTime has to be a string", value);
  return parse_rfc3339(value.text);
}

}  // namespace firn::graphql
