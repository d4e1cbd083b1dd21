#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/accounts.h"
#include "auth/audit.h"
#include "auth/directory.h"
#include "auth/oauth.h"
#include "auth/policies.h"
#include "auth/principal.h"
#include "auth/sessions.h"
#include "base/result.h"
#include "http/message.h"

namespace firn::auth {

inline constexpr std::string_view kSessionCookie = "firn_session";
inline constexpr std::string_view kCsrfCookie = "firn_csrf";
inline constexpr std::string_view kCsrfHeader = "X-Firn-CSRF";

// Everything about who may do what: the one place where a request becomes a Principal, and the
// services behind it. Thread-safe. Verified keys and sessions are cached for seconds, and forgotten
// at once when anything here changes.
class Authenticator {
 public:
  static Result<std::unique_ptr<Authenticator>> create(store::Database& database,
                                                       platform::Clock& clock,
                                                       platform::Random& random);
  ~Authenticator();

  Directory& directory();
  Accounts& accounts();
  Sessions& sessions();
  Policies& policies();
  AuditLog& audit();
  OAuth& oauth();

  // Called after each change of who may do what, on the thread that changed it. Before any other
  // thread calls in.
  void on_change(std::function<void()> changed);

  // A key as Bearer, Basic (key as password) or X-API-Key; else the session cookie, which counts
  // for GET and HEAD, and for other methods with the CSRF token in its header. Unauthenticated
  // where none holds; PermissionDenied where only the CSRF token is missing.
  Result<Principal> authenticate(const http::Request& request);
  Result<Principal> authenticate_key(std::string_view key);
  // The same for a cookie and a CSRF token that came another way (a WebSocket's first message).
  Result<Principal> authenticate_session(const http::Request& request, std::string_view csrf);
  // Whoever asked for something that is done later, with what they may do now; with a ceiling as
  // their OAuth token had it. NotFound where the organization has no such account any more.
  Result<Principal> principal_of(const std::string& organization, const std::string& account,
                                 std::optional<Role> ceiling);
  // The same principal, as it is now: with the roles that it has now. Unauthenticated where its key
  // or session does not hold any more, NotFound where the account is gone.
  Result<Principal> now(const Principal& was);
  // Who the account is, a person or a service account, for an engine that asks on its behalf. Takes
  // an engine of the organization; NotFound where the organization has no such account.
  Result<Principal> account(const Principal& engine, const std::string& id);
  // Whether the request says at all who it is from.
  static bool has_credentials(const http::Request& request);

 private:
  struct Impl;
  explicit Authenticator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The value of a cookie of the request; empty where there is none.
std::string_view cookie(const http::Request& request, std::string_view name);

}  // namespace firn::auth
