#pragma once

#include <cstdint>
#include <map>
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

// What a program may do in a person's name: each scope is a role that the person's own roles are
// cut down to. A scope never gives what the person does not have.
inline constexpr std::string_view kScopeRead = "firn:read";    // viewer
inline constexpr std::string_view kScopeWrite = "firn:write";  // editor
inline constexpr std::string_view kScopeAdmin = "firn:admin";  // owner
std::optional<Role> role_of_scope(std::string_view scope);
std::string_view scope_of_role(Role needed);
// Every role of the principal that is above `ceiling` becomes `ceiling`.
void narrow(Principal& principal, Role ceiling);

struct OAuthClient {
  std::string id;
  std::string name;
  std::vector<std::string> redirect_uris;
};

// What a program asks for at the authorization endpoint.
struct AuthorizationQuery {
  std::string client_id;
  std::string redirect_uri;
  std::string response_type;
  std::string scope;  // empty: kScopeRead
  std::string state;
  std::string code_challenge;
  std::string code_challenge_method;
  std::string resource;
};

// One that waits for a person's word.
struct AuthorizationRequest {
  std::string id;
  OAuthClient client;
  AuthorizationQuery query;
  std::string issuer;  // of the answer (RFC 9207)
  Role ceiling = Role::kViewer;
  int64_t expires_us = 0;
};

struct OAuthTokens {
  std::string access_token;
  std::string refresh_token;
  int64_t expires_in_s = 0;
  std::string scope;
};

// Firn as an OAuth 2.1 authorization server for its own MCP endpoint: public clients that register
// themselves (RFC 7591), authorization code with PKCE S256, a resource on every token (RFC 8707),
// refresh tokens that change at each use and end the grant when an old one comes back. Thread-safe.
//
// Errors are those of RFC 6749, 5.2 by their codes: InvalidArgument is invalid_request, NotFound
// invalid_grant, Unauthenticated invalid_client, PermissionDenied invalid_scope, Unsupported
// invalid_target.
class OAuth {
 public:
  static constexpr int64_t kAccessLifeUs = 3600LL * 1'000'000;
  static constexpr int64_t kRefreshLifeUs = 30LL * 24 * 3600 * 1'000'000;
  static constexpr int64_t kCodeLifeUs = 60LL * 1'000'000;
  static constexpr int64_t kRequestLifeUs = 600LL * 1'000'000;
  static constexpr int64_t kClientsMax = 10'000;

  OAuth(store::Database& database, platform::Clock& clock, platform::Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // Redirect URIs are https, or http on a loopback host; at most 10.
  Result<OAuthClient> register_client(const std::string& name,
                                      const std::vector<std::string>& redirect_uris);
  // The client whose redirect URI, to the letter, this is. NotFound otherwise: then nothing may be
  // sent to the URI.
  Result<OAuthClient> client_for(const std::string& id, const std::string& redirect_uri);

  // `issuer` and `resource` are this server's own. Gives the request that a person is to decide on.
  Result<AuthorizationRequest> begin(const OAuthClient& client, AuthorizationQuery query,
                                     const std::string& issuer, const std::string& resource);
  // NotFound once it was decided or is too old.
  Result<AuthorizationRequest> find(const std::string& id);
  // The person's word; gives the URI to go to. `ceiling` may be below what was asked for.
  Result<std::string> decide(const Principal& person, const std::string& id, bool approved,
                             Role ceiling);

  Result<OAuthTokens> exchange(const std::string& code, const std::string& client_id,
                               const std::string& redirect_uri, const std::string& verifier,
                               const std::string& resource);
  Result<OAuthTokens> refresh(const std::string& refresh_token, const std::string& client_id,
                              const std::string& scope, const std::string& resource);
  // RFC 7009: of either kind; nothing happens for what is no token.
  Status revoke(const std::string& token);

  // Programs that the person has let in.
  struct ConnectedProgram {
    std::string id;
    std::string name;
    std::string scope;
    int64_t created_us = 0;
  };
  Result<std::vector<ConnectedProgram>> connected(const Principal& person);
  // Takes back what was given. NotFound where the person has no such program.
  Status disconnect(const Principal& person, const std::string& id);

  static bool is_access_token(std::string_view token);
  // Unauthenticated unless the token holds now, for this resource.
  Result<Principal> authenticate(std::string_view token, const std::string& resource);

 private:
  struct Code {
    AuthorizationRequest request;
    std::string person;
    std::string organization;
    Role ceiling = Role::kViewer;
    int64_t expires_us = 0;
    std::string grant;  // made from it: a second use ends that
  };
  struct Grant {
    std::string id;
    std::string client;
    std::string scope;
    std::string resource;
  };
  void forget_old();
  Result<Code> take_code(const std::string& code);
  Result<OAuthTokens> issue(store::Transaction& transaction, const Grant& grant,
                            const std::string& previous_refresh_hash);
  Status end_grant(const std::string& id);

  store::Database& database_;
  platform::Clock& clock_;
  platform::Random& random_;
  std::mutex mutex_;
  std::map<std::string, AuthorizationRequest> requests_;
  std::map<std::string, Code> codes_;  // by hash
};

}  // namespace firn::auth
