#include "agents/analyst/statements.h"

namespace firn::agents {
namespace {

constexpr int kSampleRows = 100'000;

std::string as_double(const std::string& expression) { return "(" + expression + ")::DOUBLE"; }

}  // namespace

std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

TableName name_of_table(const std::string& full_name) {
  const size_t first = full_name.find('.');
  const size_t last = full_name.rfind('.');
  if (first == last) return {"", "", full_name};
  return {full_name.substr(0, first), full_name.substr(first + 1, last - first - 1),
          full_name.substr(last + 1)};
}

std::string quoted_table(const std::string& full_name) {
  const TableName name = name_of_table(full_name);
  if (name.catalog.empty()) return quoted(full_name);
  return quoted(name.catalog) + "." + quoted(name.name_space) + "." + quoted(name.table);
}

std::string facts_statement(const std::string& table, const std::vector<ColumnFacts>& columns) {
  std::string out = "SELECT count(*)";
  for (const auto& column : columns) {
    const std::string c = quoted(column.name);
    out += ", count(" + c + "), approx_count_distinct(" + c + "), ";
    const bool whole = column.type == "int" || column.type == "long";
    out += whole ? "min(" + c + ") >= 0 AND max(" + c + ") BETWEEN 1000 AND 2400 AND max(" + c +
                       " % 100) < 60"
                 : "false";
  }
  return out + " FROM " + table;
}

std::string span_statement(const std::string& table, const std::string& time) {
  const std::string t = quoted(time);
  return "SELECT epoch(min(" + t + "))::DOUBLE, epoch(max(" + t + "))::DOUBLE FROM " + table;
}

std::string series_statement(const std::string& table, const std::string& time,
                             const std::string& bucket, const std::vector<std::string>& measures,
                             const std::vector<std::string>& nullable) {
  const std::string start = "date_trunc('" + bucket + "', " + quoted(time) + ")";
  std::string out = "SELECT " + start + " AS \"when\", epoch(" + start +
                    ")::DOUBLE AS seconds, count(*) AS \"rows\"";
  for (const auto& measure : measures) {
    const std::string m = quoted(measure);
    out += ", count(" + m + ") AS " + quoted("count " + measure) + ", avg(" + as_double(m) +
           ") AS " + quoted("avg " + measure);
  }
  for (const auto& column : nullable) {
    const std::string c = quoted(column);
    out += ", (count(*) - count(" + c + ")) / count(*) AS " + quoted("missing " + column);
  }
  return out + " FROM " + table + " WHERE " + quoted(time) +
         " IS NOT NULL GROUP BY 1, 2 ORDER BY 1";
}

std::string groups_statement(const std::string& from, const std::string& dimension,
                             const std::vector<std::string>& measures) {
  std::string out = "SELECT (" + dimension + ")::VARCHAR AS \"group\", count(*) AS \"rows\"";
  for (size_t i = 0; i < measures.size(); ++i) {
    const std::string m = as_double(measures[i]);
    const std::string n = std::to_string(i + 1);
    out += ", count(" + m + ") AS n" + n + ", avg(" + m + ") AS mean" + n + ", var_samp(" + m +
           ") AS variance" + n;
  }
  return out + " FROM " + from + " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100";
}

std::string correlations_statement(const std::string& from,
                                   const std::vector<std::string>& measures) {
  std::string picked;
  std::string ranks;
  std::string there;
  for (size_t i = 0; i < measures.size(); ++i) {
    const std::string n = std::to_string(i);
    picked += (i > 0 ? ", " : "") + as_double(measures[i]) + " AS m" + n;
    // Ties share their mean rank.
    ranks += (i > 0 ? ", " : "") + std::string("rank() OVER (ORDER BY m") + n +
             ") + (count(*) OVER (PARTITION BY m" + n + ") - 1) / 2 AS r" + n;
    there += (i > 0 ? " AND m" : "m") + n + " IS NOT NULL";
  }
  std::string out = "WITH picked AS (SELECT " + picked + " FROM " + from +
                    "), filled AS (SELECT * FROM picked WHERE " + there +
                    " USING SAMPLE reservoir(" + std::to_string(kSampleRows) +
                    " ROWS) REPEATABLE (7)), ranked AS (SELECT " + ranks +
                    " FROM filled) SELECT count(*)";
  for (size_t i = 0; i < measures.size(); ++i) {
    for (size_t k = i + 1; k < measures.size(); ++k) {
      out += ", corr(r" + std::to_string(i) + ", r" + std::to_string(k) + ")";
    }
  }
  return out + " FROM ranked";
}

}  // namespace firn::agents
