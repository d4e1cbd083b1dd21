#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace firn::store {
class Database;
}
namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::auth {

enum class Role : uint8_t { kOwner, kAdmin, kEditor, kViewer, kIngest };
std::string_view role_name(Role role);
std::optional<Role> parse_role(std::string_view name);

// What a request wants to do; the one table of who may is in policy.cc.
enum class Action : uint8_t {
  kQuery,         // read rows and metadata
  kIngest,        // append and upload rows, create tables by doing so
  kChangeTables,  // create, alter, commit to, rename, drop tables and namespaces
  kManage,        // accounts, keys, settings
};

// Who makes a request. Immutable.
struct Principal {
  std::string organization;  // id
  std::string account;       // service account id
  std::string name;
  Role role = Role::kViewer;
  std::string key_id;  // public part of the key used
};

// PermissionDenied, saying which role could, unless the principal's role allows the action.
Status authorize(const Principal& principal, Action action);

struct ServiceAccount {
  std::string id;
  std::string name;
  Role role = Role::kViewer;
};

// Organizations, service accounts, keys. Keys are `firn_<id>_<secret>`; only a BLAKE2b hash of the
// secret is stored. Thread-safe; verified keys are cached for seconds.
class Authenticator {
 public:
  static Result<std::unique_ptr<Authenticator>> create(store::Database& database,
                                                       platform::Clock& clock,
                                                       platform::Random& random);
  ~Authenticator();

  // The first organization, made where there is none. Returns its id.
  Result<std::string> ensure_organization(const std::string& name);
  Result<ServiceAccount> create_service_account(const std::string& organization,
                                                const std::string& name, Role role);
  // A new key, shown once.
  Result<std::string> create_key(const std::string& account_id);
  // An owner account with exactly this key; nothing happens where it exists. InvalidArgument when
  // the key is not of the form above with a secret of at least 16 characters.
  Status ensure_bootstrap_key(const std::string& organization, const std::string& key);
  Status revoke_key(const std::string& key_id);

  // Bearer, Basic (key as password) or X-API-Key. Unauthenticated where none holds.
  Result<Principal> authenticate(const http::Request& request);
  Result<Principal> authenticate_key(std::string_view key);

 private:
  struct Impl;
  explicit Authenticator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firn::auth
