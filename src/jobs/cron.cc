#include "jobs/cron.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <vector>

#include <fmt/format.h>

namespace firn::jobs {
namespace {

constexpr size_t kExpressionBytesMax = 256;

struct FieldShape {
  std::string_view name;
  int min;
  int max;
  std::array<std::string_view, 12> words;  // for min and what follows
};

constexpr std::array<FieldShape, 5> kShapes = {{
    {"minute", 0, 59, {}},
    {"hour", 0, 23, {}},
    {"day of month", 1, 31, {}},
    {"month",
     1,
     12,
     {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
    {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}};

Error wrong(const FieldShape& shape, std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("'{}' is no {} of a schedule: {} to {}, lists, ranges, steps", text,
                      shape.name, shape.min, shape.max)};
}

Error too_far(const FieldShape& shape, std::string_view text) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("'{}' steps beyond the {} of a schedule: by 1 to {}", text, shape.name,
                      shape.max - shape.min + 1)};
}

Result<int> parse_value(const FieldShape& shape, std::string_view text) {
  for (size_t i = 0; i < shape.words.size(); ++i) {
    if (!shape.words[i].empty() && text == shape.words[i]) return shape.min + static_cast<int>(i);
  }
  int value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value < shape.min || value > shape.max) {
    return wrong(shape, text);
  }
  return value;
}

// "*", "5", "1-5", each with "/2" or without.
Status parse_part(const FieldShape& shape, std::string_view part, std::bitset<64>& into) {
  int step = 1;
  const size_t slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  if (slash != std::string_view::npos) {
    const std::string_view text = part.substr(slash + 1);
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, step);
    if (read.ec != std::errc() || read.ptr != end || step < 1) return wrong(shape, part);
    if (step > shape.max - shape.min + 1) return too_far(shape, part);
  }
  int low = shape.min;
  int high = shape.max;
  if (range != "*") {
    const size_t dash = range.find('-');
    low = TRY(parse_value(shape, range.substr(0, dash)));
    if (dash != std::string_view::npos) {
      high = TRY(parse_value(shape, range.substr(dash + 1)));
    } else if (slash == std::string_view::npos) {
      high = low;
    }
    if (high < low) return wrong(shape, part);
  }
  for (int value = low; value <= high; value += step) into.set(static_cast<size_t>(value));
  return {};
}

Result<std::bitset<64>> parse_field(const FieldShape& shape, std::string_view text) {
  std::bitset<64> set;
  while (true) {
    const size_t comma = text.find(',');
    TRY(parse_part(shape, text.substr(0, comma), set));
    if (comma == std::string_view::npos) return set;
    text.remove_prefix(comma + 1);
  }
}

std::string_view spelled_out(std::string_view expression) {
  if (expression == "@hourly") return "0 * * * *";
  if (expression == "@daily" || expression == "@midnight") return "0 0 * * *";
  if (expression == "@weekly") return "0 0 * * 0";
  if (expression == "@monthly") return "0 0 1 * *";
  if (expression == "@yearly" || expression == "@annually") return "0 0 1 1 *";
  return expression;
}

// The time zone database is the library's; it throws for what it does not know.
Result<const date::time_zone*> find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception& failure) {
    return Error(ErrorCode::kInvalidArgument, "there is no time zone " + name, failure.what());
  }
}

template <size_t N>
std::bitset<N> narrow(const std::bitset<64>& wide) {
  std::bitset<N> set;
  for (size_t i = 0; i < N; ++i) set[i] = wide[i];
  return set;
}

}  // namespace

Result<Cron> Cron::parse(std::string_view expression, std::string_view zone) {
  if (expression.size() > kExpressionBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "a schedule has at most 256 characters");
  }
  std::string lower(spelled_out(expression));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::vector<std::string_view> texts;
  for (std::string_view rest = lower; texts.size() <= kShapes.size();) {
    const size_t begin = rest.find_first_not_of(" \t");
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(rest.find_first_of(" \t", begin), rest.size());
    texts.push_back(rest.substr(begin, end - begin));
    rest.remove_prefix(end);
  }
  if (texts.size() != kShapes.size()) {
    return Error(ErrorCode::kInvalidArgument,
                 "a schedule has five fields: minute, hour, day of month, month, day of week");
  }
  std::array<std::bitset<64>, 5> sets;
  for (size_t i = 0; i < kShapes.size(); ++i) sets[i] = TRY(parse_field(kShapes[i], texts[i]));
  if (sets[4][7]) sets[4].set(0);  // Sunday has two numbers
  Cron cron;
  cron.minutes_ = narrow<60>(sets[0]);
  cron.hours_ = narrow<24>(sets[1]);
  cron.days_ = narrow<32>(sets[2]);
  cron.months_ = narrow<13>(sets[3]);
  cron.weekdays_ = narrow<7>(sets[4]);
  cron.any_day_ = texts[2].starts_with('*');
  cron.any_weekday_ = texts[4].starts_with('*');
  cron.zone_ = zone.empty() ? "UTC" : std::string(zone);
  TRY(find_zone(cron.zone_));
  return cron;
}

Result<int64_t> Cron::next_after(int64_t us) const {
  using std::chrono::minutes;
  using std::chrono::seconds;
  constexpr int kDaysMax = 8 * 366;  // 29 February of a leap year, over a century
  const date::time_zone* zone = TRY(find_zone(zone_));
  const date::sys_seconds after(seconds(us / 1'000'000));
  // Local days from that of `after` on; on each, the minutes that fit, in order.
  const auto local_start = zone->to_local(after);
  auto day = date::floor<date::days>(local_start);
  for (int tried = 0; tried < kDaysMax; ++tried, day += date::days(1)) {
    const date::year_month_day ymd(day);
    if (!months_[static_cast<unsigned>(ymd.month())]) continue;
    const bool day_fits = days_[static_cast<unsigned>(ymd.day())];
    const bool weekday_fits = weekdays_[date::weekday(day).c_encoding()];
    // As cron(5) says: where both are restricted, either will do.
    const bool fits =
        any_day_ || any_weekday_ ? day_fits && weekday_fits : day_fits || weekday_fits;
    if (!fits) continue;
    for (unsigned minute = 0; minute < 24 * 60; ++minute) {
      if (!hours_[minute / 60] || !minutes_[minute % 60]) continue;
      const auto local = date::local_seconds(day.time_since_epoch()) + minutes(minute);
      const auto info = zone->get_info(local);
      // In a gap: when the clock goes on. Shown twice: the first time.
      const date::sys_seconds at =
          info.result == date::local_info::nonexistent
              ? info.first.end
              : date::sys_seconds(local.time_since_epoch()) - info.first.offset;
      if (at > after) {
        return std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count();
      }
    }
  }
  return Error(ErrorCode::kInvalidArgument, "this schedule never comes");
}

}  // namespace firn::jobs
