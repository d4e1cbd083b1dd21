#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn::jobs {

// When something happens again and again: five fields (minute, hour, day of month, month, day of
// week) of numbers, names (jan, mon), lists, ranges and steps, as cron(5) has them; or @hourly,
// @daily, @weekly, @monthly, @yearly. Where both days are given, either will do. In a time zone of
// IANA's, or UTC. Immutable.
class Cron {
 public:
  // Errors: InvalidArgument, naming the field.
  static Result<Cron> parse(std::string_view expression, std::string_view zone);

  // The first time after `us` (microseconds since 1970), on a whole minute. What a clock that is
  // put forward leaves out happens when it goes on; what it shows twice happens once. Errors:
  // InvalidArgument where there is none within eight years (30 February).
  Result<int64_t> next_after(int64_t us) const;

 private:
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;     // 1 to 31
  std::bitset<13> months_;   // 1 to 12
  std::bitset<7> weekdays_;  // 0: Sunday
  bool any_day_ = false;
  bool any_weekday_ = false;
  std::string zone_;
};

}  // namespace firn::jobs
