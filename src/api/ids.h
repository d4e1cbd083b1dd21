#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace firn::api {

// Global ids (Relay, "Global Object Identification"): the kind, ':', and the id within the kind.
// Whoever may not see an object gets the same error for its id as for one that does not exist.
std::string global_id(std::string_view kind, std::string_view id);
// The id within the kind. NotFound "there is no such KIND" for anything else.
Result<std::string> local_id(std::string_view kind, std::string_view id);
// The kind; empty where the text is no id.
std::string_view kind_of(std::string_view id);

}  // namespace firn::api
