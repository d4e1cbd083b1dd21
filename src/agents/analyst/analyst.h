#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/analyst/columns.h"
#include "agents/analyst/finding.h"
#include "agents/tools.h"
#include "base/result.h"

namespace firn::agents {

struct AnalystOptions {
  double q_max = 0.01;        // false discoveries among what is reported, at most
  size_t findings_max = 20;   // of a table
  bool across_tables = true;  // looks numbers up in tables that share a key
  size_t lookups_max = 3;
  // Columns that the analysis is about; empty: all that are worth it, and the table's history.
  std::vector<std::string> measures;
  int64_t now_us = 0;  // what "still" means; microseconds since 1970, UTC
};

struct Subject;

// A statistical analyst: looks at a table through the tools "describeTable" and "runSql" (and
// "tables" for its neighbours), tests everything that it looks at, and reports what stands out once
// the number of looks is accounted for. The same data gives the same findings, and the same calls.
class Analyst {
 public:
  Analyst(Tools& tools, AnalystOptions options) : tools_(tools), options_(options) {}

  // The findings in a table, best first. Errors: those of the tools; NotFound.
  Result<std::vector<Finding>> analyze(const std::string& table);

 private:
  struct Answer {
    std::vector<std::vector<Json>> rows;
    std::string statement;
    std::string evidence_id;
  };
  Result<Json> ask_tool(const std::string& tool, const Json& arguments);
  Result<Answer> ask(const std::string& statement, int64_t limit);
  Status keep_wanted(std::vector<ColumnFacts>& measures) const;
  Result<Subject> describe(const std::string& table);
  Result<std::vector<ColumnFacts>> facts_of(const std::string& sql_name,
                                            const std::vector<ColumnFacts>& columns, int64_t& rows);
  Status look_at_time(Subject& subject);
  Status look_at_history(Subject& subject);
  Status look_at_groups(Subject& subject);
  Status look_at_correlations(Subject& subject);
  Status look_up_elsewhere(Subject& subject);
  Status look_at_lookup(Subject& subject, const Subject& other,
                        const std::vector<std::string>& shared);
  std::vector<Finding> best_of(Subject& subject) const;

  Tools& tools_;
  const AnalystOptions options_;
};

}  // namespace firn::agents
