#pragma once

#include <string>
#include <vector>

#include "agents/analyst/analyst.h"

namespace firn::agents {

// A table under the analyst's eyes.
struct Subject {
  std::string table;
  std::string sql_name;
  int64_t rows = 0;
  std::vector<ColumnFacts> columns;
  ColumnRoles roles;
  std::vector<Finding> candidates;  // what may be reported, with p
  size_t looks = 0;                 // tests that were made, whatever came of them
};

// An answer of groups_statement().
struct GroupsView {
  std::string table;
  std::string dimension;  // how to call it
  std::string other;      // the table that it was looked up in; empty: its own
  std::string statement;
  std::string evidence_id;
  std::vector<ColumnFacts> measures;
};

void look_at_answer(const std::vector<std::vector<Json>>& rows, const GroupsView& view,
                    Subject& subject);

}  // namespace firn::agents
