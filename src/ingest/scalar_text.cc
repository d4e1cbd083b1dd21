#include "ingest/scalar_text.h"

#include <charconv>

namespace firn::ingest {
namespace {

constexpr int64_t kUsPerSecond = 1'000'000;

bool digit(char c) { return c >= '0' && c <= '9'; }

// `width` digits at `at`, or -1.
int digits(std::string_view text, size_t at, size_t width) {
  if (at + width > text.size()) return -1;
  int value = 0;
  for (size_t i = at; i < at + width; ++i) {
    if (!digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Proleptic Gregorian calendar; days since 1970-01-01.
int32_t days_from_civil(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

// Digits after a point at `at`: microseconds; moves `at` behind them. -1: no digit there.
int64_t fraction_us(std::string_view text, size_t& at) {
  int64_t us = 0;
  int64_t unit = kUsPerSecond / 10;
  const size_t start = at;
  for (; at < text.size() && digit(text[at]); ++at) {
    us += (text[at] - '0') * unit;
    unit /= 10;
  }
  return at == start ? -1 : us;
}

}  // namespace

std::optional<int32_t> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits(text, 0, 4);
  const int month = digits(text, 5, 2);
  const int day = digits(text, 8, 2);
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (day > kDays[month - 1] + (month == 2 && leap ? 1 : 0)) return std::nullopt;
  return days_from_civil(year, month, day);
}

std::optional<int64_t> parse_time(std::string_view text) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const int hour = digits(text, 0, 2);
  const int minute = digits(text, 3, 2);
  const int second = digits(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return std::nullopt;
  }
  int64_t us = 0;
  size_t at = 8;
  if (at < text.size()) {
    if (text[at++] != '.') return std::nullopt;
    us = fraction_us(text, at);
    if (us < 0 || at != text.size()) return std::nullopt;
  }
  return ((hour * 60 + minute) * 60LL + second) * kUsPerSecond + us;
}

std::optional<ParsedTimestamp> parse_timestamp(std::string_view text) {
  if (text.size() < 19 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  const auto days = parse_date(text.substr(0, 10));
  if (!days) return std::nullopt;
  size_t end = 19;
  while (end < text.size() && (text[end] == '.' || digit(text[end]))) ++end;
  std::string_view clock = text.substr(11, end - 11);
  const auto time = parse_time(clock);
  if (!time) return std::nullopt;
  ParsedTimestamp parsed;
  parsed.us = int64_t{*days} * 86'400 * kUsPerSecond + *time;
  const std::string_view zone = text.substr(end);
  if (zone.empty()) return parsed;
  parsed.has_offset = true;
  if (zone == "Z" || zone == "z") return parsed;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const int hours = digits(zone, 1, 2);
  const int minutes = digits(zone, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const int64_t offset_us = (hours * 60 + minutes) * 60LL * kUsPerSecond;
  parsed.us += zone[0] == '+' ? -offset_us : offset_us;
  return parsed;
}

std::optional<iceberg::Int128> parse_decimal(std::string_view text, int32_t scale,
                                             int32_t* integer_digits) {
  constexpr int kDigitsMax = 38;
  bool negative = false;
  size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';
  iceberg::Int128 value = 0;
  int significant = 0;
  int after_point = 0;
  bool point = false;
  bool any = false;
  for (; at < text.size() && (digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (value != 0 || text[at] != '0') ++significant;
    if (significant > kDigitsMax) return std::nullopt;
    value = value * 10 + (text[at] - '0');
    if (point) ++after_point;
  }
  if (!any) return std::nullopt;
  int exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const char* first = text.data() + at + 1;
    const char* last = text.data() + text.size();
    if (first < last && *first == '+') ++first;
    const auto [end, code] = std::from_chars(first, last, exponent);
    if (code != std::errc() || end != last || exponent > 100 || exponent < -100)
      return std::nullopt;
    at = text.size();
  }
  if (at != text.size()) return std::nullopt;
  int shift = scale - after_point + exponent;
  for (; shift > 0 && value != 0; --shift) {
    if (++significant > kDigitsMax) return std::nullopt;
    value *= 10;
  }
  for (; shift < 0 && value != 0; ++shift) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
    --significant;
  }
  if (integer_digits != nullptr) *integer_digits = std::max(0, significant - scale);
  return negative ? -value : value;
}

}  // namespace firn::ingest
