#include "auth/accounts.h"

#include "auth/auth_internal.h"
#include "auth/directory.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::auth {
namespace {

constexpr size_t kSecretLengthMin = 16;
constexpr size_t kKeyLengthMax = 256;
constexpr int kKeysMax = 100;  // of one account

constexpr std::string_view kKeyColumns =
    "SELECT k.id, k.account, k.name, k.created_us, k.expires_us, k.revoked_us, k.last_used_us FROM "
    "keys k JOIN service_accounts a ON a.id = k.account WHERE a.organization = ?";

std::optional<int64_t> optional_int(const store::Statement& row, int index) {
  if (row.column_is_null(index)) return std::nullopt;
  return row.column_int(index);
}

Key read_key(const store::Statement& row) {
  return {row.column_text(0),   row.column_text(1),   row.column_text(2),  row.column_int(3),
          optional_int(row, 4), optional_int(row, 5), optional_int(row, 6)};
}

Error no_account() { return Error(ErrorCode::kNotFound, "there is no such service account"); }

}  // namespace

std::optional<KeyParts> split_key(std::string_view key) {
  constexpr std::string_view kPrefix = "firn_";
  if (key.size() > kKeyLengthMax || !key.starts_with(kPrefix)) return std::nullopt;
  key.remove_prefix(kPrefix.size());
  const size_t line = key.find('_');
  if (line == std::string_view::npos || line == 0) return std::nullopt;
  return KeyParts{key.substr(0, line), key.substr(line + 1)};
}

Status Accounts::write(const std::function<Status(store::Transaction&)>& body) {
  TRY(database_.write(body));
  if (changed_) changed_();
  return {};
}

Status Accounts::insert_account(store::Transaction& transaction, const std::string& organization,
                                const ServiceAccount& account) {
  auto row = TRY(transaction.prepare("INSERT INTO service_accounts VALUES (?, ?, ?, ?, ?)"));
  return row.bind(1, account.id)
      .bind(2, organization)
      .bind(3, account.name)
      .bind(4, role_text(account.role))
      .bind(5, account.created_us)
      .run();
}

Status Accounts::insert_key(store::Transaction& transaction, const Key& key,
                            std::string_view secret) {
  auto row = TRY(transaction.prepare(
      "INSERT INTO keys (id, account, hash, created_us, name, expires_us) VALUES (?, ?, ?, ?, ?, "
      "?)"));
  row.bind(1, key.id)
      .bind(2, key.account)
      .bind_blob(3, as_bytes(hash_secret(secret)))
      .bind(4, key.created_us)
      .bind(5, key.name);
  if (key.expires_us) {
    row.bind(6, *key.expires_us);
  } else {
    row.bind_null(6);
  }
  return row.run();
}

Result<NewKey> Accounts::new_key(store::Transaction& transaction, Key key) {
  key.id = random_text(random_, 8);
  key.created_us = clock_.now_us();
  const std::string secret = random_text(random_, 24);
  TRY(insert_key(transaction, key, secret));
  std::string whole = "firn_" + key.id + "_" + secret;
  return NewKey{std::move(key), std::move(whole)};
}

Result<ServiceAccount> Accounts::create_first(const std::string& organization,
                                              const std::string& name, Role role) {
  ServiceAccount account{random_.uuid().to_string(),
                         TRY(check_name("an account's name", name)),
                         role,
                         clock_.now_us(),
                         {}};
  const Status made = write([&](store::Transaction& transaction) {
    return insert_account(transaction, organization, account);
  });
  if (!made.ok() && made.error().code() == ErrorCode::kAlreadyExists) {
    return Error(ErrorCode::kAlreadyExists, "there is an account of this name: " + account.name);
  }
  TRY(made);
  return account;
}

Result<NewKey> Accounts::create_first_key(const std::string& account) {
  std::optional<NewKey> made;
  TRY(write([&](store::Transaction& transaction) -> Status {
    Key key;
    key.account = account;
    made = TRY(new_key(transaction, std::move(key)));
    return {};
  }));
  return *std::move(made);
}

Status Accounts::ensure_bootstrap_key(const std::string& organization, const std::string& key) {
  return ensure_key(organization, key, "bootstrap", Role::kOwner);
}

Status Accounts::ensure_engine_key(const std::string& organization, const std::string& key) {
  return ensure_key(organization, key, "trino", Role::kEngine);
}

Status Accounts::ensure_key(const std::string& organization, const std::string& key,
                            const std::string& name, Role role) {
  const auto parts = split_key(key);
  if (!parts || parts->secret.size() < kSecretLengthMin) {
    return Error(
        ErrorCode::kInvalidArgument,
        "the " + name + " key must be firn_<id>_<secret>, the secret of 16 characters or more");
  }
  Key made;
  made.id = std::string(parts->id);
  made.created_us = clock_.now_us();
  return write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare(
          "SELECT k.hash, a.role FROM keys k JOIN service_accounts a ON a.id = k.account WHERE "
          "k.id = ?"));
      row.bind(1, made.id);
      if (TRY(row.step())) {
        const bool same = row.column_text(0) == hash_secret(parts->secret);
        if (same && row.column_text(1) == role_name(role)) return {};
        return Error(ErrorCode::kAlreadyExists, "the " + name +
                                                    " key's id is taken by a key with another "
                                                    "secret, or of another role");
      }
    }
    made.account = random_.uuid().to_string();
    TRY(insert_account(transaction, organization,
                       {made.account, name + " " + made.id, role, made.created_us, {}}));
    return insert_key(transaction, made, parts->secret);
  });
}

Result<bool> Accounts::is_empty(const std::string& organization) {
  bool empty = true;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT 1 FROM service_accounts WHERE organization = ?1 UNION ALL "
                                "SELECT 1 FROM members WHERE organization = ?1 LIMIT 1"));
    row.bind(1, organization);
    empty = !TRY(row.step());
    return {};
  }));
  return empty;
}

Result<std::vector<ServiceAccount>> Accounts::list(const Principal& principal) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  std::vector<ServiceAccount> accounts;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare(
          "SELECT id, name, role, created_us FROM service_accounts WHERE organization = ? ORDER BY "
          "name, id"));
      row.bind(1, principal.organization);
      while (TRY(row.step())) {
        accounts.push_back({row.column_text(0),
                            row.column_text(1),
                            parse_role(row.column_text(2)),
                            row.column_int(3),
                            {}});
      }
    }
    auto row = TRY(transaction.prepare(std::string(kKeyColumns) + " ORDER BY k.created_us DESC"));
    row.bind(1, principal.organization);
    while (TRY(row.step())) {
      Key key = read_key(row);
      for (auto& account : accounts) {
        if (account.id == key.account) account.keys.push_back(key);
      }
    }
    return {};
  }));
  return accounts;
}

Result<ServiceAccount> Accounts::find(const Principal& principal, const std::string& id) {
  for (auto& account : TRY(list(principal))) {
    if (account.id == id) return std::move(account);
  }
  return no_account();
}

// The account, where the principal may change it: it is not above them.
Result<ServiceAccount> Accounts::manageable(store::Transaction& transaction,
                                            const Principal& principal, const std::string& id) {
  auto row = TRY(transaction.prepare(
      "SELECT id, name, role, created_us FROM service_accounts WHERE id = ? AND organization = ?"));
  row.bind(1, id).bind(2, principal.organization);
  if (!TRY(row.step())) return no_account();
  ServiceAccount account{row.column_text(0),
                         row.column_text(1),
                         parse_role(row.column_text(2)),
                         row.column_int(3),
                         {}};
  if (account.role) TRY(authorize_giving(principal, *account.role, Object::whole(principal)));
  // Nor is it above them on an environment or a catalog: who has its key has its grants.
  for (const Grant& grant : TRY(grants_of(transaction, principal.organization, id))) {
    const Object object = TRY(object_of_grant(transaction, principal.organization, grant));
    TRY(authorize_giving(principal, grant.role, object));
  }
  return account;
}

Result<Key> Accounts::manageable_key(store::Transaction& transaction, const Principal& principal,
                                     const std::string& key_id) {
  std::optional<Key> key;
  {
    auto row = TRY(transaction.prepare(std::string(kKeyColumns) + " AND k.id = ?"));
    row.bind(1, principal.organization).bind(2, key_id);
    if (TRY(row.step())) key = read_key(row);
  }
  if (!key) return Error(ErrorCode::kNotFound, "there is no such key");
  TRY(manageable(transaction, principal, key->account));
  return *std::move(key);
}

Result<ServiceAccount> Accounts::create(const Principal& principal, const std::string& name,
                                        std::optional<Role> role) {
  const Object whole = Object::whole(principal);
  TRY(role ? authorize_giving(principal, *role, whole) : authorize(principal, Role::kAdmin, whole));
  ServiceAccount account{random_.uuid().to_string(),
                         TRY(check_name("an account's name", name)),
                         role,
                         clock_.now_us(),
                         {}};
  const Status made = write([&](store::Transaction& transaction) {
    return insert_account(transaction, principal.organization, account);
  });
  if (!made.ok() && made.error().code() == ErrorCode::kAlreadyExists) {
    return Error(ErrorCode::kAlreadyExists, "there is an account of this name: " + account.name);
  }
  TRY(made);
  return account;
}

Result<ServiceAccount> Accounts::set_role(const Principal& principal, const std::string& id,
                                          std::optional<Role> role) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  TRY(write([&](store::Transaction& transaction) -> Status {
    TRY(manageable(transaction, principal, id));
    if (role) TRY(authorize_giving(principal, *role, Object::whole(principal)));
    auto row = TRY(transaction.prepare("UPDATE service_accounts SET role = ? WHERE id = ?"));
    return row.bind(1, role_text(role)).bind(2, id).run();
  }));
  return find(principal, id);
}

Status Accounts::remove(const Principal& principal, const std::string& id) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  return write([&](store::Transaction& transaction) -> Status {
    TRY(manageable(transaction, principal, id));
    for (const char* sql :
         {"DELETE FROM grants WHERE principal = ?", "DELETE FROM keys WHERE account = ?",
          "DELETE FROM service_accounts WHERE id = ?"}) {
      auto row = TRY(transaction.prepare(sql));
      TRY(row.bind(1, id).run());
    }
    return {};
  });
}

Result<NewKey> Accounts::create_key(const Principal& principal, const std::string& account,
                                    const std::string& name, std::optional<int64_t> expires_us) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  if (expires_us && *expires_us <= clock_.now_us()) {
    return Error(ErrorCode::kInvalidArgument, "a key's expiry lies in the future");
  }
  Key key;
  key.account = account;
  key.name = name.empty() ? std::string() : TRY(check_name("a key's name", name));
  key.expires_us = expires_us;
  std::optional<NewKey> made;
  TRY(write([&](store::Transaction& transaction) -> Status {
    TRY(manageable(transaction, principal, account));
    {
      auto row = TRY(transaction.prepare(
          "SELECT count(*) FROM keys WHERE account = ? AND revoked_us IS NULL"));
      row.bind(1, account);
      if (TRY(row.step()) && row.column_int(0) >= kKeysMax) {
        return Error(ErrorCode::kResourceExhausted, "the account has 100 keys: revoke some first");
      }
    }
    made = TRY(new_key(transaction, key));
    return {};
  }));
  return *std::move(made);
}

Result<NewKey> Accounts::rotate_key(const Principal& principal, const std::string& key_id,
                                    int64_t grace_seconds) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  constexpr int64_t kGraceMax = 30LL * 24 * 3600;
  if (grace_seconds < 0 || grace_seconds > kGraceMax) {
    return Error(ErrorCode::kInvalidArgument, "graceSeconds lies between 0 and 30 days");
  }
  std::optional<NewKey> made;
  TRY(write([&](store::Transaction& transaction) -> Status {
    const Key old = TRY(manageable_key(transaction, principal, key_id));
    if (old.revoked_us) return Error(ErrorCode::kInvalidArgument, "the key has been revoked");
    Key next;
    next.account = old.account;
    next.name = old.name;
    next.expires_us = old.expires_us;
    made = TRY(new_key(transaction, std::move(next)));
    const int64_t end = clock_.now_us() + grace_seconds * 1'000'000;
    auto row = TRY(transaction.prepare(
        grace_seconds == 0 ? "UPDATE keys SET revoked_us = ?1 WHERE id = ?2"
                           : "UPDATE keys SET expires_us = min(?1, coalesce(expires_us, ?1)) WHERE "
                             "id = ?2"));
    return row.bind(1, end).bind(2, key_id).run();
  }));
  return *std::move(made);
}

Result<Key> Accounts::revoke_key(const Principal& principal, const std::string& key_id) {
  TRY(authorize(principal, Role::kAdmin, Object::whole(principal)));
  std::optional<Key> key;
  TRY(write([&](store::Transaction& transaction) -> Status {
    key = TRY(manageable_key(transaction, principal, key_id));
    if (key->revoked_us) return {};
    key->revoked_us = clock_.now_us();
    auto row = TRY(transaction.prepare("UPDATE keys SET revoked_us = ? WHERE id = ?"));
    return row.bind(1, *key->revoked_us).bind(2, key_id).run();
  }));
  return *std::move(key);
}

}  // namespace firn::auth
