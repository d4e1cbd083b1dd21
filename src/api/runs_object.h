#pragma once

#include <memory>
#include <string>

#include "api/schema/types.h"
#include "api/services.h"

namespace firn::api {

using RunObject = std::shared_ptr<const schema::QueryRun>;

// A run, for whoever may see it: who asked, and admins of the organization. To everybody else it is
// NotFound. Blocks; for a run that goes on, at most `wait`.
Result<query::RunState> visible_run(Services& services, const auth::Principal& principal,
                                    const std::string& id,
                                    std::chrono::milliseconds wait = std::chrono::milliseconds(0));
RunObject make_run(Services& services, query::RunState state);

// Evidence is for every viewer of the organization: it says what was read, not what the rows were.
Result<query::LoggedQuery> visible_evidence(Services& services, const auth::Principal& principal,
                                            const std::string& id);

}  // namespace firn::api
