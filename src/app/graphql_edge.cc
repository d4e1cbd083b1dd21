#include "app/graphql_edge.h"

#include <algorithm>

namespace firn::app {
namespace {

// "https://host:port" of a URL.
std::string origin_of(const std::string& url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return {};
  return url.substr(0, url.find('/', scheme + 3));
}

std::string set_cookie(std::string_view name, std::string_view value, bool for_scripts, bool secure,
                       int64_t seconds) {
  std::string text = std::string(name) + "=" + std::string(value) +
                     "; Path=/; SameSite=Lax; Max-Age=" + std::to_string(seconds);
  if (!for_scripts) text += "; HttpOnly";
  if (secure) text += "; Secure";
  return text;
}

}  // namespace

GraphqlAdmission::GraphqlAdmission(api::Services& services, std::string public_url)
    : services_(services),
      public_origin_(origin_of(public_url)),
      secure_(public_url.starts_with("https://")) {}

bool GraphqlAdmission::origin_allowed(const http::Request& request) {
  const auto origin = request.headers.get("Origin");
  if (!origin) return true;  // no browser
  if (*origin == public_origin_) return true;
  const size_t scheme = origin->find("://");
  const auto host = request.headers.get("Host");
  return scheme != std::string_view::npos && host && origin->substr(scheme + 3) == *host;
}

Result<api::PrincipalPtr> GraphqlAdmission::principal_of(
    const http::Request& request, const std::optional<std::string>& authorization) {
  auto& auth = services_.auth;
  if (authorization) {
    http::Request with_key;
    with_key.headers.add("Authorization", *authorization);
    return std::make_shared<const auth::Principal>(TRY(auth.authenticate(with_key)));
  }
  if (!auth::Authenticator::has_credentials(request)) return api::PrincipalPtr();
  auto principal = auth.authenticate(request);
  if (principal.ok()) return std::make_shared<const auth::Principal>(*std::move(principal));
  // A browser whose session has ended still has its cookie, and has to be able to sign in.
  const bool is_session =
      !request.headers.get("Authorization") && !request.headers.get("X-API-Key");
  if (is_session && principal.error().code() == ErrorCode::kUnauthenticated) {
    return api::PrincipalPtr();
  }
  return principal.error();
}

Result<std::shared_ptr<graphql::RequestContext>> GraphqlAdmission::admit(
    const http::Request& request, const std::optional<std::string>& authorization) {
  auto principal = TRY(principal_of(request, authorization));
  const bool is_browser =
      !auth::cookie(request, auth::kSessionCookie).empty() || request.headers.get("Origin");
  constexpr size_t kClientMax = 200;
  std::string client(request.headers.get("X-Firn-Client").value_or(is_browser ? "web" : "api"));
  client.resize(std::min(client.size(), kClientMax));
  return std::make_shared<api::Context>(services_, std::move(principal), request.remote_address,
                                        std::move(client));
}

void GraphqlAdmission::decorate(graphql::RequestContext& context, http::Response& response) {
  const auto& done = static_cast<api::Context&>(context);
  constexpr int64_t kSeconds = auth::Sessions::kLifeUs / 1'000'000;
  if (done.began) {
    response.headers.add("Set-Cookie", set_cookie(auth::kSessionCookie, done.began->token, false,
                                                  secure_, kSeconds));
    response.headers.add("Set-Cookie",
                         set_cookie(auth::kCsrfCookie, done.began->csrf, true, secure_, kSeconds));
  } else if (done.ended) {
    response.headers.add("Set-Cookie", set_cookie(auth::kSessionCookie, "", false, secure_, 0));
    response.headers.add("Set-Cookie", set_cookie(auth::kCsrfCookie, "", true, secure_, 0));
  }
}

}  // namespace firn::app
