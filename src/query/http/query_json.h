#pragma once

#include <string>
#include <string_view>

#include "auth/auth.h"
#include "http/message.h"
#include "query/engine.h"

namespace firn::query {

// The body of a request as the data API has it. Fields that Firn has no use for are accepted.
// Errors: InvalidArgument, naming the field; Unsupported for an engine or dialect that is not
// there.
struct ParsedRequest {
  QueryRequest query;
  uint32_t max_suggestions = 20;
};
Result<ParsedRequest> parse_request(std::string_view json, const auth::Principal& principal,
                                    auth::Authenticator& authenticator);

// Line 1 and 2 of the default format.
std::string head_lines(const QueryRequest& request, const ResultHead& head);
// {"error": "..."} and a line's end.
std::string error_line(const Error& error);
std::string info_json(const QueryInfo& info);
std::string tables_json(const std::vector<TableEvidence>& tables);

}  // namespace firn::query
