#include "auth/auth.h"

#include <sodium.h>

#include <mutex>
#include <unordered_map>

#include "auth/auth_internal.h"
#include "base/bytes.h"
#include "platform/clock.h"
#include "platform/random.h"
#include "store/database.h"

namespace firn::auth {
namespace {

constexpr int64_t kCacheMs = 5'000;
constexpr size_t kCacheEntriesMax = 10'000;
constexpr int64_t kLastUsedEveryMs = 60'000;

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

// The service account's principal; none where the organization has no such account.
Result<std::optional<Principal>> account_principal(store::Transaction& transaction,
                                                   const std::string& account,
                                                   const std::string& organization) {
  Principal principal;
  {
    auto row = TRY(transaction.prepare(
        "SELECT a.name, a.role, o.name FROM service_accounts a JOIN "
        "organizations o ON o.id = a.organization WHERE a.id = ? AND o.id = ?"));
    row.bind(1, account).bind(2, organization);
    if (!TRY(row.step())) return std::optional<Principal>();
    principal.name = row.column_text(0);
    principal.role = parse_role(row.column_text(1));
    principal.organization_name = row.column_text(2);
  }
  principal.organization = organization;
  principal.account = account;
  principal.grants = TRY(grants_of(transaction, organization, account));
  return std::optional(std::move(principal));
}

}  // namespace

std::string_view cookie(const http::Request& request, std::string_view name) {
  for (const auto& [field, value] : request.headers.all()) {
    if (field.size() != 6 || !starts_without_case(field, "cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const size_t end = rest.find(';');
      std::string_view pair = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
      const size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
        return pair.substr(equals + 1);
      }
    }
  }
  return {};
}

struct Authenticator::Impl {
  Impl(store::Database& d, platform::Clock& c, platform::Random& r)
      : database(d),
        clock(c),
        directory(d, c, r),
        accounts(d, c, r),
        sessions(d, c, r),
        policies(d, c, r),
        audit(d, c),
        oauth(d, c, r) {
    const auto forget = [this] {
      {
        std::lock_guard lock(mutex);
        cache.clear();
        ++generation;
      }
      if (changed) changed();
    };
    directory.on_change(forget);
    accounts.on_change(forget);
    sessions.on_change(forget);
  }

  store::Database& database;
  platform::Clock& clock;
  Directory directory;
  Accounts accounts;
  Sessions sessions;
  Policies policies;
  AuditLog audit;
  OAuth oauth;

  struct Cached {
    Principal principal;
    int64_t until_ms = 0;
    int64_t noted_ms = 0;  // when last_used was last written
  };
  std::function<void()> changed;
  std::mutex mutex;
  uint64_t generation = 0;                        // of what the cache was filled from
  std::unordered_map<std::string, Cached> cache;  // by hash of the whole key or token

  Result<Principal> look_up(const KeyParts& parts);
  Status note_use(const std::string& key_id) {
    return database.write([&](store::Transaction& transaction) -> Status {
      auto row = TRY(transaction.prepare("UPDATE keys SET last_used_us = ? WHERE id = ?"));
      return row.bind(1, clock.now_us()).bind(2, key_id).run();
    });
  }
  Result<Principal> session(std::string_view token);
  void remember(const std::string& hash, const Principal& principal, int64_t until_ms,
                int64_t noted_ms, uint64_t seen_generation) {
    std::lock_guard lock(mutex);
    if (generation != seen_generation) return;  // something changed while we looked
    if (cache.size() >= kCacheEntriesMax) cache.clear();
    cache[hash] = {principal, until_ms, noted_ms};
  }
};

Result<Principal> Authenticator::Impl::look_up(const KeyParts& parts) {
  std::optional<Principal> found;
  std::string stored_hash;
  TRY(database.read([&](store::Transaction& transaction) -> Status {
    Principal principal;
    {
      auto row = TRY(transaction.prepare(
          "SELECT k.hash, a.id, a.name, a.role, a.organization, o.name FROM keys k JOIN "
          "service_accounts a ON a.id = k.account JOIN organizations o ON o.id = a.organization "
          "WHERE k.id = ? AND k.revoked_us IS NULL AND (k.expires_us IS NULL OR k.expires_us > "
          "?)"));
      row.bind(1, parts.id).bind(2, clock.now_us());
      if (!TRY(row.step())) return {};
      stored_hash = row.column_text(0);
      principal.account = row.column_text(1);
      principal.name = row.column_text(2);
      principal.role = parse_role(row.column_text(3));
      principal.organization = row.column_text(4);
      principal.organization_name = row.column_text(5);
      principal.key_id = std::string(parts.id);
    }
    principal.grants = TRY(grants_of(transaction, principal.organization, principal.account));
    found = std::move(principal);
    return {};
  }));
  const std::string hash = hash_secret(parts.secret);
  // An unknown id is compared, too, so that time does not tell which ids exist.
  if (!found) stored_hash.assign(hash.size(), '\0');
  const bool same = same_hash(hash, stored_hash);
  if (!found || !same) return Error(ErrorCode::kUnauthenticated, "the key is not valid");
  return *std::move(found);
}

Result<Principal> Authenticator::Impl::session(std::string_view token) {
  const std::string hash = hash_secret(token);
  const int64_t now_ms = clock.now_ms();
  uint64_t seen_generation = 0;
  {
    std::lock_guard lock(mutex);
    seen_generation = generation;
    const auto found = cache.find(hash);
    if (found != cache.end() && now_ms < found->second.until_ms) return found->second.principal;
  }
  Principal principal = TRY(sessions.authenticate(token));
  remember(hash, principal, now_ms + kCacheMs, 0, seen_generation);
  return principal;
}

Authenticator::Authenticator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Authenticator::~Authenticator() = default;

Directory& Authenticator::directory() { return impl_->directory; }
Accounts& Authenticator::accounts() { return impl_->accounts; }
Sessions& Authenticator::sessions() { return impl_->sessions; }
Policies& Authenticator::policies() { return impl_->policies; }
AuditLog& Authenticator::audit() { return impl_->audit; }
void Authenticator::on_change(std::function<void()> changed) {
  impl_->changed = std::move(changed);
}
OAuth& Authenticator::oauth() { return impl_->oauth; }

Result<std::unique_ptr<Authenticator>> Authenticator::create(store::Database& database,
                                                             platform::Clock& clock,
                                                             platform::Random& random) {
  if (sodium_init() < 0) return Error(ErrorCode::kInternal, "cannot start", "sodium_init failed");
  TRY(database.migrate(migrations()));
  return std::unique_ptr<Authenticator>(
      new Authenticator(std::make_unique<Impl>(database, clock, random)));
}

bool Authenticator::has_credentials(const http::Request& request) {
  return !key_of(request).empty() || !cookie(request, kSessionCookie).empty();
}

Result<Principal> Authenticator::account(const Principal& engine, const std::string& id) {
  TRY(authorize_engine(engine));
  return principal_of(engine.organization, id, std::nullopt);
}

Result<Principal> Authenticator::authenticate(const http::Request& request) {
  const std::string key = key_of(request);
  if (!key.empty()) return authenticate_key(key);
  if (cookie(request, kSessionCookie).empty()) {
    return Error(ErrorCode::kUnauthenticated,
                 "a key is needed: Authorization: Bearer KEY, HTTP Basic with the key as password, "
                 "or X-API-Key");
  }
  if (request.method == "GET" || request.method == "HEAD") {
    return impl_->session(cookie(request, kSessionCookie));
  }
  return authenticate_session(request, request.headers.get(kCsrfHeader).value_or(""));
}

Result<Principal> Authenticator::authenticate_session(const http::Request& request,
                                                      std::string_view csrf) {
  const std::string_view token = cookie(request, kSessionCookie);
  if (token.empty()) return Error(ErrorCode::kUnauthenticated, "there is no session: sign in");
  Principal principal = TRY(impl_->session(token));
  if (!same_hash(Sessions::csrf_of(token), csrf)) {
    return Error(ErrorCode::kPermissionDenied,
                 "a request from a browser has to send the cookie firn_csrf in X-Firn-CSRF");
  }
  return principal;
}

Result<Principal> Authenticator::authenticate_key(std::string_view key) {
  const auto parts = split_key(key);
  if (!parts) return Error(ErrorCode::kUnauthenticated, "the key is not valid");
  const std::string hash = hash_secret(key);
  const int64_t now_ms = impl_->clock.now_ms();
  int64_t noted_ms = 0;
  uint64_t seen_generation = 0;
  {
    std::lock_guard lock(impl_->mutex);
    seen_generation = impl_->generation;
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
  impl_->remember(hash, principal, now_ms + kCacheMs, noted_ms, seen_generation);
  return principal;
}

Result<Principal> Authenticator::now(const Principal& was) {
  const int64_t now_us = impl_->clock.now_us();
  bool holds = was.key_id.empty() && was.session.empty();
  TRY(impl_->database.read([&](store::Transaction& transaction) -> Status {
    if (!was.key_id.empty()) {
      auto row = TRY(
          transaction.prepare("SELECT 1 FROM keys WHERE id = ? AND account = ? AND revoked_us IS "
                              "NULL AND (expires_us IS NULL OR expires_us > ?)"));
      row.bind(1, was.key_id).bind(2, was.account).bind(3, now_us);
      holds = TRY(row.step());
    } else if (!was.session.empty()) {
      auto row =
          TRY(transaction.prepare("SELECT 1 FROM sessions WHERE id = ? AND person = ? AND seen_us "
                                  ">= ? AND created_us >= ?"));
      row.bind(1, was.session).bind(2, was.account);
      row.bind(3, now_us - Sessions::kIdleUs).bind(4, now_us - Sessions::kLifeUs);
      holds = TRY(row.step());
    }
    return {};
  }));
  if (!holds) {
    return Error(ErrorCode::kUnauthenticated, was.session.empty()
                                                  ? "the key does not hold any more"
                                                  : "the session has ended: sign in");
  }
  Principal is = TRY(principal_of(was.organization, was.account, was.ceiling));
  is.key_id = was.key_id;
  is.session = was.session;
  is.ceiling = was.ceiling;
  return is;
}

Result<Principal> Authenticator::principal_of(const std::string& organization,
                                              const std::string& account,
                                              std::optional<Role> ceiling) {
  std::optional<Principal> found;
  TRY(impl_->database.read([&](store::Transaction& transaction) -> Status {
    found = TRY(person_principal(transaction, account, organization));
    if (!found) found = TRY(account_principal(transaction, account, organization));
    return {};
  }));
  if (!found) return Error(ErrorCode::kNotFound, "there is no such account any more");
  if (ceiling) narrow(*found, *ceiling);
  return *std::move(found);
}

}  // namespace firn::auth
