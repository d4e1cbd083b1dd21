#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "auth/principal.h"
#include "base/ids.h"
#include "base/result.h"

namespace firn::store {
class Database;
}
namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::auth {

enum class ColumnRule : uint8_t { kHidden, kNulled, kHashed };

struct ColumnPolicy {
  int32_t field_id = 0;  // a top-level column; stays right when it is renamed
  ColumnRule rule = ColumnRule::kHidden;
  std::string name = {};  // instead of the id, of a connected table: lower case
};

// What the named roles see of a table. `table` is its uuid, or what connected_table() gives.
struct TablePolicy {
  std::string id;
  std::string organization;
  Uuid table;
  std::string name;
  std::vector<Role> roles;
  std::optional<std::string> row_filter;  // a SQL condition; none: all rows
  std::vector<ColumnPolicy> columns;
  int64_t created_us = 0;
  std::string created_by;  // name
};

// All policies that hold for one reader of one table, together: rows pass every filter, and of
// several rules for a column the strictest counts.
struct TableRules {
  std::vector<std::string> row_filters;
  std::map<int32_t, ColumnRule> columns;
  std::map<std::string, ColumnRule> named_columns;  // of a connected table, by lower-case name
  bool any() const { return !row_filters.empty() || !columns.empty() || !named_columns.empty(); }
};

// What stands for a table of a connected database, which has no uuid. Names count without case, as
// engines find them.
Uuid connected_table(std::string_view connection_id, std::string_view schema,
                     std::string_view table);
// A name as rules of connected tables have it.
std::string lower_case(std::string_view name);

// Row and column policies of tables. Thread-safe; held in memory, so that rules_for() costs no I/O.
class Policies {
 public:
  Policies(store::Database& database, platform::Clock& clock, platform::Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // Replaces the table's policy of that name. `object` is the table's catalog: takes an admin
  // there.
  Result<TablePolicy> set(const Principal& principal, const Object& object, TablePolicy policy);
  Result<TablePolicy> find(const Principal& principal, const std::string& id);
  Status remove(const Principal& principal, const Object& object, const std::string& id);
  Result<std::vector<TablePolicy>> of_table(const std::string& organization, const Uuid& table);
  // By the principal's strongest role on the object.
  Result<TableRules> rules_for(const Principal& principal, const Object& object, const Uuid& table);
  // Whether the reader, by its role on the whole organization, sees all that one of the role
  // `other` sees, of every table that has a policy.
  Result<bool> sees_as_much(const Principal& reader, Role other);

 private:
  using All = std::vector<TablePolicy>;
  Result<std::shared_ptr<const All>> all();

  store::Database& database_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::mutex mutex_;
  std::shared_ptr<const All> all_;  // null: to be read
};

}  // namespace firn::auth
