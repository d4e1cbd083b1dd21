#pragma once

#include <string>
#include <string_view>

#include "api/services.h"

namespace firn::api {

// Pinned evidence holds each of its snapshots by a tag of this kind.
bool is_evidence_tag(std::string_view name);
// Tags the snapshots of a logged query, and marks it. NotFound where a snapshot is gone.
Status pin_evidence(Services& services, const auth::Principal& principal, const std::string& id);
Status unpin_evidence(Services& services, const auth::Principal& principal, const std::string& id);

}  // namespace firn::api
