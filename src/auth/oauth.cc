#include "auth/oauth.h"

#include <sodium.h>

#include <algorithm>

#include "auth/auth_internal.h"
#include "base/bytes.h"
#include "base/utf8.h"
#include "http/message.h"
#include "platform/clock.h"
#include "platform/random.h"

namespace firn::auth {
namespace {

constexpr std::string_view kAccessPrefix = "firnoat_";
constexpr std::string_view kRefreshPrefix = "firnort_";
constexpr size_t kRequestsMax = 1'000;
constexpr size_t kRedirectUrisMax = 10;
constexpr size_t kUriMax = 2'000;
constexpr size_t kNameMax = 100;

Error invalid_request(std::string what) { return {ErrorCode::kInvalidArgument, std::move(what)}; }
Error invalid_grant() {
  return {ErrorCode::kNotFound, "the code or token is wrong, used, too old, or another client's"};
}

bool has_no_fragment(std::string_view uri) { return uri.find('#') == std::string_view::npos; }

// https anywhere, http only to this very machine (RFC 8252, 7.3).
bool is_redirect_uri(std::string_view uri) {
  if (uri.size() > kUriMax || !has_no_fragment(uri)) return false;
  for (const char c : uri) {
    if (c <= ' ' || c >= 0x7f) return false;
  }
  if (uri.starts_with("https://")) return uri.size() > 8;
  constexpr std::string_view kHttp = "http://";
  if (!uri.starts_with(kHttp)) return false;
  std::string_view host = uri.substr(kHttp.size());
  host = host.substr(0, host.find('/'));
  host =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

std::string join(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : "\n") + text;
  return out;
}

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(mark, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// The strongest of the scopes that are asked for.
Result<Role> ceiling_of(const std::string& scope) {
  std::optional<Role> ceiling;
  for (const auto& one : split(scope, ' ')) {
    const auto role = role_of_scope(one);
    if (!role) return Error(ErrorCode::kPermissionDenied, "there is no scope " + one);
    if (!ceiling || role_covers(*role, *ceiling)) ceiling = role;
  }
  return ceiling.value_or(Role::kViewer);
}

// RFC 7636, 4.6.
std::string challenge_of(const std::string& verifier) {
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, reinterpret_cast<const unsigned char*>(verifier.data()),
                     verifier.size());
  std::string text = base64_encode({digest, sizeof digest});
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return text;
}

// "firnoat_<grant>_<secret>".
struct TokenParts {
  std::string grant;
  bool is_access = false;
};
std::optional<TokenParts> split_token(std::string_view token) {
  const bool is_access = token.starts_with(kAccessPrefix);
  if (!is_access && !token.starts_with(kRefreshPrefix)) return std::nullopt;
  token.remove_prefix(kAccessPrefix.size());
  const size_t mark = token.find('_');
  if (mark == std::string_view::npos) return std::nullopt;
  return TokenParts{std::string(token.substr(0, mark)), is_access};
}

std::string with_parameters(const std::string& uri,
                            const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out = uri;
  char mark = uri.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    out += mark + name + "=" + http::percent_encode(value);
    mark = '&';
  }
  return out;
}

}  // namespace

std::optional<Role> role_of_scope(std::string_view scope) {
  if (scope == kScopeRead) return Role::kViewer;
  if (scope == kScopeWrite) return Role::kEditor;
  if (scope == kScopeAdmin) return Role::kOwner;
  return std::nullopt;
}

std::string_view scope_of_role(Role needed) {
  if (role_covers(Role::kViewer, needed)) return kScopeRead;
  return role_covers(Role::kEditor, needed) ? kScopeWrite : kScopeAdmin;
}

void narrow(Principal& principal, Role ceiling) {
  const auto narrowed = [ceiling](Role role) -> std::optional<Role> {
    if (role_covers(ceiling, role)) return role;
    if (role_covers(role, ceiling)) return ceiling;
    return std::nullopt;
  };
  if (principal.role) principal.role = narrowed(*principal.role);
  std::vector<firn::auth::Grant> grants;
  for (auto& grant : principal.grants) {
    const auto role = narrowed(grant.role);
    if (!role) continue;
    grant.role = *role;
    grants.push_back(std::move(grant));
  }
  principal.grants = std::move(grants);
  principal.ceiling = ceiling;
}

Result<OAuthClient> OAuth::register_client(const std::string& name,
                                           const std::vector<std::string>& redirect_uris) {
  if (redirect_uris.empty() || redirect_uris.size() > kRedirectUrisMax) {
    return invalid_request("redirect_uris has 1 to 10 entries");
  }
  for (const auto& uri : redirect_uris) {
    if (!is_redirect_uri(uri)) {
      return invalid_request("a redirect URI is https, or http on this machine: " + uri);
    }
  }
  OAuthClient client{"client_" + random_text(random_, 16), std::string(cut_utf8(name, kNameMax)),
                     redirect_uris};
  if (client.name.empty()) client.name = "A program without a name";
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    {
      auto count = TRY(transaction.prepare("SELECT count(*) FROM oauth_clients"));
      TRY(count.step());
      if (count.column_int(0) >= kClientsMax) {
        // Those that no person ever let in make room.
        auto old = TRY(transaction.prepare(
            "DELETE FROM oauth_clients WHERE id NOT IN (SELECT client FROM oauth_grants) AND "
            "created_us < ?"));
        TRY(old.bind(1, clock_.now_us() - kRequestLifeUs).run());
        if (transaction.changes() == 0) {
          return Error(ErrorCode::kOverloaded, "too many programs have registered");
        }
      }
    }
    auto row = TRY(transaction.prepare(
        "INSERT INTO oauth_clients (id, name, redirect_uris, created_us) VALUES (?, ?, ?, ?)"));
    row.bind(1, client.id).bind(2, client.name).bind(3, join(redirect_uris));
    return row.bind(4, clock_.now_us()).run();
  }));
  return client;
}

Result<OAuthClient> OAuth::client_for(const std::string& id, const std::string& redirect_uri) {
  OAuthClient client;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT name, redirect_uris FROM oauth_clients WHERE id = ?"));
    row.bind(1, id);
    if (!TRY(row.step())) return {};
    client = {id, row.column_text(0), split(row.column_text(1), '\n')};
    return {};
  }));
  const auto& uris = client.redirect_uris;
  if (std::find(uris.begin(), uris.end(), redirect_uri) == uris.end()) {
    return Error(ErrorCode::kNotFound,
                 "this program is not registered with this redirect URI: it has to register first");
  }
  return client;
}

void OAuth::forget_old() {
  const int64_t now = clock_.now_us();
  std::erase_if(requests_, [now](const auto& entry) { return entry.second.expires_us < now; });
  std::erase_if(codes_, [now](const auto& entry) { return entry.second.expires_us < now; });
}

Result<AuthorizationRequest> OAuth::begin(const OAuthClient& client, AuthorizationQuery query,
                                          const std::string& issuer, const std::string& resource) {
  if (query.response_type != "code") return invalid_request("response_type has to be code");
  constexpr size_t kChallengeBytes = 43;
  if (query.code_challenge_method != "S256" || query.code_challenge.size() != kChallengeBytes) {
    return invalid_request("PKCE with S256 is needed: code_challenge and code_challenge_method");
  }
  if (query.state.size() > kUriMax) return invalid_request("state is too long");
  if (query.resource.empty()) query.resource = resource;
  if (query.resource != resource) {
    return Error(ErrorCode::kUnsupported, "resource has to be " + resource);
  }
  AuthorizationRequest request;
  request.ceiling = TRY(ceiling_of(query.scope));
  request.id = random_text(random_, 16);
  request.client = client;
  request.issuer = issuer;
  request.query = std::move(query);
  request.expires_us = clock_.now_us() + kRequestLifeUs;
  std::lock_guard lock(mutex_);
  forget_old();
  if (requests_.size() >= kRequestsMax) {
    return Error(ErrorCode::kOverloaded, "too many programs wait for a person's word");
  }
  requests_.emplace(request.id, request);
  return request;
}

Result<AuthorizationRequest> OAuth::find(const std::string& id) {
  std::lock_guard lock(mutex_);
  forget_old();
  const auto found = requests_.find(id);
  if (found == requests_.end()) {
    return Error(ErrorCode::kNotFound, "this request was decided or is too old: begin again");
  }
  return found->second;
}

Result<std::string> OAuth::decide(const Principal& person, const std::string& id, bool approved,
                                  Role ceiling) {
  const AuthorizationRequest request = TRY(find(id));
  if (person.kind != PrincipalKind::kPerson || person.session.empty() || person.ceiling) {
    return Error(ErrorCode::kPermissionDenied, "only a person who is signed in decides on this");
  }
  if (!role_covers(request.ceiling, ceiling)) {
    return Error(ErrorCode::kPermissionDenied, "this is more than the program asks for");
  }
  const std::string code = random_text(random_, 32);
  {
    std::lock_guard lock(mutex_);
    requests_.erase(id);
    if (approved) {
      codes_[hash_secret(code)] = Code{
          request,      person.account, person.organization, ceiling, clock_.now_us() + kCodeLifeUs,
          std::string()};
    }
  }
  return with_parameters(request.query.redirect_uri,
                         {{approved ? "code" : "error", approved ? code : "access_denied"},
                          {"state", request.query.state},
                          {"iss", request.issuer}});
}

Result<OAuth::Code> OAuth::take_code(const std::string& code) {
  std::string ended;
  {
    std::lock_guard lock(mutex_);
    forget_old();
    const auto found = codes_.find(hash_secret(code));
    if (found == codes_.end()) return invalid_grant();
    if (found->second.grant.empty()) {
      found->second.grant = random_text(random_, 12);
      return found->second;
    }
    ended = found->second.grant;
  }
  // Somebody has the code who should not: what came of it ends (RFC 6749, 4.1.2).
  TRY(end_grant(ended));
  return invalid_grant();
}

Result<OAuthTokens> OAuth::issue(store::Transaction& transaction, const Grant& grant,
                                 const std::string& previous_refresh_hash) {
  OAuthTokens tokens;
  tokens.access_token = std::string(kAccessPrefix) + grant.id + "_" + random_text(random_, 32);
  tokens.refresh_token = std::string(kRefreshPrefix) + grant.id + "_" + random_text(random_, 32);
  tokens.expires_in_s = kAccessLifeUs / 1'000'000;
  tokens.scope = grant.scope;
  auto row = TRY(transaction.prepare(
      "UPDATE oauth_grants SET access_hash = ?, access_expires_us = ?, refresh_hash = ?, "
      "refresh_expires_us = ?, previous_hash = ? WHERE id = ?"));
  const int64_t now = clock_.now_us();
  row.bind_blob(1, as_bytes(hash_secret(tokens.access_token))).bind(2, now + kAccessLifeUs);
  row.bind_blob(3, as_bytes(hash_secret(tokens.refresh_token))).bind(4, now + kRefreshLifeUs);
  row.bind_blob(5, as_bytes(previous_refresh_hash)).bind(6, grant.id);
  TRY(row.run());
  return tokens;
}

Result<OAuthTokens> OAuth::exchange(const std::string& code, const std::string& client_id,
                                    const std::string& redirect_uri, const std::string& verifier,
                                    const std::string& resource) {
  const Code taken = TRY(take_code(code));
  const auto& query = taken.request.query;
  if (query.client_id != client_id || query.redirect_uri != redirect_uri ||
      !same_hash(challenge_of(verifier), query.code_challenge)) {
    return invalid_grant();
  }
  if (!resource.empty() && resource != query.resource) {
    return Error(ErrorCode::kUnsupported, "resource is another one than was asked for");
  }
  const Grant grant{taken.grant, client_id, std::string(scope_of_role(taken.ceiling)),
                    query.resource};
  std::optional<OAuthTokens> tokens;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "INSERT INTO oauth_grants (id, client, person, organization, scope, resource, created_us, "
        "access_hash, access_expires_us, refresh_hash, refresh_expires_us, previous_hash) VALUES "
        "(?, ?, ?, ?, ?, ?, ?, x'', 0, x'', 0, x'')"));
    row.bind(1, grant.id).bind(2, grant.client).bind(3, taken.person).bind(4, taken.organization);
    row.bind(5, grant.scope).bind(6, grant.resource).bind(7, clock_.now_us());
    TRY(row.run());
    tokens = TRY(issue(transaction, grant, ""));
    return {};
  }));
  return *std::move(tokens);
}

Result<OAuthTokens> OAuth::refresh(const std::string& refresh_token, const std::string& client_id,
                                   const std::string& scope, const std::string& resource) {
  const auto parts = split_token(refresh_token);
  if (!parts || parts->is_access) return invalid_grant();
  const std::string hash = hash_secret(refresh_token);
  std::optional<OAuthTokens> tokens;
  bool stolen = false;
  TRY(database_.write([&](store::Transaction& transaction) -> Status {
    Grant grant;
    {
      auto row = TRY(transaction.prepare(
          "SELECT client, scope, resource, refresh_hash, refresh_expires_us, previous_hash FROM "
          "oauth_grants WHERE id = ?"));
      row.bind(1, parts->grant);
      if (!TRY(row.step())) return invalid_grant();
      grant = {parts->grant, row.column_text(0), row.column_text(1), row.column_text(2)};
      stolen = same_hash(hash, row.column_text(5));
      if (stolen) return {};
      const bool valid = same_hash(hash, row.column_text(3)) &&
                         row.column_int(4) > clock_.now_us() && grant.client == client_id;
      if (!valid) return invalid_grant();
    }
    if (!resource.empty() && resource != grant.resource) {
      return Error(ErrorCode::kUnsupported, "resource is another one than was asked for");
    }
    if (!scope.empty()) {
      const Role asked = TRY(ceiling_of(scope));
      const Role has = TRY(ceiling_of(grant.scope));
      if (!role_covers(has, asked)) {
        return Error(ErrorCode::kPermissionDenied, "the scope is more than was granted");
      }
    }
    tokens = TRY(issue(transaction, grant, hash));
    return {};
  }));
  // A token that was replaced came back: two have it, and one of them should not.
  if (stolen) {
    TRY(end_grant(parts->grant));
    return invalid_grant();
  }
  return *std::move(tokens);
}

Status OAuth::end_grant(const std::string& id) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("DELETE FROM oauth_grants WHERE id = ?"));
    return row.bind(1, id).run();
  });
}

Status OAuth::revoke(const std::string& token) {
  const auto parts = split_token(token);
  if (!parts) return {};
  bool holds = false;
  const std::string hash = hash_secret(token);
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row =
        TRY(transaction.prepare("SELECT access_hash, refresh_hash FROM oauth_grants WHERE id = ?"));
    row.bind(1, parts->grant);
    if (TRY(row.step())) holds = same_hash(hash, row.column_text(parts->is_access ? 0 : 1));
    return {};
  }));
  return holds ? end_grant(parts->grant) : Status();
}

Result<std::vector<OAuth::ConnectedProgram>> OAuth::connected(const Principal& person) {
  std::vector<ConnectedProgram> programs;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare(
        "SELECT g.id, c.name, g.scope, g.created_us FROM oauth_grants g JOIN oauth_clients c ON "
        "c.id = g.client WHERE g.person = ? AND g.organization = ? AND g.refresh_expires_us > ? "
        "ORDER BY g.created_us DESC"));
    row.bind(1, person.account).bind(2, person.organization).bind(3, clock_.now_us());
    while (TRY(row.step())) {
      programs.push_back(
          {row.column_text(0), row.column_text(1), row.column_text(2), row.column_int(3)});
    }
    return {};
  }));
  return programs;
}

Status OAuth::disconnect(const Principal& person, const std::string& id) {
  return database_.write([&](store::Transaction& transaction) -> Status {
    auto row = TRY(transaction.prepare("DELETE FROM oauth_grants WHERE id = ? AND person = ?"));
    TRY(row.bind(1, id).bind(2, person.account).run());
    if (transaction.changes() > 0) return {};
    return Error(ErrorCode::kNotFound, "there is no such program");
  });
}

bool OAuth::is_access_token(std::string_view token) { return token.starts_with(kAccessPrefix); }

Result<Principal> OAuth::authenticate(std::string_view token, const std::string& resource) {
  const Error refused(ErrorCode::kUnauthenticated, "the token is not valid");
  const auto parts = split_token(token);
  if (!parts || !parts->is_access) return refused;
  std::optional<Principal> principal;
  std::string stored(hash_secret("").size(), '\0');
  std::string scope;
  bool holds = false;
  TRY(database_.read([&](store::Transaction& transaction) -> Status {
    std::string person;
    std::string organization;
    {
      auto row = TRY(transaction.prepare(
          "SELECT person, organization, scope, resource, access_hash, access_expires_us FROM "
          "oauth_grants WHERE id = ?"));
      row.bind(1, parts->grant);
      if (!TRY(row.step())) return {};
      person = row.column_text(0);
      organization = row.column_text(1);
      scope = row.column_text(2);
      holds = row.column_text(3) == resource && row.column_int(5) > clock_.now_us();
      stored = row.column_text(4);
    }
    principal = TRY(person_principal(transaction, person, organization));
    return {};
  }));
  const bool same = same_hash(hash_secret(token), stored);
  if (!same || !holds || !principal) return refused;
  narrow(*principal, role_of_scope(scope).value_or(Role::kViewer));
  return *std::move(principal);
}

}  // namespace firn::auth
