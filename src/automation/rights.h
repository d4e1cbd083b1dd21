#pragma once

#include <string>
#include <vector>

#include "auth/auth.h"
#include "query/tables.h"

namespace firn::automation {

// What the principal sees of these tables, as text: a line a table. A kept answer has it beside it.
// NotFound and PermissionDenied where they see one not at all. Reads of a row filter or of a
// connected database are the principal's alone.
Result<std::string> rights_on(auth::Authenticator& auth, const auth::Principal& principal,
                              const std::vector<query::TableEvidence>& tables);

// Of what nobody else may see.
std::string own_rights(const auth::Principal& principal);
// Whether the reader sees of those tables exactly what `rights` says: so the answer is theirs to
// see, too.
bool has_rights(auth::Authenticator& auth, const auth::Principal& reader,
                const std::string& rights);

}  // namespace firn::automation
