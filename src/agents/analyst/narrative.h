#pragma once

#include <string>
#include <vector>

#include "agents/analyst/analyst_internal.h"
#include "agents/analyst/finding.h"
#include "agents/analyst/groups.h"
#include "agents/analyst/history.h"
#include "agents/analyst/series.h"

// Statistics as findings: titles and plain sentences with their numbers, and how to draw them.
namespace firn::agents {

// A measure's series, and what it was read from.
struct SeriesView {
  const std::string& table;
  std::string measure;  // "avg(delay)"
  std::string column;   // of the statement
  std::string bucket;   // "day"
  const std::vector<std::string>& when;
  const std::vector<double>& values;
  double support = 0;
  bool quality = false;  // a share of nulls
  const std::string& statement;
  const std::string& evidence_id;
};
void describe_series(const SeriesView& view, const Decomposition& parts,
                     std::vector<Finding>& into);

// `measure` is an index into the view's.
Finding describe_groups(const GroupsView& view, size_t measure, const std::vector<Group>& groups,
                        const Effect& effect);

Finding describe_correlation(const std::string& table, const std::string& a, const std::string& b,
                             double r, double n, const std::string& statement,
                             const std::string& evidence_id);

// Of a table whose rows used to come more often.
Finding describe_silence(const Subject& subject, const Silence& silence, int64_t last_us,
                         const std::string& statement, const std::string& evidence_id);
// Of rows with other columns than before. A fact, which chance has no part in.
Finding describe_change(const Subject& subject, const SchemaStep& change,
                        const std::string& statement, const std::string& evidence_id);

// At most `bytes` of it, with an ellipsis where something was cut; never through a character.
std::string shortened(const std::string& text, size_t bytes);

// Three significant digits, thousands apart: 12,345; 1.23; 0.0123.
std::string figure(double value);

}  // namespace firn::agents
