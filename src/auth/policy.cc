#include <algorithm>

#include "auth/principal.h"

namespace firn::auth {
namespace {

std::string_view roles_for(Role needed) {
  switch (needed) {
    case Role::kOwner: return "owner";
    case Role::kAdmin: return "admin or owner";
    case Role::kEditor: return "editor, admin or owner";
    case Role::kViewer: return "viewer, editor, admin or owner";
    case Role::kIngest: return "ingest, editor, admin or owner";
    case Role::kEngine: return "owner";
  }
  return "owner";
}

Error denied(std::optional<Role> has, Role needed) {
  const std::string who =
      has ? "the role " + std::string(role_name(*has)) + " may not do this; it takes "
          : "this takes a role that you do not have here: ";
  return Error(ErrorCode::kPermissionDenied, who + std::string(roles_for(needed)));
}

bool holds_for(const Grant& grant, const Object& object) {
  return (!grant.catalog.empty() && grant.catalog == object.catalog) ||
         (!grant.environment.empty() && grant.environment == object.environment);
}

// kOwner is the strongest; kIngest and kEngine count as the weakest.
bool stronger(Role a, Role b) { return static_cast<int>(a) < static_cast<int>(b); }

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kOwner: return "owner";
    case Role::kAdmin: return "admin";
    case Role::kEditor: return "editor";
    case Role::kViewer: return "viewer";
    case Role::kIngest: return "ingest";
    case Role::kEngine: return "engine";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : kRoles) {
    if (role_name(role) == name) return role;
  }
  return std::nullopt;
}

bool role_covers(Role has, Role needed) {
  if (has == needed) return true;
  if (has == Role::kIngest) return false;
  if (has == Role::kEngine) return needed == Role::kViewer;
  if (needed == Role::kEngine) return has == Role::kOwner;
  if (needed == Role::kIngest) return has != Role::kViewer;
  return stronger(has, needed);
}

std::optional<Role> role_on(const Principal& principal, const Object& object) {
  if (object.organization != principal.organization || object.organization.empty()) return {};
  std::optional<Role> best = principal.role;
  for (const auto& grant : principal.grants) {
    if (holds_for(grant, object) && (!best || stronger(grant.role, *best))) best = grant.role;
  }
  return best;
}

Status authorize(const Principal& principal, Role needed, const Object& object) {
  if (object.organization == principal.organization && !object.organization.empty()) {
    // Each role by itself: a viewer who is granted ingest here may do both.
    if (principal.role && role_covers(*principal.role, needed)) return {};
    for (const auto& grant : principal.grants) {
      if (holds_for(grant, object) && role_covers(grant.role, needed)) return {};
    }
  }
  return denied(role_on(principal, object), needed);
}

Status authorize_anywhere(const Principal& principal, Role needed) {
  if (principal.role && role_covers(*principal.role, needed)) return {};
  const bool granted =
      std::any_of(principal.grants.begin(), principal.grants.end(),
                  [&](const Grant& grant) { return role_covers(grant.role, needed); });
  if (granted) return {};
  return denied(principal.role, needed);
}

Status authorize_engine(const Principal& principal) {
  if (principal.role == Role::kEngine && !principal.organization.empty()) return {};
  return Error(ErrorCode::kPermissionDenied, "this is for a service account with the role engine");
}

Status authorize_giving(const Principal& principal, Role given, const Object& object) {
  TRY(authorize(principal, Role::kAdmin, object));
  const auto has = role_on(principal, object);
  if (has && role_covers(*has, given)) return {};
  return Error(ErrorCode::kPermissionDenied, "the role " + std::string(role_name(given)) +
                                                 " is above your own; only an owner gives it");
}

}  // namespace firn::auth
