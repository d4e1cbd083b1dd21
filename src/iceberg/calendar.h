#pragma once

#include <cstdint>
#include <string>

namespace firn::iceberg {

struct CivilDate {
  int64_t year;
  int month;  // 1 to 12
  int day;    // 1 to 31
};

// The proleptic Gregorian date that many days after 1970-01-01; before it too.
CivilDate civil_from_days(int64_t days);
// "2013-01-01"
std::string date_text(int64_t days);

}  // namespace firn::iceberg
