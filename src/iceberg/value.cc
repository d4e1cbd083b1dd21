#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "iceberg/types.h"

namespace firn::iceberg {
namespace {

// Two's complement, big-endian, as few bytes as hold the sign.
std::string minimal_big_endian(Int128 value) {
  std::string bytes;
  for (int shift = 120; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<uint8_t>(value >> shift)));
  }
  size_t first = 0;
  while (first + 1 < bytes.size()) {
    const auto here = static_cast<uint8_t>(bytes[first]);
    const auto next = static_cast<uint8_t>(bytes[first + 1]);
    const bool redundant =
        (here == 0x00 && (next & 0x80) == 0) || (here == 0xff && (next & 0x80) != 0);
    if (!redundant) break;
    ++first;
  }
  return bytes.substr(first);
}

template <typename T>
std::string little_endian(T value) {
  std::string bytes;
  append_le(bytes, value);
  return bytes;
}

int sign(int value) { return value < 0 ? -1 : value > 0 ? 1 : 0; }

template <typename T>
int compare(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

template <typename T>
int compare_floating(T a, T b) {
  const bool a_nan = std::isnan(a);
  const bool b_nan = std::isnan(b);
  if (a_nan || b_nan) return compare(static_cast<int>(a_nan), static_cast<int>(b_nan));
  return compare(a, b);
}

Error wrong_length(const Type& type, size_t bytes) {
  return Error(ErrorCode::kInvalidData,
               "a value of type " + type_name(type) + " has " + std::to_string(bytes) + " bytes");
}

}  // namespace

std::string serialize_value(const Type& type, const Value& value) {
  switch (value.index()) {
    case 0: return {};
    case 1: return std::string(1, std::get<bool>(value) ? '\1' : '\0');
    case 2:
      // A long column may be given an int, after a promotion.
      if (type.id == TypeId::kLong) return little_endian(int64_t{std::get<int32_t>(value)});
      return little_endian(std::get<int32_t>(value));
    case 3: return little_endian(std::get<int64_t>(value));
    case 4: return little_endian(std::get<float>(value));
    case 5: return little_endian(std::get<double>(value));
    case 6: return minimal_big_endian(std::get<DecimalValue>(value).unscaled);
    default: return std::get<std::string>(value);
  }
}

Result<Value> deserialize_value(const Type& type, std::string_view bytes) {
  switch (type.id) {
    case TypeId::kBoolean:
      if (bytes.size() != 1) return wrong_length(type, bytes.size());
      return Value(bytes[0] != 0);
    case TypeId::kInt:
    case TypeId::kDate:
      if (bytes.size() != 4) return wrong_length(type, bytes.size());
      return Value(load_le<int32_t>(bytes.data()));
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
      // Written before the column was promoted from int.
      if (bytes.size() == 4) return Value(int64_t{load_le<int32_t>(bytes.data())});
      if (bytes.size() != 8) return wrong_length(type, bytes.size());
      return Value(load_le<int64_t>(bytes.data()));
    case TypeId::kFloat:
      if (bytes.size() != 4) return wrong_length(type, bytes.size());
      return Value(load_le<float>(bytes.data()));
    case TypeId::kDouble:
      if (bytes.size() == 4) return Value(double{load_le<float>(bytes.data())});
      if (bytes.size() != 8) return wrong_length(type, bytes.size());
      return Value(load_le<double>(bytes.data()));
    case TypeId::kDecimal: {
      if (bytes.empty() || bytes.size() > 16) return wrong_length(type, bytes.size());
      unsigned __int128 unscaled = (bytes[0] & 0x80) != 0 ? ~static_cast<unsigned __int128>(0) : 0;
      for (const char byte : bytes) unscaled = unscaled << 8 | static_cast<uint8_t>(byte);
      return Value(DecimalValue{static_cast<Int128>(unscaled)});
    }
    case TypeId::kUuid:
      if (bytes.size() != 16) return wrong_length(type, bytes.size());
      return Value(std::string(bytes));
    // Bounds of fixed values may be cut short.
    case TypeId::kFixed:
    case TypeId::kString:
    case TypeId::kBinary: return Value(std::string(bytes));
    default:
      return Error(ErrorCode::kInvalidData, "type " + type_name(type) + " has no single values");
  }
}

int compare_values(const Type& type, const Value& a, const Value& b) {
  if (a.index() != b.index()) {
    // An int beside a long, a float beside a double: values of before and after a promotion.
    const auto integer = [](const Value& value) -> int64_t {
      if (const auto* narrow = std::get_if<int32_t>(&value)) return *narrow;
      return std::get<int64_t>(value);
    };
    if (type.id == TypeId::kDouble || type.id == TypeId::kFloat) {
      const auto floating = [](const Value& value) -> double {
        if (const auto* narrow = std::get_if<float>(&value)) return *narrow;
        return std::get<double>(value);
      };
      return compare_floating(floating(a), floating(b));
    }
    return compare(integer(a), integer(b));
  }
  switch (a.index()) {
    case 0: return 0;
    case 1: return compare(std::get<bool>(a), std::get<bool>(b));
    case 2: return compare(std::get<int32_t>(a), std::get<int32_t>(b));
    case 3: return compare(std::get<int64_t>(a), std::get<int64_t>(b));
    case 4: return compare_floating(std::get<float>(a), std::get<float>(b));
    case 5: return compare_floating(std::get<double>(a), std::get<double>(b));
    case 6: return compare(std::get<DecimalValue>(a).unscaled, std::get<DecimalValue>(b).unscaled);
    default: break;
  }
  // Bytes as unsigned; for UTF-8 that is the order of code points.
  const std::string& left = std::get<std::string>(a);
  const std::string& right = std::get<std::string>(b);
  const int prefix = std::memcmp(left.data(), right.data(), std::min(left.size(), right.size()));
  if (prefix != 0) return sign(prefix);
  return compare(left.size(), right.size());
}

}  // namespace firn::iceberg
