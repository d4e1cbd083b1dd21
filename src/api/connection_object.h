#pragma once

#include <memory>

#include "api/schema/types.h"
#include "api/services.h"

namespace firn::api {

std::shared_ptr<const schema::Connection> make_connection(Services& services,
                                                          federation::Connection connection);

}  // namespace firn::api
