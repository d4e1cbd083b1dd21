#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "agents/analyst/analyst_internal.h"
#include "agents/analyst/statements.h"
#include "agents/analyst/statistics.h"

// What a table's neighbours say of its rows: a table that has one row for each value of columns
// that both have is looked up, and its numbers become groups.
namespace firn::agents {
namespace {

constexpr int64_t kTablesMax = 500;
constexpr size_t kCandidatesMax = 10;
constexpr size_t kNumbersMax = 10;

std::string namespace_of(const std::string& full_name) {
  const size_t first = full_name.find('.');
  const size_t second = first == std::string::npos ? first : full_name.find('.', first + 1);
  return full_name.substr(0, second == std::string::npos ? 0 : second);
}

struct Neighbour {
  std::string table;
  std::vector<ColumnFacts> columns;
};

std::vector<Neighbour> neighbours_in(const Json& connection, const std::string& table) {
  std::vector<Neighbour> found;
  const Json* edges = connection.field("edges");
  if (edges == nullptr) return found;
  for (const auto& edge : edges->items) {
    const Json* node = edge.field("node");
    const Json* name = node != nullptr ? node->field("fullName") : nullptr;
    const Json* columns = node != nullptr ? node->field("columns") : nullptr;
    if (name == nullptr || columns == nullptr || name->text == table) continue;
    if (namespace_of(name->text) != namespace_of(table)) continue;
    Neighbour neighbour{name->text, {}};
    for (const auto& column : columns->items) {
      const Json* column_name = column.field("name");
      const Json* type = column.field("type");
      const Json* masked = column.field("masked");
      if (column_name == nullptr || type == nullptr || (masked != nullptr && masked->boolean)) {
        continue;
      }
      neighbour.columns.push_back({column_name->text, type->text, 0, 0, false});
    }
    found.push_back(std::move(neighbour));
  }
  return found;
}

// Columns of both whose values name something: not numbers that happen to have one name.
std::vector<std::string> shared_keys(const Subject& subject, const Neighbour& other) {
  std::vector<std::string> shared;
  for (const auto& column : subject.columns) {
    if (column.type == "double" || column.type == "float" || column.distinct < 2) continue;
    const auto same = [&](const ColumnFacts& one) {
      return one.name == column.name && one.type == column.type;
    };
    if (std::any_of(other.columns.begin(), other.columns.end(), same)) {
      shared.push_back(column.name);
    }
  }
  return shared;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + quoted(name);
  return out;
}

// Groups of a number: below, between and above its quantiles, named by them.
std::string bins(const std::string& column, const std::vector<double>& cuts) {
  std::string out = "CASE";
  for (size_t i = 0; i < cuts.size(); ++i) {
    out += fmt::format(" WHEN {} <= {} THEN '{}{:.6g}'", column, cuts[i],
                       i == 0 ? "up to " : fmt::format("{:.6g} to ", cuts[i - 1]), cuts[i]);
  }
  return out +
         fmt::format(" WHEN {} > {} THEN 'above {:.6g}' END", column, cuts.back(), cuts.back());
}

}  // namespace

Status Analyst::look_up_elsewhere(Subject& subject) {
  if (subject.roles.measures.empty()) return {};
  Json arguments = Json::object();
  arguments.set("first", Json::of_int(kTablesMax));
  arguments.set("fields",
                Json::of_string("edges { node { fullName columns { name type masked } } }"));
  const Json connection = TRY(ask_tool("tables", arguments));
  // Those first that share most.
  std::vector<std::pair<Neighbour, std::vector<std::string>>> candidates;
  for (auto& neighbour : neighbours_in(connection, subject.table)) {
    auto shared = shared_keys(subject, neighbour);
    if (!shared.empty()) candidates.emplace_back(std::move(neighbour), std::move(shared));
  }
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
    return std::tuple(b.second.size(), std::string_view(a.first.table)) <
           std::tuple(a.second.size(), std::string_view(b.first.table));
  });
  if (candidates.size() > kCandidatesMax) candidates.resize(kCandidatesMax);
  size_t looked = 0;
  for (const auto& [neighbour, shared] : candidates) {
    if (looked == options_.lookups_max) break;
    Subject other;
    other.table = neighbour.table;
    other.sql_name = quoted_table(neighbour.table);
    for (const auto& column : neighbour.columns) {
      const bool plain = is_number_type(column.type) || is_time_type(column.type) ||
                         column.type == "string" || column.type == "boolean";
      if (plain) other.columns.push_back(column);
    }
    const Answer unique =
        TRY(ask("SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT " + list_of(shared) +
                    " FROM " + other.sql_name + ")) FROM " + other.sql_name,
                1));
    const double rows = unique.rows.empty() ? 0 : unique.rows[0][0].number;
    if (rows < 2 || unique.rows[0][1].number < 0.999 * rows) continue;
    other.columns = TRY(facts_of(other.sql_name, other.columns, other.rows));
    other.roles = roles_of(other.columns, other.rows);
    ++looked;
    TRY(look_at_lookup(subject, other, shared));
  }
  return {};
}

Status Analyst::look_at_lookup(Subject& subject, const Subject& other,
                               const std::vector<std::string>& shared) {
  const auto is_key = [&](const std::string& name) {
    return std::find(shared.begin(), shared.end(), name) != shared.end();
  };
  std::vector<std::string> measures;
  for (const auto& measure : subject.roles.measures)
    measures.push_back("f." + quoted(measure.name));
  // A key of few repeated rows is the only row of each by chance: DISTINCT keeps the join honest.
  const std::string from = subject.sql_name + " f JOIN (SELECT DISTINCT ON (" + list_of(shared) +
                           ") * FROM " + other.sql_name + ") o USING (" + list_of(shared) + ")";
  const auto look = [&](const std::string& name, const std::string& expression) -> Status {
    const Answer answer = TRY(ask(groups_statement(from, expression, measures), 100));
    GroupsView view{subject.table,         name, other.table, answer.statement, answer.evidence_id,
                    subject.roles.measures};
    look_at_answer(answer.rows, view, subject);
    return {};
  };
  size_t numbers = 0;
  for (const auto& column : other.roles.measures) {
    if (is_key(column.name) || numbers == kNumbersMax) continue;
    ++numbers;
    const std::string o = "o." + quoted(column.name);
    const Answer cut = TRY(ask("SELECT unnest(list_distinct(quantile_cont(" + quoted(column.name) +
                                   "::DOUBLE, [0.2, 0.4, 0.6, 0.8]))) AS cut FROM " +
                                   other.sql_name + " ORDER BY 1",
                               4));
    std::vector<double> cuts;
    for (const auto& row : cut.rows) {
      if (row[0].is_number()) cuts.push_back(row[0].number);
    }
    if (!cuts.empty()) TRY(look(column.name, bins(o, cuts)));
  }
  for (const auto& column : other.roles.dimensions) {
    // What the table has itself was grouped by already.
    const bool own = std::any_of(subject.columns.begin(), subject.columns.end(),
                                 [&](const ColumnFacts& one) { return one.name == column.name; });
    if (!own) TRY(look(column.name, "o." + quoted(column.name)));
  }
  return {};
}

}  // namespace firn::agents
