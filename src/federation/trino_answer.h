#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"

namespace firn::federation {

// An answer of Trino's client REST protocol, in parts of its text, which has to outlive it. Rows
// are not parsed here: a page of them may be megabytes.
struct TrinoAnswer {
  std::string next_path;     // of nextUri, without scheme and host; empty: there is no more
  std::string_view columns;  // JSON; empty where there are none
  std::string_view data;     // an array of arrays
  std::string_view spooled;  // instead of it, where the server spools: parse_spooled_data()
  std::string_view error;
};

// The path of an address that Trino gives, which is asked of the same Trino, whatever host it
// names. False where it is none of the protocol's.
bool trino_path(std::string_view uri, std::string& path);

// Unavailable where it is no such answer.
Result<TrinoAnswer> parse_trino_answer(std::string_view body);

// The protocol's error object as one of ours, with its place in the statement.
Error trino_error(std::string_view error, std::string_view statement);

// The statement as DuckDB and Trino read it alike: comments are spaces, places stay. Unsupported
// where it has what one of them reads in another way: dollar quotes, prefixed strings, comments in
// comments, several statements.
Result<std::string> common_statement(std::string_view statement);

}  // namespace firn::federation
