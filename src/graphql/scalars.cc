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

Status ScalarTraits<std::string>::write(const std::string& value, TextBuffer& out) {
  append_json_string(out, value);
  return {};
}
Result<std::string> ScalarTraits<std::string>::read(const Value& value) {
  if (value.kind == Value::Kind::kString) return value.text;
  if (value.kind == Value::Kind::kInt) return std::to_string(value.integer);  // an ID
  return wrong("String cannot represent a non string value", value);
}

Status ScalarTraits<int32_t>::write(int32_t value, TextBuffer& out) {
  append_json_integer(out, value);
  return {};
}
Result<int32_t> ScalarTraits<int32_t>::read(const Value& value) {
  if (value.kind == Value::Kind::kInt && value.integer >= INT32_MIN && value.integer <= INT32_MAX) {
    return static_cast<int32_t>(value.integer);
  }
  return wrong("Int cannot represent non 32-bit signed integer value", value);
}

Status ScalarTraits<int64_t>::write(int64_t value, TextBuffer& out) {
  append_json_integer(out, value);
  return {};
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

Status ScalarTraits<double>::write(double value, TextBuffer& out) {
  if (!std::isfinite(value)) {
    return Error(ErrorCode::kInternal, "Float cannot represent non numeric value");
  }
  append_json_number(out, value);
  return {};
}
Result<double> ScalarTraits<double>::read(const Value& value) {
  if (value.is_number() && std::isfinite(value.number)) return value.number;
  return wrong("Float cannot represent non numeric value", value);
}

Status ScalarTraits<bool>::write(bool value, TextBuffer& out) {
  out += value ? "true" : "false";
  return {};
}
Result<bool> ScalarTraits<bool>::read(const Value& value) {
  if (value.kind == Value::Kind::kBoolean) return value.boolean;
  return wrong("Boolean cannot represent a non boolean value", value);
}

Status ScalarTraits<RawJson>::write(const RawJson& value, TextBuffer& out) {
  out += value.text;
  return {};
}
Result<RawJson> ScalarTraits<RawJson>::read(const Value& value) { return RawJson{value.to_json()}; }

Status ScalarTraits<DateTime>::write(DateTime value, TextBuffer& out) {
  out += '"';
  append_rfc3339(out, value);
  out += '"';
  return {};
}
Result<DateTime> ScalarTraits<DateTime>::read(const Value& value) {
  if (value.kind != Value::Kind::kString) return wrong("DateTime has to be a string", value);
  return parse_rfc3339(value.text);
}

}  // namespace firn::graphql
