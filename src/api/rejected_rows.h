#pragma once

#include <string>
#include <vector>

#include "api/tables.h"

namespace firn::api {

// Rows that a table could not take and that were not sent again yet, newest first. `found` is the
// table that they were for. Blocks.
Result<schema::RejectedRowConnection> list_rejected_rows(Services& services,
                                                         const FoundTable& found, int32_t first,
                                                         const std::optional<std::string>& after);
// Sends them to the table again, one by one.
Result<schema::ReplayedRows> replay_rejected_rows(Services& services, const FoundTable& found,
                                                  const std::vector<std::string>& ids);

}  // namespace firn::api
