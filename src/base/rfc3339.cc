#include "base/rfc3339.h"

#include <array>
#include <cstring>

#include <fmt/format.h>

namespace firn {
namespace {

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back.
int64_t days_of(int64_t year, int64_t month, int64_t day) {
  if (month <= 2) --year;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

struct Date {
  int64_t year;
  int64_t month;
  int64_t day;
};

Date date_of(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<uint32_t>(days - era * 146097);
  const uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t shifted = (5 * day_of_year + 2) / 153;
  const uint32_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

int64_t days_in_month(int64_t year, int64_t month) {
  return days_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) -
         days_of(year, month, 1);
}

// Reads fixed-width digits and marks; ok() tells whether all fitted.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  int64_t digits(size_t count) {
    int64_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const char c = next();
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
    }
    return value;
  }
  void mark(char wanted, char other) {
    const char c = next();
    if (c != wanted && c != other) ok_ = false;
  }
  char next() { return at_ < text_.size() ? text_[at_++] : (ok_ = false, '\0'); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_end() const { return at_ == text_.size(); }
  bool ok() const { return ok_; }

 private:
  std::string_view text_;
  size_t at_ = 0;
  bool ok_ = true;
};

constexpr int64_t kMicros = 1'000'000;

constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// Two digits of a value below 100.
char* write_pair(char* to, uint32_t value) {
  std::memcpy(to, &kPairs[2 * size_t{value}], 2);
  return to + 2;
}

// The mark, then two digits.
char* write_part(char* to, char mark, uint32_t value) {
  *to = mark;
  return write_pair(to + 1, value);
}

}  // namespace

// By hand: it is on the way of every answer with times.
size_t write_rfc3339(char* to, int64_t us, TimeDigits digits) {
  const char* begin = to;
  int64_t seconds = us / kMicros;
  int64_t micros = us % kMicros;
  if (micros < 0) {
    micros += kMicros;
    --seconds;
  }
  int64_t days = seconds / 86400;
  int64_t second = seconds % 86400;
  if (second < 0) {
    second += 86400;
    --days;
  }
  const Date date = date_of(days);
  if (date.year < 0 || date.year > 9999) {
    to = fmt::format_to(to, "{:04}", date.year);  // at most six digits and a sign
  } else {
    const auto year = static_cast<uint32_t>(date.year);
    to = write_pair(write_pair(to, year / 100), year % 100);
  }
  const auto of_day = static_cast<uint32_t>(second);
  const auto fraction = static_cast<uint32_t>(micros);
  to = write_part(to, '-', static_cast<uint32_t>(date.month));
  to = write_part(to, '-', static_cast<uint32_t>(date.day));
  to = write_part(to, 'T', of_day / 3600);
  to = write_part(to, ':', of_day / 60 % 60);
  to = write_part(to, ':', of_day % 60);
  to = write_part(to, '.', fraction / 10'000);
  if (digits == TimeDigits::kMicros) {
    to = write_pair(write_pair(to, fraction / 100 % 100), fraction % 100);
  } else {
    *to++ = static_cast<char>('0' + fraction / 1000 % 10);
  }
  *to++ = 'Z';
  return static_cast<size_t>(to - begin);
}

void append_rfc3339(std::string& out, int64_t us, TimeDigits digits) {
  char text[kRfc3339BytesMax];
  out.append(text, write_rfc3339(text, us, digits));
}

Result<int64_t> parse_rfc3339_us(std::string_view text) {
  const Error failed(ErrorCode::kInvalidArgument,
                     "DateTime has to be like 2026-01-31T12:00:00.000Z (RFC 3339)");
  if (text.size() > 64) return failed;
  Reader reader(text);
  const int64_t year = reader.digits(4);
  reader.mark('-', '-');
  const int64_t month = reader.digits(2);
  reader.mark('-', '-');
  const int64_t day = reader.digits(2);
  reader.mark('T', 't');
  const int64_t hour = reader.digits(2);
  reader.mark(':', ':');
  const int64_t minute = reader.digits(2);
  reader.mark(':', ':');
  const int64_t second = reader.digits(2);
  int64_t micros = 0;
  if (reader.ok() && reader.peek() == '.') {
    reader.next();
    int64_t scale = kMicros / 10;
    if (reader.peek() < '0' || reader.peek() > '9') return failed;
    while (reader.peek() >= '0' && reader.peek() <= '9') {
      micros += (reader.next() - '0') * scale;
      scale /= 10;
    }
  }
  int64_t offset = 0;
  const char zone = reader.next();
  if (zone == '+' || zone == '-') {
    const int64_t hours = reader.digits(2);
    reader.mark(':', ':');
    const int64_t minutes = reader.digits(2);
    if (hours > 23 || minutes > 59) return failed;
    offset = (hours * 60 + minutes) * (zone == '+' ? 60 : -60);
  } else if (zone != 'Z' && zone != 'z') {
    return failed;
  }
  if (!reader.ok() || !reader.at_end() || month < 1 || month > 12 || day < 1 ||
      day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60) {
    return failed;
  }
  const int64_t seconds =
      days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
  return seconds * kMicros + micros;
}

}  // namespace firn
