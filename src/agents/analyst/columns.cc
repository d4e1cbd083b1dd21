#include "agents/analyst/columns.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace firn::agents {
namespace {

constexpr size_t kMeasuresMax = 12;
constexpr size_t kDimensionsMax = 16;
constexpr int64_t kDimensionValuesMax = 50;
constexpr int64_t kMeasureValuesMin = 12;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool ends_with_word(const std::string& name, std::string_view word) {
  if (name == word) return true;
  return name.size() > word.size() && name.ends_with(word) &&
         name[name.size() - word.size() - 1] == '_';
}

bool names_something(const ColumnFacts& column, int64_t rows) {
  const std::string name = lower(column.name);
  for (const std::string_view word :
       {"id", "uuid", "key", "guid", "hash", "zip", "phone", "number", "no", "num", "code"}) {
    if (ends_with_word(name, word)) return true;
  }
  // Whole numbers that are all different: a serial number.
  const bool whole = column.type == "int" || column.type == "long";
  return whole && rows >= 100 && column.distinct > rows * 9 / 10;
}

// Parts of a date are whole numbers of few values: groups, not quantities.
bool is_part_of_time(const ColumnFacts& column) {
  const std::string name = lower(column.name);
  for (const std::string_view word :
       {"year", "month", "day", "hour", "minute", "weekday", "week", "quarter"}) {
    if (ends_with_word(name, word)) return true;
  }
  return false;
}

int time_rank(const ColumnFacts& column) {
  const std::string name = lower(column.name);
  int rank = 0;
  for (const std::string_view word : {"time", "at", "ts", "timestamp", "date", "day", "hour"}) {
    if (ends_with_word(name, word)) rank = 2;
  }
  for (const std::string_view word : {"created", "event", "occurred", "started"}) {
    if (name.find(word) != std::string::npos) ++rank;
  }
  for (const std::string_view word : {"updated", "modified", "deleted", "expires"}) {
    if (name.find(word) != std::string::npos) rank -= 3;
  }
  return rank;
}

}  // namespace

bool is_number_type(const std::string& type) {
  return type == "int" || type == "long" || type == "float" || type == "double" ||
         type.starts_with("decimal");
}

bool is_time_type(const std::string& type) {
  return type == "timestamp" || type == "timestamptz" || type == "date";
}

ColumnRoles roles_of(const std::vector<ColumnFacts>& columns, int64_t rows) {
  ColumnRoles roles;
  for (const auto& column : columns) {
    if (column.filled > 0 && column.filled < rows) roles.nullable.push_back(column);
    if (column.filled < 20 || column.distinct < 2) continue;
    if (is_time_type(column.type)) {
      const bool better =
          !roles.time || time_rank(column) > time_rank(*roles.time) ||
          (time_rank(column) == time_rank(*roles.time) && column.distinct > roles.time->distinct);
      if (better) roles.time = column;
      continue;
    }
    if (names_something(column, rows)) continue;
    const bool few = column.distinct <= kDimensionValuesMax && column.distinct * 5 <= rows;
    if (is_number_type(column.type)) {
      if (column.is_clock) continue;
      if (few && (is_part_of_time(column) || column.distinct < kMeasureValuesMin)) {
        roles.dimensions.push_back(column);
      } else if (!is_part_of_time(column)) {
        roles.measures.push_back(column);
      }
    } else if ((column.type == "string" || column.type == "boolean") && few) {
      roles.dimensions.push_back(column);
    }
  }
  if (roles.measures.size() > kMeasuresMax) roles.measures.resize(kMeasuresMax);
  if (roles.dimensions.size() > kDimensionsMax) roles.dimensions.resize(kDimensionsMax);
  return roles;
}

}  // namespace firn::agents
