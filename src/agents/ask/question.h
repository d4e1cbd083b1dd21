#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// A small grammar of questions in English, over the names and comments of a catalog:
//
//   how many|number of|average|total|highest|lowest|median|how many different  MEASURE
//   ... by|per|for each COLUMN [and COLUMN]     which COLUMN has the most|highest|lowest MEASURE
//   ... top N COLUMN by MEASURE                 ... over time | monthly | per day
//   ... where COLUMN is|above|below|between VALUE, for|in|from|to VALUE, in January 2013, since
//   DATE compare MEASURE in PERIOD and PERIOD
//
// What it takes a word for, where it could be taken for something else, it says. Pure: it asks
// nobody. All text is hostile: names are quoted, values are literals.
namespace firn::agents {

struct KnownColumn {
  std::string name;
  std::string type;  // of Iceberg
  std::string comment;
};

struct KnownTable {
  std::string name;  // catalog.namespace.table
  std::string comment;
  std::vector<KnownColumn> columns;
};

enum class AnswerShape : uint8_t { kNumber, kGroups, kSeries, kPeriods };

// A word that is some column's value, but the question does not say of which.
struct LooseValue {
  std::string value;
  std::vector<std::string> candidates;  // columns, the likeliest first
  std::string column;                   // once it is known
};

// What a question asks for.
struct Question {
  const KnownTable* table = nullptr;
  std::string aggregate = "count";  // count, count_distinct, avg, sum, min, max, median
  std::string measure;              // column; empty: rows
  std::vector<std::string> groups;
  std::string grain;  // of the time column: hour, day, week, month, quarter, year
  std::string time;   // that column, where one is needed
  struct Condition {
    std::string sql;
    std::string words;
  };
  std::vector<Condition> conditions;
  std::vector<Condition> periods;  // that are compared: none or two and more
  std::vector<LooseValue> loose;
  int32_t limit = 0;  // groups; 0: the first 1,000
  bool ascending = false;
  bool ranked = false;                   // groups by the measure; else by rows or value
  std::vector<std::string> assumptions;  // sentences
  std::vector<std::string> left_out;     // words
};

// InvalidArgument: it is not understood, and why, as a sentence. `tables` outlive it.
Result<Question> read_question(std::string_view text, const std::vector<KnownTable>& tables);

AnswerShape shape_of(const Question& question);
// One row: how many rows have each loose value in each of its candidates, in their order. Empty
// where there is nothing to look up.
std::string lookup_statement(const Question& question);
// All values have a column by now; those without are left out.
std::string statement_of(const Question& question);
// The names of its answer's columns that a chart is drawn of: first the axis.
std::vector<std::string> axes_of(const Question& question);
// "average dep_delay of lake.main.flights where origin is JFK, by carrier"
std::string reading_of(const Question& question);
// Questions that would be understood, about these tables.
std::vector<std::string> suggestions_for(const std::vector<KnownTable>& tables);

}  // namespace firn::agents
