#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "query/tables.h"

namespace firn::query {

// The answer of another engine (Trino's client REST protocol) as chunks of DuckDB's, of the types
// that DuckDB has for the same things, so that every format is written by one encoder.
//
// Throws duckdb exceptions: those of remote_page(), and Unsupported for a type that has no
// counterpart.
class RemoteRows {
 public:
  RemoteRows(duckdb::ClientContext& context, TableSource& tables, std::function<bool()> interrupted)
      : context_(context), tables_(tables), interrupted_(std::move(interrupted)) {}

  // Waits until the columns are known.
  void open();
  const duckdb::vector<std::string>& names() const { return names_; }
  const duckdb::vector<duckdb::LogicalType>& types() const { return types_; }
  // Null at the end.
  duckdb::unique_ptr<duckdb::DataChunk> next();

 private:
  void fetch();
  void read_columns(const std::string& text);

  duckdb::ClientContext& context_;
  TableSource& tables_;
  const std::function<bool()> interrupted_;
  duckdb::vector<std::string> names_;
  duckdb::vector<duckdb::LogicalType> types_;
  boost::json::array rows_;
  size_t at_ = 0;  // in rows_
  bool last_ = false;
};

// DuckDB's counterpart of a type as Trino writes it: "decimal(10,2)", "array(row(a bigint))".
duckdb::LogicalType type_of_trino(const std::string& text);

}  // namespace firn::query
