#pragma once

#include <string>
#include <vector>

#include "api/tables.h"

namespace firn::api {

// Rows that a table could not take and that were not settled yet, newest first. `found` is the
// table that they were for. Blocks.
Result<schema::RejectedRowConnection> list_rejected_rows(Services& services,
                                                         const FoundTable& found, int32_t first,
                                                         const std::optional<std::string>& after);
// Sends them to the table again, one by one.
Result<schema::ReplayedRows> replay_rejected_rows(Services& services, const FoundTable& found,
                                                  const std::vector<std::string>& ids);

// Sends `row`, the JSON of one or more rows, in the place of a rejected one, which is settled then:
// where the new one does not fit either, that one is kept instead. Errors: NotFound;
// InvalidArgument where `row` is no JSON.
Result<schema::ReplayedRows> mend_rejected_row(Services& services, const FoundTable& found,
                                               const std::string& id, const std::string& row);
// They wait no more; the rejected table keeps them. How many there were.
Result<int64_t> discard_rejected_rows(Services& services, const FoundTable& found,
                                      const std::vector<std::string>& ids);

}  // namespace firn::api
