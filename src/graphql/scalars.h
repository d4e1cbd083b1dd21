#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/json.h"
#include "graphql/text_buffer.h"
#include "graphql/value.h"

namespace firn::graphql {

// Already encoded JSON, written as it is; as input, the JSON text of the value. For `scalar JSON`.
struct RawJson {
  std::string text = "null";
};

// Microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 in UTC with three fraction digits,
// rounded down; read strictly from RFC 3339. For `scalar DateTime`.
struct DateTime {
  int64_t micros = 0;
  auto operator<=>(const DateTime&) const = default;
};

std::string to_rfc3339(DateTime time);
void append_rfc3339(TextBuffer& out, DateTime time);
// Errors: InvalidArgument.
Result<DateTime> parse_rfc3339(std::string_view text);

// How a C++ type is a scalar: `write` appends JSON, `read` takes what clients wrote (a value of a
// document or of JSON). Specialize it for types of your own, with errors worded for clients. The
// writes of small values are inline: a response has thousands of them.
template <typename T>
struct ScalarTraits;

template <>
struct ScalarTraits<std::string> {
  static Status write(const std::string& value, TextBuffer& out) {
    append_json_string(out, value);
    return {};
  }
  static Result<std::string> read(const Value& value);
};
template <>
struct ScalarTraits<int32_t> {
  static Status write(int32_t value, TextBuffer& out) {
    append_json_integer(out, value);
    return {};
  }
  static Result<int32_t> read(const Value& value);
};
// `scalar Long`: a JSON number; input is a number or a string of digits, within 64 bits.
template <>
struct ScalarTraits<int64_t> {
  static Status write(int64_t value, TextBuffer& out) {
    append_json_integer(out, value);
    return {};
  }
  static Result<int64_t> read(const Value& value);
};
template <>
struct ScalarTraits<double> {
  // Errors: what is not finite has no JSON.
  static Status write(double value, TextBuffer& out) {
    if (!std::isfinite(value)) return no_number();
    append_json_number(out, value);
    return {};
  }
  static Result<double> read(const Value& value);

 private:
  static Error no_number();
};
template <>
struct ScalarTraits<bool> {
  static Status write(bool value, TextBuffer& out) {
    out += value ? std::string_view("true") : std::string_view("false");
    return {};
  }
  static Result<bool> read(const Value& value);
};
template <>
struct ScalarTraits<RawJson> {
  static Status write(const RawJson& value, TextBuffer& out) {
    out += value.text;
    return {};
  }
  static Result<RawJson> read(const Value& value);
};
template <>
struct ScalarTraits<DateTime> {
  static Status write(DateTime value, TextBuffer& out) {
    out += '"';
    append_rfc3339(out, value);
    out += '"';
    return {};
  }
  static Result<DateTime> read(const Value& value);
};

}  // namespace firn::graphql
