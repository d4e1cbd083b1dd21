#include "iceberg/partition.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/bytes.h"
#include "base/ids.h"
#include "iceberg/calendar.h"
#include "iceberg/hash.h"

namespace firn::iceberg {
namespace {

constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kMicrosPerHour = 3'600'000'000;

bool is_timestamp(TypeId id) {
  return id == TypeId::kTimestamp || id == TypeId::kTimestampTz || id == TypeId::kTimestampNs ||
         id == TypeId::kTimestampTzNs;
}

bool is_nanos(TypeId id) { return id == TypeId::kTimestampNs || id == TypeId::kTimestampTzNs; }

template <typename T>
T floored(T value, T width) {
  const T remainder = value % width;
  return remainder < 0 ? value - remainder - width : value - remainder;
}

int64_t floor_divide(int64_t value, int64_t by) {
  const int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

std::string_view first_code_points(std::string_view text, size_t count) {
  size_t at = 0;
  while (at < text.size()) {
    // A continuation byte belongs to the character before it.
    if ((static_cast<uint8_t>(text[at]) & 0xc0) != 0x80 && count-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

int32_t bucket_hash(const Type& source, const Value& value) {
  if (const auto* narrow = std::get_if<int32_t>(&value)) return hash_long(*narrow);
  if (const auto* wide = std::get_if<int64_t>(&value)) {
    return hash_long(is_nanos(source.id) ? floor_divide(*wide, 1000) : *wide);
  }
  return murmur3_32(serialize_value(source, value));
}

Value truncate_value(const Type& source, const Value& value, int32_t width) {
  if (const auto* narrow = std::get_if<int32_t>(&value)) {
    // Near the minimum the result wraps, as it does in the reference implementation.
    return static_cast<int32_t>(floored<int64_t>(*narrow, width));
  }
  if (const auto* wide = std::get_if<int64_t>(&value)) {
    return static_cast<int64_t>(floored<Int128>(*wide, width));
  }
  if (const auto* decimal_value = std::get_if<DecimalValue>(&value)) {
    return DecimalValue{floored<Int128>(decimal_value->unscaled, width)};
  }
  const std::string& text = std::get<std::string>(value);
  if (source.id == TypeId::kString) {
    return std::string(first_code_points(text, static_cast<size_t>(width)));
  }
  return text.substr(0, static_cast<size_t>(width));
}

Value time_part(const Type& source, const Value& value, TransformKind kind) {
  int64_t days = 0;
  int64_t micros = 0;
  if (source.id == TypeId::kDate) {
    days = std::get<int32_t>(value);
  } else {
    micros = std::get<int64_t>(value);
    if (is_nanos(source.id)) micros = floor_divide(micros, 1000);
    days = floor_divide(micros, kMicrosPerDay);
  }
  switch (kind) {
    case TransformKind::kDay: return static_cast<int32_t>(days);
    case TransformKind::kHour: return static_cast<int32_t>(floor_divide(micros, kMicrosPerHour));
    default: break;
  }
  const CivilDate date = civil_from_days(days);
  if (kind == TransformKind::kYear) return static_cast<int32_t>(date.year - 1970);
  return static_cast<int32_t>((date.year - 1970) * 12 + date.month - 1);
}

// What a folder may be called: paths with '%', '?' or '#' in them break readers, so anything but
// plain characters becomes '_'. Two values may share a folder; file names are unique by themselves.
std::string folder_safe(std::string_view text) {
  constexpr size_t kPartBytesMax = 100;
  std::string safe;
  for (const char c : text.substr(0, kPartBytesMax)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    safe += plain ? c : '_';
  }
  return safe;
}

std::string two_digits(int64_t value) {
  return value < 10 ? "0" + std::to_string(value) : std::to_string(value);
}

std::string decimal_text(Int128 unscaled, int32_t scale) {
  const bool negative = unscaled < 0;
  unsigned __int128 magnitude = negative ? -static_cast<unsigned __int128>(unscaled)
                                         : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  if (scale > 0) {
    const auto places = static_cast<size_t>(scale);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
  }
  return (negative ? "-" : "") + digits;
}

std::string value_text(const Type& type, const Value& value) {
  switch (value.index()) {
    case 0: return "null";
    case 1: return std::get<bool>(value) ? "true" : "false";
    case 2:
      if (type.id == TypeId::kDate) return date_text(std::get<int32_t>(value));
      return std::to_string(std::get<int32_t>(value));
    case 3:
      if (is_timestamp(type.id)) {
        const int64_t micros = is_nanos(type.id) ? floor_divide(std::get<int64_t>(value), 1000)
                                                 : std::get<int64_t>(value);
        const int64_t days = floor_divide(micros, kMicrosPerDay);
        const int64_t second = (micros - days * kMicrosPerDay) / 1'000'000;
        return date_text(days) + "T" + two_digits(second / 3600) + "-" +
               two_digits(second / 60 % 60) + "-" + two_digits(second % 60);
      }
      return std::to_string(std::get<int64_t>(value));
    case 4: return std::to_string(std::get<float>(value));
    case 5: return std::to_string(std::get<double>(value));
    case 6: return decimal_text(std::get<DecimalValue>(value).unscaled, type.scale);
    default: break;
  }
  const std::string& text = std::get<std::string>(value);
  if (type.id == TypeId::kUuid && text.size() == 16) {
    Uuid uuid;
    std::copy(text.begin(), text.end(), uuid.bytes.begin());
    return uuid.to_string();
  }
  return type.id == TypeId::kString ? text : to_hex(as_bytes(text));
}

std::string partition_text(const Transform& transform, const Type& type, const Value& value) {
  if (const auto* part = std::get_if<int32_t>(&value)) {
    switch (transform.kind) {
      case TransformKind::kYear: return std::to_string(1970 + int64_t{*part});
      case TransformKind::kMonth: {
        const int64_t year = floor_divide(*part, 12);
        return std::to_string(1970 + year) + "-" + two_digits(*part - year * 12 + 1);
      }
      case TransformKind::kDay: return date_text(*part);
      case TransformKind::kHour: {
        const int64_t day = floor_divide(*part, 24);
        return date_text(day) + "-" + two_digits(*part - day * 24);
      }
      default: break;
    }
  }
  return value_text(type, value);
}

}  // namespace

CivilDate civil_from_days(int64_t days) {
  // Years are counted from March, so that the leap day is the last one of a year.
  const int64_t shifted = days + 719'468;
  const int64_t era = floor_divide(shifted, 146'097);
  const int64_t day_of_era = shifted - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  const int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), static_cast<int>(month),
          static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1)};
}

std::string date_text(int64_t days) {
  const CivilDate date = civil_from_days(days);
  std::string year = std::to_string(date.year);
  if (date.year >= 0 && year.size() < 4) year.insert(0, 4 - year.size(), '0');
  return year + "-" + two_digits(date.month) + "-" + two_digits(date.day);
}

std::string Transform::to_string() const {
  switch (kind) {
    case TransformKind::kIdentity: return "identity";
    case TransformKind::kBucket: return "bucket[" + std::to_string(parameter) + "]";
    case TransformKind::kTruncate: return "truncate[" + std::to_string(parameter) + "]";
    case TransformKind::kYear: return "year";
    case TransformKind::kMonth: return "month";
    case TransformKind::kDay: return "day";
    case TransformKind::kHour: return "hour";
    case TransformKind::kVoid: return "void";
    case TransformKind::kUnknown: break;
  }
  return unknown_name;
}

Result<Transform> Transform::parse(std::string_view text) {
  constexpr std::pair<std::string_view, TransformKind> kPlain[] = {
      {"identity", TransformKind::kIdentity}, {"year", TransformKind::kYear},
      {"month", TransformKind::kMonth},       {"day", TransformKind::kDay},
      {"hour", TransformKind::kHour},         {"void", TransformKind::kVoid}};
  for (const auto& [name, kind] : kPlain) {
    if (name == text) return Transform{kind, 0, {}};
  }
  constexpr std::pair<std::string_view, TransformKind> kWithParameter[] = {
      {"bucket[", TransformKind::kBucket}, {"truncate[", TransformKind::kTruncate}};
  for (const auto& [prefix, kind] : kWithParameter) {
    if (!text.starts_with(prefix) || !text.ends_with("]")) continue;
    const std::string_view number = text.substr(prefix.size(), text.size() - prefix.size() - 1);
    int32_t parameter = 0;
    const auto [end, code] =
        std::from_chars(number.data(), number.data() + number.size(), parameter);
    if (code == std::errc() && end == number.data() + number.size() && parameter > 0) {
      return Transform{kind, parameter, {}};
    }
    return Error(ErrorCode::kInvalidData,
                 "the transform '" + std::string(text.substr(0, 64)) + "' has no valid parameter");
  }
  if (text.empty() || text.size() > 256) {
    return Error(ErrorCode::kInvalidData, "a partition transform has no name");
  }
  return Transform{TransformKind::kUnknown, 0, std::string(text)};
}

bool Transform::accepts(const Type& source) const {
  const TypeId id = source.id;
  const bool is_variable = id == TypeId::kString || id == TypeId::kBinary || id == TypeId::kDecimal;
  switch (kind) {
    case TransformKind::kIdentity:
      return !source.is_nested() && id != TypeId::kVariant && id != TypeId::kUnknown;
    case TransformKind::kBucket:
      return id == TypeId::kInt || id == TypeId::kLong || id == TypeId::kDate ||
             id == TypeId::kTime || is_timestamp(id) || is_variable || id == TypeId::kUuid ||
             id == TypeId::kFixed;
    case TransformKind::kTruncate: return id == TypeId::kInt || id == TypeId::kLong || is_variable;
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay: return id == TypeId::kDate || is_timestamp(id);
    case TransformKind::kHour: return is_timestamp(id);
    case TransformKind::kVoid: return true;
    case TransformKind::kUnknown: return false;
  }
  return false;
}

TypePtr Transform::result_type(const TypePtr& source) const {
  switch (kind) {
    case TransformKind::kBucket:
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kHour: return primitive(TypeId::kInt);
    case TransformKind::kDay: return primitive(TypeId::kDate);
    case TransformKind::kUnknown: return primitive(TypeId::kString);
    default: return source;
  }
}

Value Transform::apply(const Type& source, const Value& value) const {
  if (value.index() == 0) return value;
  switch (kind) {
    case TransformKind::kIdentity: return value;
    case TransformKind::kBucket:
      return (bucket_hash(source, value) & std::numeric_limits<int32_t>::max()) % parameter;
    case TransformKind::kTruncate: return truncate_value(source, value, parameter);
    case TransformKind::kYear:
    case TransformKind::kMonth:
    case TransformKind::kDay:
    case TransformKind::kHour: return time_part(source, value, kind);
    case TransformKind::kVoid:
    case TransformKind::kUnknown: break;
  }
  return Value();
}

TypePtr partition_type(const PartitionSpec& spec, const Schema& schema) {
  std::vector<Field> fields;
  for (const PartitionField& field : spec.fields) {
    const Field* source = schema.find(field.source_id);
    const TypePtr type =
        source != nullptr ? field.transform.result_type(source->type) : primitive(TypeId::kUnknown);
    fields.push_back(Field{field.field_id, field.name, type, false});
  }
  return struct_of(std::move(fields));
}

std::string partition_path(const PartitionSpec& spec, const Schema& schema,
                           const std::vector<Value>& values) {
  const TypePtr type = partition_type(spec, schema);
  std::string path;
  for (size_t i = 0; i < spec.fields.size() && i < values.size(); ++i) {
    if (i > 0) path += '/';
    path += folder_safe(spec.fields[i].name) + "=" +
            folder_safe(partition_text(spec.fields[i].transform, *type->fields[i].type, values[i]));
  }
  return path;
}

}  // namespace firn::iceberg
