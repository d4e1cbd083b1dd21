#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn::auth {

// kOwner may all that kAdmin may, and so on down to kViewer. kIngest writes rows and reads nothing.
// kEngine is a query engine that applies policies itself: it reads what a viewer reads, whatever
// policies say, and may ask what others see. Only an owner gives it.
enum class Role : uint8_t { kOwner, kAdmin, kEditor, kViewer, kIngest, kEngine };
inline constexpr Role kRoles[] = {Role::kOwner,  Role::kAdmin,  Role::kEditor,
                                  Role::kViewer, Role::kIngest, Role::kEngine};
std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view name);
// Whether `has` may do what `needed` may.
bool role_covers(Role has, Role needed);

// A role on one environment or one catalog, beside the one on the organization.
struct Grant {
  std::string id;
  std::string principal;
  Role role = Role::kViewer;
  std::string environment;  // id; or
  std::string catalog;      // id
};

enum class PrincipalKind : uint8_t { kPerson, kServiceAccount };

// Who makes a request. Immutable.
struct Principal {
  std::string organization;  // id
  std::string organization_name;
  std::string account;  // the person's or service account's id
  std::string name;
  std::string email;  // empty for service accounts
  PrincipalKind kind = PrincipalKind::kServiceAccount;
  std::optional<Role> role;  // on the organization
  std::vector<Grant> grants;
  std::string key_id;   // public part of the key used; empty in a session
  std::string session;  // id of the session; empty with a key
  // With an OAuth token: what its scope cut the roles down to.
  std::optional<Role> ceiling;
};

// What an action is done to: an organization, or an environment or catalog in it.
struct Object {
  std::string organization;
  std::string environment;  // id; empty: the organization itself
  std::string catalog;      // id; empty: the environment itself

  static Object whole(const Principal& principal) { return {principal.organization, {}, {}}; }
};

// The strongest role that the principal has on the object: the organization's, the environment's or
// the catalog's own. None on an object of another organization.
std::optional<Role> role_on(const Principal& principal, const Object& object);

// The one place that decides. Each surface and each service asks here; nothing is allowed that was
// not asked for. PermissionDenied, naming the role that it takes.
Status authorize(const Principal& principal, Role needed, const Object& object);

// Whether there is any object in its organization on which the principal has the role: what can be
// said before the object is known. PermissionDenied otherwise.
Status authorize_anywhere(const Principal& principal, Role needed);

// Whether the principal is an engine of the organization: that very role, as nobody else may ask
// what others see or report what they did. PermissionDenied otherwise.
Status authorize_engine(const Principal& principal);

// PermissionDenied unless the principal may give away this role on the object: nobody gives, takes
// or changes a role that is above their own.
Status authorize_giving(const Principal& principal, Role given, const Object& object);

}  // namespace firn::auth
