#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/access.h"

namespace firn::federation {

// What a column holds, as far as row filters ask. Whatever the engines compare in different ways is
// kOther: floating point has NaN, and times depend on the session's zone.
enum class FilterType : uint8_t { kBoolean, kNumber, kText, kDate, kOther };

struct FilterColumn {
  std::string name;
  FilterType type = FilterType::kOther;
  bool needs_cast = false;  // kText of a database: char(n) compares in its own way
};

// A policy's row filter (SQL of DuckDB's) as Trino evaluates it to the same, with the caller's
// values in it. The filters that surely mean the same are few: columns and literals of one type
// compared
// (= <> != < <= > >=, BETWEEN, IN, IS NULL, LIKE), TRUE and FALSE, AND, OR, NOT, parentheses, and
// caller_id(), caller_email(), caller_role(). Unsupported, saying why, for any other.
//
// The names of columns compare without case (ASCII).
Result<std::string> portable_filter(std::string_view filter,
                                    const std::vector<FilterColumn>& columns,
                                    const query::Caller& caller);

}  // namespace firn::federation
