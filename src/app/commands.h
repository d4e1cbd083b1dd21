#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace firn::app {

using Arguments = std::vector<std::string>;

// Each command gets what stands behind its name. An error is printed on one line; the process then
// ends with 1, or 2 for InvalidArgument.
Status command_serve(const Arguments& arguments);
Status command_query(const Arguments& arguments);
Status command_ingest(const Arguments& arguments);
Status command_tables(const Arguments& arguments);
Status command_demo(const Arguments& arguments);
Status command_doctor(const Arguments& arguments);
Status command_jobs(const Arguments& arguments);
Status command_mcp(const Arguments& arguments);
Status command_graphql(const Arguments& arguments);
Status command_completion(const Arguments& arguments);

}  // namespace firn::app
