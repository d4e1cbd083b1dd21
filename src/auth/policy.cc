#include "auth/auth.h"

namespace firn::auth {
namespace {

bool allows(Role role, Action action) {
  switch (action) {
    case Action::kQuery: return role != Role::kIngest;
    case Action::kIngest:
      return role == Role::kOwner || role == Role::kAdmin || role == Role::kEditor ||
             role == Role::kIngest;
    case Action::kChangeTables:
      return role == Role::kOwner || role == Role::kAdmin || role == Role::kEditor;
    case Action::kManage: return role == Role::kOwner || role == Role::kAdmin;
  }
  return false;
}

std::string_view roles_for(Action action) {
  switch (action) {
    case Action::kQuery: return "viewer, editor, admin or owner";
    case Action::kIngest: return "ingest, editor, admin or owner";
    case Action::kChangeTables: return "editor, admin or owner";
    case Action::kManage: return "admin or owner";
  }
  return "owner";
}

}  // namespace

std::string_view role_name(Role role) {
  switch (role) {
    case Role::kOwner: return "owner";
    case Role::kAdmin: return "admin";
    case Role::kEditor: return "editor";
    case Role::kViewer: return "viewer";
    case Role::kIngest: return "ingest";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const Role role :
       {Role::kOwner, Role::kAdmin, Role::kEditor, Role::kViewer, Role::kIngest}) {
    if (role_name(role) == name) return role;
  }
  return std::nullopt;
}

Status authorize(const Principal& principal, Action action) {
  if (allows(principal.role, action)) return {};
  return Error(ErrorCode::kPermissionDenied, "the role " + std::string(role_name(principal.role)) +
                                                 " may not do this; it takes " +
                                                 std::string(roles_for(action)));
}

}  // namespace firn::auth
