#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/service.h"

namespace firn::mcp {

// Where a cut answer goes on: "path:offset" of the list that was cut.
struct AnswerCursor {
  std::string path;  // names from the data down, with dots
  size_t offset = 0;
};
std::string write_cursor(const AnswerCursor& cursor);
// Errors: InvalidArgument.
Result<AnswerCursor> read_cursor(std::string_view text);

struct AnswerOptions {
  size_t bytes_max = 24 << 10;  // of the data
  bool untrusted = false;       // it has what came from rows
  bool may_continue = true;     // the same call with a cursor gives the rest
  std::optional<AnswerCursor> cursor;
};

// A GraphQL response as the result of a tool (CallToolResult): data as structuredContent and as
// text, errors as text for a model with isError. A long list is cut, and "_cut" says where, with
// the cursor of the rest; nothing is left out in silence.
std::string tool_result(const graphql::Response& response, const AnswerOptions& options);
// Members of the result's _meta.
std::string_view result_meta(const AnswerOptions& options);

// An error as the result of a tool, which a model reads and can act on.
std::string tool_error(std::string_view message);

}  // namespace firn::mcp
