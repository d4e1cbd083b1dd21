#pragma once

#include <string>
#include <vector>

#include "agents/analyst/columns.h"

// The analyst's SQL: what the engine can add up, it adds up.
namespace firn::agents {

std::string quoted(const std::string& name);
// Of "catalog.name.space.table"; of anything else the table alone.
struct TableName {
  std::string catalog;
  std::string name_space;
  std::string table;
};
TableName name_of_table(const std::string& full_name);
// "catalog.namespace.table", each part quoted; a dot in the table's own name stays.
std::string quoted_table(const std::string& full_name);

// One row: all rows, then of each column how many are not null, about how many differ, and whether
// all are times of day, as whole numbers.
std::string facts_statement(const std::string& table, const std::vector<ColumnFacts>& columns);

// One row: least and greatest time, as seconds since 1970.
std::string span_statement(const std::string& table, const std::string& time);

// A row a bucket in order: its start, its seconds since 1970, rows, then of each measure how many
// and their mean, then of each of `nullable` the share of nulls.
std::string series_statement(const std::string& table, const std::string& time,
                             const std::string& bucket, const std::vector<std::string>& measures,
                             const std::vector<std::string>& nullable);

// A row a value, those with most rows first: the value as text, rows, then of each measure how
// many, their mean and their variance. `from` is a table or a join; `dimension` an expression.
std::string groups_statement(const std::string& from, const std::string& dimension,
                             const std::vector<std::string>& measures);

// One row: how many there were, then the rank correlation of each pair, in the order (0,1), (0,2),
// ..., (1,2), ... `from` as above, the measures expressions; of at most 100,000 rows.
std::string correlations_statement(const std::string& from,
                                   const std::vector<std::string>& measures);

}  // namespace firn::agents
