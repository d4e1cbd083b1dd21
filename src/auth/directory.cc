#include "auth/directory.h"

#include <algorithm>

#include "auth/auth_internal.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::auth {
namespace {

constexpr int kEnvironmentsMax = 100;

Result<std::vector<CatalogEntry>> catalog_entries(store::Transaction& transaction,
                                                  const std::string& organization) {
  auto row = TRY(transaction.prepare(
      "SELECT id, name, environment FROM catalog_entries WHERE organization = ? ORDER BY name"));
  row.bind(1, organization);
  std::vector<CatalogEntry> entries;
  while (TRY(row.step())) {
    entries.push_back({row.column_text(0), row.column_text(1), row.column_text(2), organization});
  }
  return entries;
}

bool is_visible(const Principal& principal, const CatalogEntry& entry) {
  return authorize(principal, Role::kViewer, entry.object()).ok() ||
         authorize(principal, Role::kIngest, entry.object()).ok();
}

}  // namespace

Result<std::string> check_name(std::string_view what, std::string_view name) {
  const size_t first = name.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos) {
    name = name.substr(first, name.find_last_not_of(" \t\r\n") - first + 1);
  } else {
    name = {};
  }
  const bool clean =
      std::none_of(name.begin(), name.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20; });
  if (name.empty() || name.size() > 100 || !clean) {
    return Error(ErrorCode::kInvalidArgument,
                 std::string(what) + " has 1 to 100 characters, and no control characters");
  }
  return std::string(name);
}

Status Directory::write(const std::function<Status(store::Transaction&)>& body) {
  TRY(database_.write(body));
  {
    std::lock_guard lock(mutex_);
    entries_.reset();
  }
  if (changed_) changed_();
  return {};
}

Status Directory::insert_environment(store::Transaction& transaction, const std::string& id,
                                     const std::string& organization, const std::string& name) {
  auto row = TRY(transaction.prepare("INSERT INTO environments VALUES (?, ?, ?, ?)"));
  return row.bind(1, id).bind(2, organization).bind(3, name).bind(4, clock_.now_us()).run();
}

Result<std::string> Directory::ensure_organization(const std::string& name,
                                                   const std::string& environment,
                                                   const std::string& catalog) {
  std::string id;
  TRY(write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(
          transaction.prepare("SELECT id FROM organizations ORDER BY created_us, rowid LIMIT 1"));
      if (TRY(row.step())) id = row.column_text(0);
    }
    if (id.empty()) {
      id = random_.uuid().to_string();
      auto row = TRY(transaction.prepare("INSERT INTO organizations VALUES (?, ?, ?)"));
      TRY(row.bind(1, id).bind(2, name).bind(3, clock_.now_us()).run());
    }
    if (!TRY(catalog_entries(transaction, id)).empty()) return {};
    const std::string environment_id = random_.uuid().to_string();
    TRY(insert_environment(transaction, environment_id, id, environment));
    auto row = TRY(transaction.prepare("INSERT INTO catalog_entries VALUES (?, ?, ?, ?)"));
    return row.bind(1, catalog).bind(2, id).bind(3, environment_id).bind(4, catalog).run();
  }));
  return id;
}

Result<Organization> Directory::organization(const std::string& id) {
  std::optional<Organization> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT id, name, created_us FROM organizations WHERE id = ?"));
    row.bind(1, id);
    if (TRY(row.step())) {
      found = Organization{row.column_text(0), row.column_text(1), row.column_int(2)};
    }
    return {};
  }));
  if (!found) return Error(ErrorCode::kNotFound, "there is no such organization");
  return *found;
}

bool Directory::is_first(const std::string& organization) {
  bool first = false;
  const Status status = database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT id FROM organizations ORDER BY created_us, rowid LIMIT 1"));
    first = TRY(row.step()) && row.column_text(0) == organization;
    return {};
  });
  return status.ok() && first;
}

Status Directory::rename_organization(const Principal& principal, const std::string& name) {
  TRY(authorize(principal, Role::kOwner, Object::whole(principal)));
  const std::string checked = TRY(check_name("an organization's name", name));
  return write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("UPDATE organizations SET name = ? WHERE id = ?"));
    return row.bind(1, checked).bind(2, principal.organization).run();
  });
}

Result<std::pair<Organization, NewInvitation>> Directory::create_organization(
    const Principal& principal, const std::string& name, const std::string& environment,
    const std::string& owner_email) {
  TRY(authorize(principal, Role::kOwner, Object::whole(principal)));
  if (!is_first(principal.organization)) {
    return Error(ErrorCode::kPermissionDenied,
                 "only owners of the deployment's first organization make others");
  }
  const std::string checked = TRY(check_name("an organization's name", name));
  const std::string email = TRY(normalize_email(owner_email));
  Organization made{random_.uuid().to_string(), checked, clock_.now_us()};
  std::optional<NewInvitation> invitation;
  TRY(write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare("INSERT INTO organizations VALUES (?, ?, ?)"));
      TRY(row.bind(1, made.id).bind(2, made.name).bind(3, made.created_us).run());
    }
    TRY(insert_environment(transaction, random_.uuid().to_string(), made.id, environment));
    invitation = TRY(insert_invitation(transaction, made.id, email, Role::kOwner, principal.name));
    return {};
  }));
  return std::pair(std::move(made), *std::move(invitation));
}

Result<std::vector<Environment>> Directory::environments(const std::string& organization) {
  std::vector<Environment> found;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT id, name, created_us FROM environments WHERE organization = ? ORDER BY name"));
    row.bind(1, organization);
    while (TRY(row.step())) {
      found.push_back({row.column_text(0), row.column_text(1), row.column_int(2)});
    }
    return {};
  }));
  return found;
}

Result<Environment> Directory::create_environment(const Principal& principal,
                                                  const std::string& name) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  Environment made{random_.uuid().to_string(), TRY(check_name("an environment's name", name)),
                   clock_.now_us()};
  if (TRY(environments(principal.organization)).size() >= kEnvironmentsMax) {
    return Error(ErrorCode::kResourceExhausted, "there are 100 environments already");
  }
  const Status status = write([&](store::Transaction& transaction) {
    return insert_environment(transaction, made.id, principal.organization, made.name);
  });
  if (!status.ok() && status.error().code() == ErrorCode::kAlreadyExists) {
    return Error(ErrorCode::kAlreadyExists, "there is an environment '" + made.name + "' already");
  }
  TRY(status);
  return made;
}

Status Directory::delete_environment(const Principal& principal, const std::string& id) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  return write([&](store::Transaction& transaction) -> Status {
    for (const auto& entry : TRY(catalog_entries(transaction, principal.organization))) {
      if (entry.environment == id) {
        return Error(ErrorCode::kInvalidArgument,
                     "the environment still has the catalog '" + entry.name + "'");
      }
    }
    {
      auto row =
          TRY(transaction.prepare("DELETE FROM grants WHERE environment = ? AND "
                                  "organization = ?"));
      TRY(row.bind(1, id).bind(2, principal.organization).run());
    }
    auto row =
        TRY(transaction.prepare("DELETE FROM environments WHERE id = ? AND "
                                "organization = ?"));
    TRY(row.bind(1, id).bind(2, principal.organization).run());
    if (transaction.changes() == 0) {
      return Error(ErrorCode::kNotFound, "there is no such environment");
    }
    return {};
  });
}

Result<std::shared_ptr<const Directory::Entries>> Directory::entries() {
  std::lock_guard lock(mutex_);
  if (entries_) return entries_;
  auto read = std::make_shared<Entries>();
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT id, name, environment, organization FROM catalog_entries ORDER BY name, id"));
    while (TRY(row.step())) {
      read->push_back(
          {row.column_text(0), row.column_text(1), row.column_text(2), row.column_text(3)});
    }
    return {};
  }));
  entries_ = std::move(read);
  return entries_;
}

Result<std::vector<CatalogEntry>> Directory::catalogs(const Principal& principal) {
  std::vector<CatalogEntry> found;
  for (const auto& entry : *TRY(entries())) {
    if (is_visible(principal, entry)) found.push_back(entry);
  }
  return found;
}

Result<CatalogEntry> Directory::find_catalog(const Principal& principal, std::string_view text,
                                             std::string CatalogEntry::* field) {
  for (const auto& entry : *TRY(entries())) {
    if (entry.*field == text && is_visible(principal, entry)) return entry;
  }
  return Error(ErrorCode::kNotFound, "there is no catalog '" + std::string(text) + "'");
}

Result<CatalogEntry> Directory::catalog(const Principal& principal, std::string_view name) {
  return find_catalog(principal, name, &CatalogEntry::name);
}

Result<CatalogEntry> Directory::catalog_by_id(const Principal& principal, std::string_view id) {
  return find_catalog(principal, id, &CatalogEntry::id);
}

Result<CatalogEntry> Directory::create_catalog(const Principal& principal,
                                               const std::string& environment,
                                               const std::string& name) {
  TRY(authorize(principal, Role::kAdmin, {principal.organization, environment, {}}));
  const bool plain =
      !name.empty() && name.size() <= 64 && std::isalpha(static_cast<uint8_t>(name[0])) &&
      std::all_of(name.begin(), name.end(),
                  [](char c) { return std::isalnum(static_cast<uint8_t>(c)) || c == '_'; });
  if (!plain) {
    return Error(ErrorCode::kInvalidArgument,
                 "a catalog's name has 1 to 64 letters, digits and _, and starts with a letter");
  }
  CatalogEntry made{name, name, environment, principal.organization};
  TRY(write([&](store::Transaction& transaction) -> Status {
    {
      auto row =
          TRY(transaction.prepare("SELECT 1 FROM environments WHERE id = ? AND "
                                  "organization = ?"));
      row.bind(1, environment).bind(2, principal.organization);
      if (!TRY(row.step())) return Error(ErrorCode::kNotFound, "there is no such environment");
    }
    for (const auto& entry : TRY(catalog_entries(transaction, principal.organization))) {
      if (entry.name == name) {
        return Error(ErrorCode::kAlreadyExists, "there is a catalog '" + name + "' already");
      }
    }
    // Another organization's name must neither clash nor show: a suffix that nobody can choose.
    {
      auto row = TRY(transaction.prepare("SELECT 1 FROM catalog_entries WHERE id = ?"));
      row.bind(1, name);
      if (TRY(row.step())) made.id = name + "-" + random_text(random_, 8);
    }
    auto row = TRY(transaction.prepare("INSERT INTO catalog_entries VALUES (?, ?, ?, ?)"));
    return row.bind(1, made.id)
        .bind(2, principal.organization)
        .bind(3, environment)
        .bind(4, name)
        .run();
  }));
  return made;
}

}  // namespace firn::auth
