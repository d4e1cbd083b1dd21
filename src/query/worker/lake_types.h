#pragma once

#include <optional>

#include "duckdb.hpp"
#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "iceberg/types.h"

// Iceberg's types as DuckDB's. Throws duckdb exceptions, for use below DuckDB's own frames.
namespace firn::query {

// Throws NotImplementedException for a type that DuckDB has no counterpart of.
duckdb::LogicalType to_duckdb(const iceberg::Type& type);
// A column of a table with the field ids of all its levels, null where a file does not have it.
duckdb::MultiFileColumnDefinition to_column_definition(const iceberg::Field& field);
// A constant as a value of the Iceberg type; none where it has no exact counterpart.
std::optional<iceberg::Value> to_iceberg(const duckdb::Value& value, const iceberg::Type& type);

}  // namespace firn::query
