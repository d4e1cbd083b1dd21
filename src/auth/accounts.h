#pragma once

#include <cstdint>
#include <functional>
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

// A key's public part.
struct Key {
  std::string id;
  std::string account;
  std::string name;
  int64_t created_us = 0;
  std::optional<int64_t> expires_us;
  std::optional<int64_t> revoked_us;
  std::optional<int64_t> last_used_us;  // to the minute
};

struct NewKey {
  Key key;
  std::string secret;  // the whole key, firn_<id>_<secret>; only here
};

struct ServiceAccount {
  std::string id;
  std::string name;
  std::optional<Role> role;
  int64_t created_us = 0;
  std::vector<Key> keys;
};

// Service accounts and their keys. Only a BLAKE2b hash of a key's secret is stored. Calls of a
// member take the principal and check with authorize(); an account of another organization is
// NotFound. Thread-safe.
class Accounts {
 public:
  Accounts(store::Database& database, platform::Clock& clock, platform::Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // Called after each change of what a key may do.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

  // For the deployment itself, at its first start.
  Result<ServiceAccount> create_first(const std::string& organization, const std::string& name,
                                      Role role);
  Result<NewKey> create_first_key(const std::string& account);
  // An owner account with exactly this key; nothing happens where it exists. InvalidArgument when
  // the key is not of the form above with a secret of at least 16 characters.
  Status ensure_bootstrap_key(const std::string& organization, const std::string& key);
  // The same for an account with the role engine, by the name trino.
  Status ensure_engine_key(const std::string& organization, const std::string& key);
  // Whether the organization has any account or person.
  Result<bool> is_empty(const std::string& organization);

  Result<std::vector<ServiceAccount>> list(const Principal& principal);
  Result<ServiceAccount> find(const Principal& principal, const std::string& id);
  Result<ServiceAccount> create(const Principal& principal, const std::string& name,
                                std::optional<Role> role);
  Result<ServiceAccount> set_role(const Principal& principal, const std::string& id,
                                  std::optional<Role> role);
  Status remove(const Principal& principal, const std::string& id);
  Result<NewKey> create_key(const Principal& principal, const std::string& account,
                            const std::string& name, std::optional<int64_t> expires_us);
  // A new key of the same account and name; the old one ends after `grace_seconds`.
  Result<NewKey> rotate_key(const Principal& principal, const std::string& key_id,
                            int64_t grace_seconds);
  Result<Key> revoke_key(const Principal& principal, const std::string& key_id);

 private:
  Status write(const std::function<Status(store::Transaction&)>& body);
  Status ensure_key(const std::string& organization, const std::string& key,
                    const std::string& name, Role role);
  Status insert_account(store::Transaction& transaction, const std::string& organization,
                        const ServiceAccount& account);
  Status insert_key(store::Transaction& transaction, const Key& key, std::string_view secret);
  Result<NewKey> new_key(store::Transaction& transaction, Key key);
  Result<ServiceAccount> manageable(store::Transaction& transaction, const Principal& principal,
                                    const std::string& id);
  Result<Key> manageable_key(store::Transaction& transaction, const Principal& principal,
                             const std::string& key_id);

  store::Database& database_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::function<void()> changed_;
};

struct KeyParts {
  std::string_view id;
  std::string_view secret;
};
// None where the text cannot be a key.
std::optional<KeyParts> split_key(std::string_view key);

}  // namespace firn::auth
