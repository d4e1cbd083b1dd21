#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
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
// document or of JSON). Specialize it for types of your own, with errors worded for clients.
template <typename T>
struct ScalarTraits;

template <>
struct ScalarTraits<std::string> {
  static Status write(const std::string& value, TextBuffer& out);
  static Result<std::string> read(const Value& value);
};
template <>
struct ScalarTraits<int32_t> {
  static Status write(int32_t value, TextBuffer& out);
  static Result<int32_t> read(const Value& value);
};
// `scalar Long`: a JSON number; input is a number or a string of digits, within 64 bits.
template <>
struct ScalarTraits<int64_t> {
  static Status write(int64_t value, TextBuffer& out);
  static Result<int64_t> read(const Value& value);
};
template <>
struct ScalarTraits<double> {
  // Errors: what is not finite has no JSON.
  static Status write(double value, TextBuffer& out);
  static Result<double> read(const Value& value);
};
template <>
struct ScalarTraits<bool> {
  static Status write(bool value, TextBuffer& out);
  static Result<bool> read(const Value& value);
};
template <>
struct ScalarTraits<RawJson> {
  static Status write(const RawJson& value, TextBuffer& out);
  static Result<RawJson> read(const Value& value);
};
template <>
struct ScalarTraits<DateTime> {
  static Status write(DateTime value, TextBuffer& out);
  static Result<DateTime> read(const Value& value);
};

}  // namespace firn::graphql
