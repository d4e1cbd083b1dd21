#include <algorithm>

#include "agents/analyst/columns.h"
#include "agents/analyst/statements.h"
#include "agents/ask/question.h"

// A question that was read, as SQL and as words.
namespace firn::agents {
namespace {

constexpr int kGroupsMax = 1'000;

std::string short_name(const KnownTable& table) {
  return table.name.substr(table.name.rfind('.') + 1);
}

std::string words_of_aggregate(const std::string& aggregate) {
  if (aggregate == "avg") return "average";
  if (aggregate == "sum") return "total";
  if (aggregate == "min") return "lowest";
  if (aggregate == "max") return "highest";
  if (aggregate == "count_distinct") return "different";
  return aggregate;
}

std::string value_name(const Question& question) {
  if (question.aggregate == "count") return short_name(*question.table);
  return words_of_aggregate(question.aggregate) + " " + question.measure;
}

std::string value_of(const Question& question) {
  const std::string column = quoted(question.measure);
  if (question.aggregate == "count") return "count(*)";
  if (question.aggregate == "count_distinct") return "count(DISTINCT " + column + ")";
  return question.aggregate + "(" + column + ")";
}

// A loose value whose column is known is a condition as any other.
std::vector<Question::Condition> conditions_of(const Question& question) {
  auto all = question.conditions;
  for (const auto& loose : question.loose) {
    if (loose.column.empty()) continue;
    std::string value;
    for (const char c : loose.value) {
      if (c == '\'') value += '\'';
      if (c != '\0') value += c;
    }
    all.push_back({"lower(" + quoted(loose.column) + ") = lower('" + value + "')",
                   loose.column + " is " + loose.value});
  }
  return all;
}

std::string where_of(const Question& question, const std::string& more = {}) {
  std::string where;
  const auto add = [&](const std::string& sql) {
    where += (where.empty() ? " WHERE (" : " AND (") + sql + ")";
  };
  for (const auto& condition : conditions_of(question)) add(condition.sql);
  if (!more.empty()) add(more);
  return where;
}

std::string literal(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

bool is_number_column(const Question& question, const std::string& name) {
  return std::any_of(
      question.table->columns.begin(), question.table->columns.end(),
      [&](const auto& column) { return column.name == name && is_number_type(column.type); });
}

std::string periods_statement(const Question& question) {
  const std::string from = " FROM " + quoted_table(question.table->name);
  const std::string value = value_of(question);
  if (!question.groups.empty()) {
    std::string out = "SELECT " + quoted(question.groups.front());
    for (const auto& period : question.periods) {
      out += ", " + value + " FILTER (WHERE " + period.sql + ") AS " + quoted(period.words);
    }
    return out + from + where_of(question) + " GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT " +
           std::to_string(kGroupsMax);
  }
  std::string parts;
  for (size_t i = 0; i < question.periods.size(); ++i) {
    const auto& period = question.periods[i];
    parts += (i > 0 ? " UNION ALL " : "") + std::string("SELECT ") + std::to_string(i) + " AS n, " +
             literal(period.words) + " AS \"period\", " + value + " AS v" + from +
             where_of(question, period.sql);
  }
  return "SELECT \"period\", v AS " + quoted(value_name(question)) + " FROM (" + parts +
         ") ORDER BY n";
}

}  // namespace

AnswerShape shape_of(const Question& question) {
  if (!question.periods.empty()) return AnswerShape::kPeriods;
  if (!question.grain.empty()) return AnswerShape::kSeries;
  return question.groups.empty() ? AnswerShape::kNumber : AnswerShape::kGroups;
}

std::string lookup_statement(const Question& question) {
  std::string counts;
  for (const auto& loose : question.loose) {
    for (const auto& column : loose.candidates) {
      counts += (counts.empty() ? "count_if(lower(" : ", count_if(lower(") + quoted(column) +
                ") = lower(" + literal(loose.value) + "))";
    }
  }
  return counts.empty() ? counts
                        : "SELECT " + counts + " FROM " + quoted_table(question.table->name);
}

std::string statement_of(const Question& question) {
  if (!question.periods.empty()) return periods_statement(question);
  std::string out = "SELECT ";
  int keys = 0;
  if (!question.grain.empty()) {
    out += "date_trunc('" + question.grain + "', " + quoted(question.time) + ") AS " +
           quoted(question.grain) + ", ";
    ++keys;
  }
  for (const auto& group : question.groups) {
    out += quoted(group) + ", ";
    ++keys;
  }
  out += value_of(question) + " AS " + quoted(value_name(question)) + " FROM " +
         quoted_table(question.table->name) + where_of(question);
  if (keys == 0) return out;
  std::string positions = "1";
  for (int i = 2; i <= keys; ++i) positions += ", " + std::to_string(i);
  out += " GROUP BY " + positions;
  const std::string value = std::to_string(keys + 1);
  if (question.ranked) {
    out += " ORDER BY " + value + (question.ascending ? " ASC" : " DESC") + " NULLS LAST, " +
           positions;
  } else if (!question.grain.empty() || is_number_column(question, question.groups.front())) {
    out += " ORDER BY " + positions;
  } else {
    out += " ORDER BY " + value + " DESC NULLS LAST, " + positions;
  }
  return out + " LIMIT " + std::to_string(question.limit > 0 ? question.limit : kGroupsMax);
}

std::vector<std::string> axes_of(const Question& question) {
  std::vector<std::string> axes;
  if (!question.periods.empty()) {
    axes.push_back(question.groups.empty() ? "period" : question.groups.front());
    if (!question.groups.empty()) {
      for (const auto& period : question.periods) axes.push_back(period.words);
      return axes;
    }
  } else if (!question.grain.empty()) {
    axes.push_back(question.grain);
  } else if (!question.groups.empty()) {
    axes.push_back(question.groups.front());
  }
  axes.push_back(value_name(question));
  return axes;
}

std::string reading_of(const Question& question) {
  std::string out = question.aggregate == "count"
                        ? "rows of " + question.table->name
                        : value_name(question) + " of " + question.table->name;
  for (const auto& condition : conditions_of(question)) out += ", " + condition.words;
  for (size_t i = 0; i < question.periods.size(); ++i) {
    out += (i == 0 ? ", " : " compared with ") + question.periods[i].words;
  }
  if (!question.grain.empty()) out += ", by " + question.grain;
  for (size_t i = 0; i < question.groups.size(); ++i) {
    out += (i == 0 ? ", by " : " and ") + question.groups[i];
  }
  return out;
}

std::vector<std::string> suggestions_for(const std::vector<KnownTable>& tables) {
  constexpr size_t kSuggestionsMax = 6;
  std::vector<std::string> all;
  for (const auto& table : tables) {
    if (all.size() >= kSuggestionsMax) break;
    const std::string name = short_name(table);
    std::string measure;
    std::string dimension;
    bool has_time = false;
    for (const auto& column : table.columns) {
      if (measure.empty() && (column.type == "double" || column.type == "float")) {
        measure = column.name;
      }
      if (dimension.empty() && column.type == "string") dimension = column.name;
      has_time = has_time || is_time_type(column.type);
    }
    all.push_back("How many " + name + " are there?");
    if (!dimension.empty()) all.push_back("How many " + name + " by " + dimension + "?");
    if (!dimension.empty() && !measure.empty()) {
      all.push_back("Average " + measure + " of " + name + " by " + dimension);
    }
    if (has_time) all.push_back("How many " + name + " per day?");
  }
  if (all.size() > kSuggestionsMax) all.resize(kSuggestionsMax);
  return all;
}

}  // namespace firn::agents
