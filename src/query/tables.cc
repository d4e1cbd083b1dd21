#include "query/tables.h"

#include <unistd.h>

#include <charconv>
#include <chrono>

#include "catalog/catalog.h"

namespace firn::query {
namespace {

// Reads as many digits as are wanted, all of them digits.
bool digits(std::string_view& text, size_t count, int64_t& value) {
  if (text.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// RFC 3339, where the time, its seconds and the offset (UTC) may be missing.
std::optional<int64_t> parse_timestamp_us(std::string_view text) {
  int64_t year, month, day, hour = 0, minute = 0, second = 0, micros = 0, offset_minutes = 0;
  if (!digits(text, 4, year) || !skip(text, "-") || !digits(text, 2, month) || !skip(text, "-") ||
      !digits(text, 2, day)) {
    return std::nullopt;
  }
  if (skip(text, "Tt ")) {
    if (!digits(text, 2, hour) || !skip(text, ":") || !digits(text, 2, minute)) return std::nullopt;
    if (skip(text, ":") && !digits(text, 2, second)) return std::nullopt;
    if (skip(text, ".")) {
      int64_t scale = 100'000, digit = 0;
      if (text.empty()) return std::nullopt;
      for (; digits(text, 1, digit); scale /= 10) micros += digit * scale;
    }
    const bool negative = !text.empty() && text.front() == '-';
    if (skip(text, "+-")) {
      int64_t hours = 0, minutes = 0;
      if (!digits(text, 2, hours)) return std::nullopt;
      skip(text, ":");
      if (!text.empty() && !digits(text, 2, minutes)) return std::nullopt;
      offset_minutes = (hours * 60 + minutes) * (negative ? -1 : 1);
    } else {
      skip(text, "Zz");
    }
  }
  if (!text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
  return seconds * 1'000'000 + micros;
}

}  // namespace

bool TableVersion::is_staged() const {
  return kind == Kind::kRef && ref.starts_with(catalog::kStagedPrefix);
}

std::string sql_name(const std::string& catalog, const std::string& schema,
                     const std::string& table) {
  std::string text;
  for (const auto& part : {catalog, schema, table}) {
    if (!text.empty()) text += '.';
    text += '"';
    for (const char c : part) {
      if (c == '"') text += '"';
      text += c;
    }
    text += '"';
  }
  return text;
}

TableVersion parse_table_version(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) {
    return {TableVersion::Kind::kSnapshot, number, {}};
  }
  if (const auto micros = parse_timestamp_us(text)) {
    return {TableVersion::Kind::kTimestamp, *micros, {}};
  }
  return {TableVersion::Kind::kRef, 0, std::string(text)};
}

HotFile::~HotFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace firn::query
