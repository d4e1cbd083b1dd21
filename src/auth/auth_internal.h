#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "store/database.h"

namespace firn::platform {
class Random;
}

namespace firn::auth {

// All tables of this folder, oldest step first.
const std::vector<store::Migration>& migrations();

// BLAKE2b-256 of a secret that is random and long, so that no slow hash is needed.
std::string hash_secret(std::string_view secret);
bool same_hash(std::string_view a, std::string_view b);  // in constant time
// Hex of that many random bytes.
std::string random_text(platform::Random& random, size_t bytes);

// A role as the database has it: empty for none.
inline std::string role_text(std::optional<Role> role) {
  return role ? std::string(role_name(*role)) : std::string();
}

// The grants of a principal in an organization.
Result<std::vector<Grant>> grants_of(store::Transaction& transaction,
                                     const std::string& organization, const std::string& account);

// What the grant is on.
Result<Object> object_of_grant(store::Transaction& transaction, const std::string& organization,
                               const Grant& grant);

// The person's principal in one organization; none where they are no member.
Result<std::optional<Principal>> person_principal(store::Transaction& transaction,
                                                  const std::string& person,
                                                  const std::string& organization);

}  // namespace firn::auth
