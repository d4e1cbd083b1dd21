#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace firn::agents {

// A column, and what one look at its values says.
struct ColumnFacts {
  std::string name;
  std::string type;      // of Iceberg: "long", "timestamptz", "decimal(9, 2)"
  int64_t filled = 0;    // rows where it is not null
  int64_t distinct = 0;  // about
  // Whole numbers of which all read as hours and minutes (1459): times of day, no quantities.
  bool is_clock = false;
};

// What a table's columns are good for.
struct ColumnRoles {
  std::optional<ColumnFacts> time;      // says when
  std::vector<ColumnFacts> measures;    // numbers that are worth a mean
  std::vector<ColumnFacts> dimensions;  // few values, worth grouping by
  std::vector<ColumnFacts> nullable;    // some rows have none: its share may change
};

bool is_number_type(const std::string& type);
bool is_time_type(const std::string& type);

// Columns that name something (ids, keys) are none of these. At most 12 measures and 16 dimensions.
ColumnRoles roles_of(const std::vector<ColumnFacts>& columns, int64_t rows);

}  // namespace firn::agents
