#include "auth/auth.h"

#include <sodium.h>

#include <array>
#include <mutex>
#include <unordered_map>

#include "base/bytes.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "store/database.h"

namespace firn::auth {
namespace {

constexpr size_t kHashBytes = 32;
constexpr size_t kSecretLengthMin = 16;
constexpr size_t kKeyLengthMax = 256;
constexpr int64_t kCacheMs = 5'000;
constexpr size_t kCacheEntriesMax = 10'000;
constexpr int64_t kLastUsedEveryMs = 60'000;

const std::vector<store::Migration>& migrations() {
  static const std::vector<store::Migration> steps = {
      {"auth", 1,
       "CREATE TABLE organizations (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_us INTEGER "
       "NOT "
       "NULL) STRICT;"
       "CREATE TABLE service_accounts (id TEXT PRIMARY KEY, organization TEXT NOT NULL REFERENCES "
       "organizations(id), name TEXT NOT NULL, role TEXT NOT NULL, created_us INTEGER NOT NULL, "
       "UNIQUE (organization, name)) STRICT;"
       "CREATE TABLE keys (id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES "
       "service_accounts(id) ON DELETE CASCADE, hash BLOB NOT NULL, created_us INTEGER NOT NULL, "
       "revoked_us INTEGER, last_used_us INTEGER) STRICT;"},
  };
  return steps;
}

std::string hash_secret(std::string_view secret) {
  std::array<uint8_t, kHashBytes> hash{};
  const ByteSpan bytes = as_bytes(secret);
  crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
  return std::string(as_text(hash));
}

struct KeyParts {
  std::string_view id;
  std::string_view secret;
};

std::optional<KeyParts> split_key(std::string_view key) {
  constexpr std::string_view kPrefix = "firn_";
  if (key.size() > kKeyLengthMax || !key.starts_with(kPrefix)) return std::nullopt;
  key.remove_prefix(kPrefix.size());
  const size_t line = key.find('_');
  if (line == std::string_view::npos || line == 0) return std::nullopt;
  return KeyParts{key.substr(0, line), key.substr(line + 1)};
}

std::string random_text(platform::Random& random, size_t bytes) {
  std::vector<uint8_t> raw(bytes);
  random.fill(raw);
  return to_hex(raw);
}

bool starts_without_case(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if ((text[i] | 0x20) != (prefix[i] | 0x20)) return false;
  }
  return true;
}

// The key that a request carries, wherever it carries it; empty where there is none.
std::string key_of(const http::Request& request) {
  if (const auto key = request.headers.get("X-API-Key")) return std::string(*key);
  const auto header = request.headers.get("Authorization");
  if (!header) return {};
  if (starts_without_case(*header, "Bearer ")) return std::string(header->substr(7));
  if (!starts_without_case(*header, "Basic ")) return {};
  std::string decoded;
  if (!base64_decode(header->substr(6), decoded)) return {};
  const size_t colon = decoded.find(':');
  return colon == std::string::npos ? std::string() : decoded.substr(colon + 1);
}

}  // namespace

struct Authenticator::Impl {
  store::Database& database;
  platform::Clock& clock;
  platform::Random& random;

  struct Cached {
    Principal principal;
    int64_t until_ms = 0;
    int64_t noted_ms = 0;  // when last_used was last written
  };
  std::mutex mutex;
  std::unordered_map<std::string, Cached> cache;  // by hash of the whole key

  Result<Principal> look_up(const KeyParts& parts) {
    std::optional<Principal> found;
    std::string stored_hash;
    TRY(database.read([&](store::Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare(
          "SELECT k.hash, a.id, a.name, a.role, a.organization FROM keys k JOIN service_accounts a "
          "ON a.id = k.account WHERE k.id = ? AND k.revoked_us IS NULL"));
      row.bind(1, parts.id);
      if (!TRY(row.step())) return {};
      stored_hash = row.column_text(0);
      const auto role = parse_role(row.column_text(3));
      if (!role) return Error(ErrorCode::kInternal, "an account has an unknown role");
      found = Principal{row.column_text(4), row.column_text(1), row.column_text(2), *role,
                        std::string(parts.id)};
      return {};
    }));
    const std::string hash = hash_secret(parts.secret);
    // An unknown id is compared, too, so that time does not tell which ids exist.
    if (stored_hash.size() != kHashBytes) stored_hash.assign(kHashBytes, '\0');
    const bool same = sodium_memcmp(hash.data(), stored_hash.data(), kHashBytes) == 0;
    if (!found || !same) return Error(ErrorCode::kUnauthenticated, "the key is not valid");
    return *std::move(found);
  }

  Status note_use(const std::string& key_id) {
    return database.write([&](store::Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare("UPDATE keys SET last_used_us = ? WHERE id = ?"));
      return row.bind(1, clock.now_us()).bind(2, key_id).run();
    });
  }

  Status insert_account(const std::string& id, const std::string& organization,
                        const std::string& name, Role role, store::Transaction& transaction) {
    auto row = TRY(transaction.prepare("INSERT INTO service_accounts VALUES (?, ?, ?, ?, ?)"));
    return row.bind(1, id)
        .bind(2, organization)
        .bind(3, name)
        .bind(4, role_name(role))
        .bind(5, clock.now_us())
        .run();
  }

  Status insert_key(const std::string& key_id, const std::string& account, std::string_view secret,
                    store::Transaction& transaction) {
    auto row = TRY(transaction.prepare("INSERT INTO keys VALUES (?, ?, ?, ?, NULL, NULL)"));
    return row.bind(1, key_id)
        .bind(2, account)
        .bind_blob(3, as_bytes(hash_secret(secret)))
        .bind(4, clock.now_us())
        .run();
  }
};

Authenticator::Authenticator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Authenticator::~Authenticator() = default;

Result<std::unique_ptr<Authenticator>> Authenticator::create(store::Database& database,
                                                             platform::Clock& clock,
                                                             platform::Random& random) {
  if (sodium_init() < 0) return Error(ErrorCode::kInternal, "cannot start", "sodium_init failed");
  TRY(database.migrate(migrations()));
  return std::unique_ptr<Authenticator>(
      new Authenticator(std::unique_ptr<Impl>(new Impl{database, clock, random, {}, {}})));
}

Result<std::string> Authenticator::ensure_organization(const std::string& name) {
  std::string id;
  TRY(impl_->database.write([&](store::Transaction& transaction) -> Status {
    {
      auto row =
          TRY(transaction.prepare("SELECT id FROM organizations ORDER BY created_us LIMIT 1"));
      if (TRY(row.step())) {
        id = row.column_text(0);
        return {};
      }
    }
    id = impl_->random.uuid().to_string();
    auto row = TRY(transaction.prepare("INSERT INTO organizations VALUES (?, ?, ?)"));
    return row.bind(1, id).bind(2, name).bind(3, impl_->clock.now_us()).run();
  }));
  return id;
}

Result<ServiceAccount> Authenticator::create_service_account(const std::string& organization,
                                                             const std::string& name, Role role) {
  if (name.empty() || name.size() > 255) {
    return Error(ErrorCode::kInvalidArgument, "an account's name has 1 to 255 bytes");
  }
  ServiceAccount account{impl_->random.uuid().to_string(), name, role};
  const Status made = impl_->database.write([&](store::Transaction& transaction) {
    return impl_->insert_account(account.id, organization, name, role, transaction);
  });
  if (!made.ok() && made.error().code() == ErrorCode::kAlreadyExists) {
    return Error(ErrorCode::kAlreadyExists, "there is an account of this name: " + name);
  }
  TRY(made);
  return account;
}

Result<std::string> Authenticator::create_key(const std::string& account_id) {
  const std::string id = random_text(impl_->random, 8);
  const std::string secret = random_text(impl_->random, 24);
  TRY(impl_->database.write([&](store::Transaction& transaction) {
    return impl_->insert_key(id, account_id, secret, transaction);
  }));
  return "firn_" + id + "_" + secret;
}

Status Authenticator::ensure_bootstrap_key(const std::string& organization,
                                           const std::string& key) {
  const auto parts = split_key(key);
  if (!parts || parts->secret.size() < kSecretLengthMin) {
    return Error(
        ErrorCode::kInvalidArgument,
        "the bootstrap key must be firn_<id>_<secret>, the secret of 16 characters or more");
  }
  const std::string id(parts->id);
  return impl_->database.write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare("SELECT hash FROM keys WHERE id = ?"));
      row.bind(1, id);
      if (TRY(row.step())) {
        if (row.column_text(0) == hash_secret(parts->secret)) return {};
        return Error(ErrorCode::kAlreadyExists,
                     "the bootstrap key's id is taken by a key with another secret");
      }
    }
    const std::string account = impl_->random.uuid().to_string();
    TRY(impl_->insert_account(account, organization, "bootstrap " + id, Role::kOwner, transaction));
    return impl_->insert_key(id, account, parts->secret, transaction);
  });
}

Status Authenticator::revoke_key(const std::string& key_id) {
  TRY(impl_->database.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(
        transaction.prepare("UPDATE keys SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL"));
    TRY(row.bind(1, impl_->clock.now_us()).bind(2, key_id).run());
    if (transaction.changes() == 0) return Error(ErrorCode::kNotFound, "there is no such key");
    return {};
  }));
  std::lock_guard lock(impl_->mutex);
  std::erase_if(impl_->cache,
                [&](const auto& entry) { return entry.second.principal.key_id == key_id; });
  return {};
}

Result<Principal> Authenticator::authenticate(const http::Request& request) {
  const std::string key = key_of(request);
  if (key.empty()) {
    return Error(ErrorCode::kUnauthenticated,
                 "a key is needed: Authorization: Bearer KEY, HTTP Basic with the key as password, "
                 "or X-API-Key");
  }
  return authenticate_key(key);
}

Result<Principal> Authenticator::authenticate_key(std::string_view key) {
  const auto parts = split_key(key);
  if (!parts) return Error(ErrorCode::kUnauthenticated, "the key is not valid");
  const std::string hash = hash_secret(key);
  const int64_t now_ms = impl_->clock.now_ms();
  int64_t noted_ms = 0;
  {
    std::lock_guard lock(impl_->mutex);
    const auto found = impl_->cache.find(hash);
    if (found != impl_->cache.end()) {
      if (now_ms < found->second.until_ms) return found->second.principal;
      noted_ms = found->second.noted_ms;
    }
  }
  Principal principal = TRY(impl_->look_up(*parts));
  if (now_ms - noted_ms >= kLastUsedEveryMs) {
    // A full disk must not stop reads: the time of last use is only informative.
    if (impl_->note_use(principal.key_id).ok()) noted_ms = now_ms;
  }
  std::lock_guard lock(impl_->mutex);
  if (impl_->cache.size() >= kCacheEntriesMax) impl_->cache.clear();
  impl_->cache[hash] = {principal, now_ms + kCacheMs, noted_ms};
  return principal;
}

}  // namespace firn::auth
