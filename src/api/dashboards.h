#pragma once

#include <memory>

#include "api/schema/types.h"
#include "api/services.h"

namespace firn::api {

using DashboardObject = std::shared_ptr<const schema::Dashboard>;
DashboardObject make_dashboard(Services& services, workspace::Dashboard dashboard);

}  // namespace firn::api
