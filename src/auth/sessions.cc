#include "auth/sessions.h"

#include <sodium.h>

#include <algorithm>

#include "auth/auth_internal.h"
#include "auth/directory.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::auth {
namespace {

constexpr size_t kPasswordMin = 12;
constexpr size_t kPasswordMax = 1024;
constexpr int64_t kSeenEveryUs = 60'000'000;
constexpr int kFreeFailures = 5;            // for one e-mail
constexpr int kFreeFailuresOfAddress = 50;  // many people may share one
constexpr int64_t kDelayMaxUs = 60'000'000;
constexpr size_t kFailuresKeptMax = 10'000;
constexpr int kSessionsMax = 50;  // of one person; the oldest ends

Status check_password(const std::string& password) {
  const size_t characters = static_cast<size_t>(
      std::count_if(password.begin(), password.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  if (characters < kPasswordMin || password.size() > kPasswordMax) {
    return Error(ErrorCode::kInvalidArgument, "a password has 12 characters or more");
  }
  return {};
}

Error wrong_password() {
  return Error(ErrorCode::kUnauthenticated, "e-mail and password do not belong together");
}

// The id and hash of the person with this address; empty where there is none.
Result<std::pair<std::string, std::string>> find_password(store::Transaction& transaction,
                                                          const std::string& email) {
  auto row = TRY(transaction.prepare("SELECT id, password FROM people WHERE email = ?"));
  row.bind(1, email);
  if (!TRY(row.step())) return std::pair<std::string, std::string>();
  return std::pair(row.column_text(0), row.column_text(1));
}

}  // namespace

Result<std::optional<Principal>> person_principal(store::Transaction& transaction,
                                                  const std::string& person,
                                                  const std::string& organization) {
  Principal principal;
  {
    auto row = TRY(transaction.prepare(
        "SELECT p.name, p.email, m.role, o.name FROM people p JOIN members m ON m.person = p.id "
        "JOIN organizations o ON o.id = m.organization WHERE p.id = ? AND m.organization = ?"));
    row.bind(1, person).bind(2, organization);
    if (!TRY(row.step())) return std::optional<Principal>();
    principal.name = row.column_text(0);
    principal.email = row.column_text(1);
    principal.role = parse_role(row.column_text(2));
    principal.organization_name = row.column_text(3);
  }
  principal.organization = organization;
  principal.account = person;
  principal.kind = PrincipalKind::kPerson;
  principal.grants = TRY(grants_of(transaction, organization, person));
  return std::optional(std::move(principal));
}

Sessions::Sessions(store::Database& database, platform::Clock& clock, platform::Random& random)
    : database_(database), clock_(clock), random_(random) {}

std::string Sessions::csrf_of(std::string_view token) {
  return to_hex(as_bytes(hash_secret("csrf:" + std::string(token))));
}

Result<std::string> Sessions::hash_password(const std::string& password) {
  char hash[crypto_pwhash_STRBYTES];
  hashing_.acquire();
  const int failed = crypto_pwhash_str_alg(
      hash, password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
      crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
  hashing_.release();
  if (failed != 0) return Error(ErrorCode::kInternal, "cannot hash", "crypto_pwhash_str failed");
  return std::string(hash);
}

bool Sessions::verify_password(const std::string& hash, const std::string& password) {
  if (password.size() > kPasswordMax) return false;
  hashing_.acquire();
  const bool same = crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
  hashing_.release();
  return same;
}

Status Sessions::check_throttle(const std::string& who) {
  std::lock_guard lock(mutex_);
  const auto found = failures_.find(who);
  if (found == failures_.end()) return {};
  const int64_t wait_us = found->second.until_us - clock_.now_us();
  if (wait_us <= 0) return {};
  return Error(ErrorCode::kOverloaded,
               "too many wrong passwords; try again in " +
                   std::to_string(std::max<int64_t>(1, wait_us / 1'000'000)) + " s");
}

void Sessions::note_failure(const std::string& who) {
  std::lock_guard lock(mutex_);
  if (failures_.size() >= kFailuresKeptMax) {
    std::erase_if(failures_, [now = clock_.now_us()](const auto& entry) {
      return entry.second.until_us + kDelayMaxUs < now;
    });
    if (failures_.size() >= kFailuresKeptMax) failures_.erase(failures_.begin());
  }
  Failures& failures = failures_[who];
  ++failures.count;
  const int free = who.starts_with("@") ? kFreeFailuresOfAddress : kFreeFailures;
  const int over = failures.count - free;
  const int64_t delay =
      over < 0 ? 0 : std::min<int64_t>(kDelayMaxUs, 1'000'000LL << std::min(over, 6));
  failures.until_us = clock_.now_us() + delay;
}

void Sessions::note_success(const std::string& who) {
  std::lock_guard lock(mutex_);
  failures_.erase(who);
}

Result<bool> Sessions::setup_needed() {
  bool needed = true;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("SELECT 1 FROM people LIMIT 1"));
    needed = !TRY(row.step());
    return {};
  }));
  return needed;
}

Status Sessions::insert_person(store::Transaction& transaction, const std::string& id,
                               const std::string& email, const std::string& name,
                               const std::string& hash) {
  auto row = TRY(transaction.prepare("INSERT INTO people VALUES (?, ?, ?, ?, ?, NULL)"));
  return row.bind(1, id).bind(2, email).bind(3, name).bind(4, hash).bind(5, clock_.now_us()).run();
}

Result<std::string> Sessions::create_first_person(const std::string& organization,
                                                  const std::string& name, const std::string& email,
                                                  const std::string& password) {
  const std::string address = TRY(normalize_email(email));
  const std::string checked = TRY(check_name("a person's name", name));
  TRY(check_password(password));
  // Looked at before the slow hash, and again inside the transaction.
  if (!TRY(setup_needed())) {
    return Error(ErrorCode::kPermissionDenied, "the deployment has been set up already: sign in");
  }
  const std::string hash = TRY(hash_password(password));
  const std::string id = random_.uuid().to_string();
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare("SELECT 1 FROM people LIMIT 1"));
      if (TRY(row.step())) {
        return Error(ErrorCode::kPermissionDenied,
                     "the deployment has been set up already: sign in");
      }
    }
    TRY(insert_person(transaction, id, address, checked, hash));
    auto row = TRY(transaction.prepare("INSERT INTO members VALUES (?, ?, 'owner', ?)"));
    return row.bind(1, id).bind(2, organization).bind(3, clock_.now_us()).run();
  }));
  return id;
}

Result<NewSession> Sessions::insert_session(store::Transaction& transaction,
                                            const std::string& person,
                                            const std::string& organization) {
  NewSession made;
  made.token = random_text(random_, 32);
  made.csrf = csrf_of(made.token);
  auto principal = TRY(person_principal(transaction, person, organization));
  if (!principal) return wrong_password();
  made.principal = *std::move(principal);
  made.principal.session = random_.uuid().to_string();
  const int64_t now = clock_.now_us();
  {
    auto row = TRY(transaction.prepare(
        "DELETE FROM sessions WHERE person = ?1 AND (seen_us < ?2 OR created_us < ?3 OR id IN "
        "(SELECT id FROM sessions WHERE person = ?1 ORDER BY seen_us DESC LIMIT -1 OFFSET ?4))"));
    TRY(row.bind(1, person)
            .bind(2, now - kIdleUs)
            .bind(3, now - kLifeUs)
            .bind(4, static_cast<int64_t>(kSessionsMax - 1))
            .run());
  }
  {
    auto row = TRY(transaction.prepare("UPDATE people SET last_seen_us = ? WHERE id = ?"));
    TRY(row.bind(1, now).bind(2, person).run());
  }
  auto row = TRY(transaction.prepare("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)"));
  TRY(row.bind(1, made.principal.session)
          .bind_blob(2, as_bytes(hash_secret(made.token)))
          .bind(3, person)
          .bind(4, organization)
          .bind(5, now)
          .bind(6, now)
          .run());
  return made;
}

Result<NewSession> Sessions::begin(const std::string& person, const std::string& organization) {
  std::optional<NewSession> made;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    made = TRY(insert_session(transaction, person, organization));
    return {};
  }));
  return *std::move(made);
}

Result<NewSession> Sessions::sign_in(const std::string& email, const std::string& password,
                                     const std::string& from) {
  const auto address = normalize_email(email);
  if (!address.ok()) return wrong_password();
  TRY(check_throttle(*address));
  TRY(check_throttle("@" + from));
  std::string person;
  std::string hash;
  std::string organization;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    std::tie(person, hash) = TRY(find_password(transaction, *address));
    auto row = TRY(transaction.prepare(
        "SELECT organization FROM members WHERE person = ? ORDER BY joined_us LIMIT 1"));
    row.bind(1, person);
    if (TRY(row.step())) organization = row.column_text(0);
    return {};
  }));
  if (hash.empty()) {
    // An unknown address takes as long as a wrong password.
    std::string decoy;
    {
      std::lock_guard lock(mutex_);
      decoy = decoy_hash_;
    }
    if (decoy.empty()) {
      decoy = TRY(hash_password(random_text(random_, 16)));
      std::lock_guard lock(mutex_);
      decoy_hash_ = decoy;
    }
    hash = decoy;
  }
  if (!verify_password(hash, password) || organization.empty()) {
    note_failure(*address);
    note_failure("@" + from);
    return wrong_password();
  }
  note_success(*address);
  return begin(person, organization);
}

Result<NewSession> Sessions::accept_invitation(const std::string& token, const std::string& name,
                                               const std::string& password,
                                               const std::string& from) {
  TRY(check_throttle("@" + from));
  struct Found {
    std::string id, organization, email, role;
  };
  std::optional<Found> invitation;
  std::string person;
  std::string hash;
  const auto look = [&](store::Transaction& transaction) -> Status {
    invitation.reset();
    {
      auto row = TRY(transaction.prepare(
          "SELECT id, organization, email, role FROM invitations WHERE hash = ? AND expires_us > "
          "?"));
      row.bind_blob(1, as_bytes(hash_secret(token))).bind(2, clock_.now_us());
      if (TRY(row.step())) {
        invitation =
            Found{row.column_text(0), row.column_text(1), row.column_text(2), row.column_text(3)};
      }
    }
    if (!invitation) {
      return Error(ErrorCode::kNotFound,
                   "the invitation is not valid any more: ask for another one");
    }
    std::tie(person, hash) = TRY(find_password(transaction, invitation->email));
    return {};
  };
  const Status looked = database_.read(look);
  if (!looked.ok()) note_failure("@" + from);
  TRY(looked);
  const bool is_new = person.empty();
  const std::string checked = is_new ? TRY(check_name("a person's name", name)) : std::string();
  if (is_new) {
    TRY(check_password(password));
    hash = TRY(hash_password(password));
    person = random_.uuid().to_string();
  } else if (!verify_password(hash, password)) {
    note_failure("@" + from);
    return wrong_password();
  }
  const std::string new_hash = hash;
  const std::string new_person = person;
  std::optional<NewSession> made;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    TRY(look(transaction));
    if (is_new && !person.empty()) {
      return Error(ErrorCode::kCommitConflict, "somebody made this person meanwhile: try again");
    }
    if (is_new) {
      TRY(insert_person(transaction, new_person, invitation->email, checked, new_hash));
    }
    {
      auto row = TRY(transaction.prepare(
          "INSERT INTO members VALUES (?, ?, ?, ?) ON CONFLICT (person, organization) DO NOTHING"));
      TRY(row.bind(1, new_person)
              .bind(2, invitation->organization)
              .bind(3, invitation->role)
              .bind(4, clock_.now_us())
              .run());
    }
    {
      auto row = TRY(transaction.prepare("DELETE FROM invitations WHERE id = ?"));
      TRY(row.bind(1, invitation->id).run());
    }
    made = TRY(insert_session(transaction, new_person, invitation->organization));
    return {};
  }));
  return *std::move(made);
}

Status Sessions::end(const Principal& principal) {
  if (principal.session.empty()) return {};
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("DELETE FROM sessions WHERE id = ?"));
    return row.bind(1, principal.session).run();
  }));
  if (changed_) changed_();
  return {};
}

Status Sessions::verify_current(const std::string& person, const std::string& password) {
  TRY(check_throttle(person));
  std::string hash;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("SELECT password FROM people WHERE id = ?"));
    row.bind(1, person);
    if (TRY(row.step())) hash = row.column_text(0);
    return {};
  }));
  if (hash.empty() || !verify_password(hash, password)) {
    note_failure(person);
    return Error(ErrorCode::kPermissionDenied, "the present password is another one");
  }
  note_success(person);
  return {};
}

Status Sessions::change_password(const Principal& principal, const std::string& current,
                                 const std::string& next) {
  if (principal.kind != PrincipalKind::kPerson) {
    return Error(ErrorCode::kInvalidArgument, "a service account has keys, not a password");
  }
  TRY(check_password(next));
  TRY(verify_current(principal.account, current));
  const std::string hash = TRY(hash_password(next));
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare("UPDATE people SET password = ? WHERE id = ?"));
      TRY(row.bind(1, hash).bind(2, principal.account).run());
    }
    auto row = TRY(transaction.prepare("DELETE FROM sessions WHERE person = ? AND id <> ?"));
    return row.bind(1, principal.account).bind(2, principal.session).run();
  }));
  if (changed_) changed_();
  return {};
}

Status Sessions::rename(const Principal& principal, const std::string& name) {
  if (principal.kind != PrincipalKind::kPerson) {
    return Error(ErrorCode::kInvalidArgument, "only people change their names");
  }
  const std::string checked = TRY(check_name("a person's name", name));
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("UPDATE people SET name = ? WHERE id = ?"));
    return row.bind(1, checked).bind(2, principal.account).run();
  }));
  if (changed_) changed_();
  return {};
}

Result<Principal> Sessions::authenticate(std::string_view token) {
  std::optional<Principal> principal;
  const int64_t now = clock_.now_us();
  int64_t seen_us = 0;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    std::string id;
    std::string person;
    std::string organization;
    {
      auto row = TRY(transaction.prepare(
          "SELECT id, person, organization, seen_us FROM sessions WHERE hash = ? AND seen_us >= ? "
          "AND created_us >= ?"));
      row.bind_blob(1, as_bytes(hash_secret(token))).bind(2, now - kIdleUs).bind(3, now - kLifeUs);
      if (!TRY(row.step())) return {};
      id = row.column_text(0);
      person = row.column_text(1);
      organization = row.column_text(2);
      seen_us = row.column_int(3);
    }
    principal = TRY(person_principal(transaction, person, organization));
    if (principal) principal->session = id;
    return {};
  }));
  if (!principal) return Error(ErrorCode::kUnauthenticated, "the session has ended: sign in");
  if (now - seen_us < kSeenEveryUs) return *std::move(principal);
  // A full disk must not stop reads: the time of last use is only informative.
  const Status noted = database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto row = TRY(transaction.prepare("UPDATE sessions SET seen_us = ? WHERE id = ?"));
      TRY(row.bind(1, now).bind(2, principal->session).run());
    }
    auto row = TRY(transaction.prepare("UPDATE people SET last_seen_us = ? WHERE id = ?"));
    return row.bind(1, now).bind(2, principal->account).run();
  });
  (void)noted;
  return *std::move(principal);
}

}  // namespace firn::auth
