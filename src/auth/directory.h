#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "base/result.h"

namespace firn::store {
class Database;
class Transaction;
}  // namespace firn::store
namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::auth {

struct Organization {
  std::string id;
  std::string name;
  int64_t created_us = 0;
};

struct Environment {
  std::string id;
  std::string name;
  int64_t created_us = 0;
};

// A catalog as an organization sees it. `id` is its name in catalog::Catalog, unique in the
// deployment; `name` is unique in the organization, and what people and SQL say.
struct CatalogEntry {
  std::string id;
  std::string name;
  std::string environment;  // id
  std::string organization;

  Object object() const { return {organization, environment, id}; }
};

struct Person {
  std::string id;
  std::string email;
  std::string name;
  std::optional<Role> role;  // in the organization asked for
  int64_t created_us = 0;
  std::optional<int64_t> last_seen_us;
};

struct Invitation {
  std::string id;
  std::string email;
  Role role = Role::kViewer;
  std::string invited_by;  // name
  int64_t created_us = 0;
  int64_t expires_us = 0;
};

struct NewInvitation {
  Invitation invitation;
  std::string token;  // only here
};

// Organizations and what belongs to them: environments, catalogs, people, invitations, grants.
// Every call of a member takes the principal, checks with authorize(), and sees nothing of another
// organization: what lies there is NotFound. Thread-safe.
class Directory {
 public:
  Directory(store::Database& database, platform::Clock& clock, platform::Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // Called after each change of what a principal may do.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

  // The first organization with its environment and catalog entry, made where there is none; its
  // id.
  Result<std::string> ensure_organization(const std::string& name, const std::string& environment,
                                          const std::string& catalog);
  Result<Organization> organization(const std::string& id);
  Status rename_organization(const Principal& principal, const std::string& name);
  // Only for owners of the deployment's first organization. Its first environment is `environment`.
  Result<std::pair<Organization, NewInvitation>> create_organization(
      const Principal& principal, const std::string& name, const std::string& environment,
      const std::string& owner_email);
  bool is_first(const std::string& organization);

  Result<std::vector<Environment>> environments(const std::string& organization);
  Result<Environment> create_environment(const Principal& principal, const std::string& name);
  // InvalidArgument while it has catalogs.
  Status delete_environment(const Principal& principal, const std::string& id);

  // Those on which the principal is a viewer at least, or may ingest, by name.
  Result<std::vector<CatalogEntry>> catalogs(const Principal& principal);
  // By name, or by id; NotFound "there is no catalog NAME" also where the principal may not know.
  Result<CatalogEntry> catalog(const Principal& principal, std::string_view name);
  Result<CatalogEntry> catalog_by_id(const Principal& principal, std::string_view id);
  // A new catalog's entry: it gets the name as its id where no other organization has it.
  Result<CatalogEntry> create_catalog(const Principal& principal, const std::string& environment,
                                      const std::string& name);

  Result<std::vector<Person>> people(const Principal& principal);
  Result<Person> person(const Principal& principal, const std::string& id);
  Result<Person> set_person_role(const Principal& principal, const std::string& id,
                                 std::optional<Role> role);
  Status remove_person(const Principal& principal, const std::string& id);

  Result<NewInvitation> invite(const Principal& principal, const std::string& email, Role role);
  Result<std::vector<Invitation>> invitations(const Principal& principal);
  Status revoke_invitation(const Principal& principal, const std::string& id);

  Result<std::vector<Grant>> grants(const Principal& principal);
  Result<Grant> grant(const Principal& principal, const std::string& account, Role role,
                      const std::string& environment, const std::string& catalog);
  Status revoke_grant(const Principal& principal, const std::string& id);
  // Name of a person or service account of the organization; empty where there is none.
  Result<std::string> name_of(const std::string& organization, const std::string& account);

 private:
  using Entries = std::vector<CatalogEntry>;
  Status write(const std::function<Status(store::Transaction&)>& body);
  // Of every organization, by name; in memory, as each request needs one.
  Result<std::shared_ptr<const Entries>> entries();
  Result<CatalogEntry> find_catalog(const Principal& principal, std::string_view text,
                                    std::string CatalogEntry::* field);
  Result<Object> object_of(const Principal& principal, const std::string& environment,
                           const std::string& catalog);
  Result<NewInvitation> insert_invitation(store::Transaction& transaction,
                                          const std::string& organization, const std::string& email,
                                          Role role, const std::string& invited_by);
  Status insert_environment(store::Transaction& transaction, const std::string& id,
                            const std::string& organization, const std::string& name);

  store::Database& database_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::function<void()> changed_;
  std::mutex mutex_;
  std::shared_ptr<const Entries> entries_;  // null: to be read
};

// An e-mail address as it is stored: trimmed, lower case. InvalidArgument where it cannot be one.
Result<std::string> normalize_email(std::string_view email);
// A name that people give: trimmed, 1 to 100 characters, no control characters.
Result<std::string> check_name(std::string_view what, std::string_view name);

}  // namespace firn::auth
