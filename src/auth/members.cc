// The part of Directory that is about people, invitations and grants.
#include <algorithm>

#include "auth/auth_internal.h"
#include "auth/directory.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::auth {
namespace {

constexpr int64_t kInvitationLifeUs = 7LL * 24 * 3600 * 1'000'000;

Person read_person(const store::Statement& row) {
  Person person{
      row.column_text(0), row.column_text(1), row.column_text(2), {}, row.column_int(4), {}};
  person.role = parse_role(row.column_text(3));
  if (!row.column_is_null(5)) person.last_seen_us = row.column_int(5);
  return person;
}

Invitation read_invitation(const store::Statement& row) {
  return {row.column_text(0),
          row.column_text(1),
          parse_role(row.column_text(2)).value_or(Role::kViewer),
          row.column_text(3),
          row.column_int(4),
          row.column_int(5)};
}

// InvalidArgument where nobody else could manage the organization any more.
Status keep_an_owner(store::Transaction& transaction, const std::string& organization,
                     const std::string& except) {
  auto row = TRY(transaction.prepare(
      "SELECT 1 FROM members WHERE organization = ? AND role = 'owner' AND person <> ?"));
  row.bind(1, organization).bind(2, except);
  if (TRY(row.step())) return {};
  return Error(ErrorCode::kInvalidArgument, "this is the last owner: make somebody else one first");
}

Result<std::optional<Person>> find_person(store::Transaction& transaction,
                                          const std::string& organization, const std::string& id) {
  auto row = TRY(transaction.prepare(
      "SELECT p.id, p.email, p.name, m.role, m.joined_us, p.last_seen_us FROM people p JOIN "
      "members m ON m.person = p.id WHERE m.organization = ? AND p.id = ?"));
  row.bind(1, organization).bind(2, id);
  if (!TRY(row.step())) return std::optional<Person>();
  return std::optional(read_person(row));
}

Error no_person() { return Error(ErrorCode::kNotFound, "there is no such person"); }

}  // namespace

Result<std::string> normalize_email(std::string_view email) {
  std::string text;
  for (const char c : email) {
    if (c == ' ' && (text.empty() || &c == &email.back())) continue;
    text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  const size_t at = text.find('@');
  const bool shaped = at != std::string::npos && at > 0 && at + 1 < text.size() &&
                      text.find('@', at + 1) == std::string::npos && text.size() <= 254 &&
                      std::none_of(text.begin(), text.end(), [](char c) {
                        return static_cast<uint8_t>(c) <= 0x20 || c == ',' || c == '<' || c == '>';
                      });
  if (!shaped) return Error(ErrorCode::kInvalidArgument, "this is not an e-mail address");
  return text;
}

Result<std::vector<Grant>> grants_of(store::Transaction& transaction,
                                     const std::string& organization, const std::string& account) {
  auto row = TRY(transaction.prepare(
      "SELECT id, principal, role, environment, catalog FROM grants WHERE organization = ?1 AND "
      "(?2 = '' OR principal = ?2) ORDER BY rowid"));
  row.bind(1, organization).bind(2, account);
  std::vector<Grant> grants;
  while (TRY(row.step())) {
    const auto role = parse_role(row.column_text(2));
    if (!role) return Error(ErrorCode::kInternal, "a grant has an unknown role");
    grants.push_back(
        {row.column_text(0), row.column_text(1), *role, row.column_text(3), row.column_text(4)});
  }
  return grants;
}

Result<std::vector<Person>> Directory::people(const Principal& principal) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  std::vector<Person> people;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT p.id, p.email, p.name, m.role, m.joined_us, p.last_seen_us FROM people p JOIN "
        "members m ON m.person = p.id WHERE m.organization = ? ORDER BY p.name, p.id"));
    row.bind(1, principal.organization);
    while (TRY(row.step())) people.push_back(read_person(row));
    return {};
  }));
  return people;
}

Result<Person> Directory::person(const Principal& principal, const std::string& id) {
  if (id != principal.account) {
    TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  }
  std::optional<Person> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    found = TRY(find_person(transaction, principal.organization, id));
    return {};
  }));
  if (!found) return no_person();
  return *std::move(found);
}

Result<Person> Directory::set_person_role(const Principal& principal, const std::string& id,
                                          std::optional<Role> role) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  std::optional<Person> found;
  TRY(write([&](store::Transaction& transaction) -> Status {
    found = TRY(find_person(transaction, principal.organization, id));
    if (!found) return no_person();
    if (found->role) TRY(authorize_giving(principal, *found->role, Object::whole(principal)));
    if (role) TRY(authorize_giving(principal, *role, Object::whole(principal)));
    if (found->role == Role::kOwner && role != Role::kOwner) {
      TRY(keep_an_owner(transaction, principal.organization, id));
    }
    auto row = TRY(
        transaction.prepare("UPDATE members SET role = ? WHERE person = ? AND organization = ?"));
    TRY(row.bind(1, role_text(role)).bind(2, id).bind(3, principal.organization).run());
    found->role = role;
    return {};
  }));
  return *std::move(found);
}

Status Directory::remove_person(const Principal& principal, const std::string& id) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  return write([&](store::Transaction& transaction) -> Status {
    const auto found = TRY(find_person(transaction, principal.organization, id));
    if (!found) return no_person();
    if (found->role) TRY(authorize_giving(principal, *found->role, Object::whole(principal)));
    if (found->role == Role::kOwner) {
      TRY(keep_an_owner(transaction, principal.organization, id));
    }
    for (const char* sql : {"DELETE FROM grants WHERE principal = ? AND organization = ?",
                            "DELETE FROM sessions WHERE person = ? AND organization = ?",
                            "DELETE FROM members WHERE person = ? AND organization = ?"}) {
      auto row = TRY(transaction.prepare(sql));
      TRY(row.bind(1, id).bind(2, principal.organization).run());
    }
    return {};
  });
}

Result<NewInvitation> Directory::insert_invitation(store::Transaction& transaction,
                                                   const std::string& organization,
                                                   const std::string& email, Role role,
                                                   const std::string& invited_by) {
  NewInvitation made;
  made.token = random_text(random_, 32);
  made.invitation = {random_.uuid().to_string(),         email, role, invited_by, clock_.now_us(),
                     clock_.now_us() + kInvitationLifeUs};
  auto row = TRY(transaction.prepare("INSERT INTO invitations VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(row.bind(1, made.invitation.id)
          .bind(2, organization)
          .bind(3, email)
          .bind(4, role_name(role))
          .bind_blob(5, as_bytes(hash_secret(made.token)))
          .bind(6, invited_by)
          .bind(7, made.invitation.created_us)
          .bind(8, made.invitation.expires_us)
          .run());
  return made;
}

Result<NewInvitation> Directory::invite(const Principal& principal, const std::string& email,
                                        Role role) {
  TRY(authorize_giving(principal, role, Object::whole(principal)));
  const std::string address = TRY(normalize_email(email));
  std::optional<NewInvitation> made;
  TRY(write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare(
          "SELECT 1 FROM people p JOIN members m ON m.person = p.id WHERE m.organization = ? AND "
          "p.email = ?"));
      row.bind(1, principal.organization).bind(2, address);
      if (TRY(row.step())) {
        return Error(ErrorCode::kAlreadyExists, address + " is in the organization already");
      }
    }
    // A second invitation takes the place of the first.
    {
      auto row =
          TRY(transaction.prepare("DELETE FROM invitations WHERE organization = ? AND email = ?"));
      TRY(row.bind(1, principal.organization).bind(2, address).run());
    }
    made =
        TRY(insert_invitation(transaction, principal.organization, address, role, principal.name));
    return {};
  }));
  return *std::move(made);
}

Result<std::vector<Invitation>> Directory::invitations(const Principal& principal) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  std::vector<Invitation> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT id, email, role, invited_by, created_us, expires_us FROM invitations WHERE "
        "organization = ? AND expires_us > ? ORDER BY created_us DESC, id"));
    row.bind(1, principal.organization).bind(2, clock_.now_us());
    while (TRY(row.step())) found.push_back(read_invitation(row));
    return {};
  }));
  return found;
}

Status Directory::revoke_invitation(const Principal& principal, const std::string& id) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  return write([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("DELETE FROM invitations WHERE id = ? AND organization = ?"));
    TRY(row.bind(1, id).bind(2, principal.organization).run());
    if (transaction.changes() == 0) {
      return Error(ErrorCode::kNotFound, "there is no such invitation");
    }
    return {};
  });
}

Result<std::vector<Grant>> Directory::grants(const Principal& principal) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  std::vector<Grant> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    found = TRY(grants_of(transaction, principal.organization, {}));
    return {};
  }));
  return found;
}

Result<Object> object_of_grant(store::Transaction& transaction, const std::string& organization,
                               const Grant& grant) {
  Object object{organization, grant.environment, grant.catalog};
  if (!grant.catalog.empty()) {
    auto row = TRY(transaction.prepare("SELECT environment FROM catalog_entries WHERE id = ?"));
    row.bind(1, grant.catalog);
    if (TRY(row.step())) object.environment = row.column_text(0);
  }
  return object;
}

Result<Object> Directory::object_of(const Principal& principal, const std::string& environment,
                                    const std::string& catalog) {
  if (environment.empty() == catalog.empty()) {
    return Error(ErrorCode::kInvalidArgument,
                 "a grant is on one environment or on one catalog: give exactly one of both");
  }
  if (!catalog.empty()) return TRY(catalog_by_id(principal, catalog)).object();
  for (const auto& known : TRY(environments(principal.organization))) {
    if (known.id == environment) return Object{principal.organization, environment, {}};
  }
  return Error(ErrorCode::kNotFound, "there is no such environment");
}

Result<Grant> Directory::grant(const Principal& principal, const std::string& account, Role role,
                               const std::string& environment, const std::string& catalog) {
  TRY(authorize_anywhere(principal, Role::kAdmin));
  const Object object = TRY(object_of(principal, environment, catalog));
  TRY(authorize_giving(principal, role, object));
  if (TRY(name_of(principal.organization, account)).empty()) {
    return Error(ErrorCode::kNotFound, "there is no such person or service account");
  }
  Grant made{random_.uuid().to_string(), account, role, environment, catalog};
  TRY(write([&](store::Transaction& transaction) -> Status {
    // What is there may be above them.
    for (const Grant& before : TRY(grants_of(transaction, principal.organization, account))) {
      if (before.environment != environment || before.catalog != catalog) continue;
      TRY(authorize_giving(principal, before.role, object));
    }
    auto row = TRY(transaction.prepare(
        "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (principal, environment, "
        "catalog) DO UPDATE SET role = excluded.role RETURNING id"));
    row.bind(1, made.id)
        .bind(2, principal.organization)
        .bind(3, account)
        .bind(4, environment)
        .bind(5, catalog)
        .bind(6, role_name(role));
    if (TRY(row.step())) made.id = row.column_text(0);
    return {};
  }));
  return made;
}

Status Directory::revoke_grant(const Principal& principal, const std::string& id) {
  TRY(authorize_anywhere(principal, Role::kAdmin));
  return write([&](store::Transaction& transaction) -> Status {
    const auto all = TRY(grants_of(transaction, principal.organization, {}));
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Grant& grant) { return grant.id == id; });
    if (found == all.end()) return Error(ErrorCode::kNotFound, "there is no such grant");
    const Object object = TRY(object_of_grant(transaction, principal.organization, *found));
    TRY(authorize_giving(principal, found->role, object));
    auto row = TRY(transaction.prepare("DELETE FROM grants WHERE id = ?"));
    return row.bind(1, id).run();
  });
}

Result<std::string> Directory::name_of(const std::string& organization,
                                       const std::string& account) {
  std::string name;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT p.name FROM people p JOIN members m ON m.person = p.id WHERE p.id = ?1 AND "
        "m.organization = ?2 UNION ALL SELECT name FROM service_accounts WHERE id = ?1 AND "
        "organization = ?2"));
    row.bind(1, account).bind(2, organization);
    if (TRY(row.step())) name = row.column_text(0);
    return {};
  }));
  return name;
}

}  // namespace firn::auth
