#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>

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

// What a browser gets: the token in a cookie that scripts cannot read, and the CSRF token in one
// that they can, to send back in a header.
struct NewSession {
  Principal principal;
  std::string token;
  std::string csrf;
};

// People's passwords (argon2id) and sessions. A session ends after kIdleUs without use, kLifeUs
// after it began, and when the person changes the password or leaves. Thread-safe.
class Sessions {
 public:
  static constexpr int64_t kIdleUs = 14LL * 24 * 3600 * 1'000'000;
  static constexpr int64_t kLifeUs = 90LL * 24 * 3600 * 1'000'000;

  Sessions(store::Database& database, platform::Clock& clock, platform::Random& random);

  // Called after each change of what a session may do.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }

  // True until there is any person in the deployment.
  Result<bool> setup_needed();
  // Makes the first person, the owner of `organization`. PermissionDenied when there is one.
  Result<std::string> create_first_person(const std::string& organization, const std::string& name,
                                          const std::string& email, const std::string& password);
  // Unauthenticated, with the same words for an unknown address and a wrong password; Overloaded
  // while there were too many wrong ones, from this address of the network or for this e-mail.
  Result<NewSession> sign_in(const std::string& email, const std::string& password,
                             const std::string& from);
  // A session without a password, right after the person was made.
  Result<NewSession> begin(const std::string& person, const std::string& organization);
  // NotFound for a token that is wrong, used or too old; Unauthenticated where the person exists
  // and the password is wrong.
  Result<NewSession> accept_invitation(const std::string& token, const std::string& name,
                                       const std::string& password, const std::string& from);
  Status end(const Principal& principal);
  Status change_password(const Principal& principal, const std::string& current,
                         const std::string& next);
  Status rename(const Principal& principal, const std::string& name);

  // Unauthenticated where the token is not that of a session.
  Result<Principal> authenticate(std::string_view token);
  // The CSRF token that belongs to a session's token.
  static std::string csrf_of(std::string_view token);

 private:
  struct Failures {
    int count = 0;
    int64_t until_us = 0;  // no attempt before
  };
  Result<std::string> hash_password(const std::string& password);
  bool verify_password(const std::string& hash, const std::string& password);
  Status check_throttle(const std::string& who);
  void note_failure(const std::string& who);
  void note_success(const std::string& who);
  Result<NewSession> insert_session(store::Transaction& transaction, const std::string& person,
                                    const std::string& organization);
  Status insert_person(store::Transaction& transaction, const std::string& id,
                       const std::string& email, const std::string& name, const std::string& hash);
  Status verify_current(const std::string& person, const std::string& password);

  store::Database& database_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::function<void()> changed_;
  std::counting_semaphore<2> hashing_{2};  // each takes 64 MiB
  std::string decoy_hash_;                 // of no one's password
  std::mutex mutex_;
  std::map<std::string, Failures> failures_;
};

}  // namespace firn::auth
