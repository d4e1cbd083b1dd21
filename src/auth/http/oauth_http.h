#pragma once

#include <optional>
#include <string>

#include "auth/oauth.h"
#include "http/server.h"

namespace firn::auth {

// The endpoints of Firn's authorization server (RFC 6749, 7009, 7591, 8414, 9728): metadata under
// /.well-known, and /oauth/register, /oauth/authorize, /oauth/token, /oauth/revoke. A person
// decides in the web app, at /consent. Thread-safe.
class OAuthHttp {
 public:
  // `public_url`: the address that clients use, where a proxy stands before; else empty, and the
  // request's own host counts.
  OAuthHttp(OAuth& oauth, std::string public_url);
  std::optional<http::Route> route(const http::Request& request);

  // "https://firn.example.org", without a slash at its end.
  std::string issuer(const http::Request& request) const;
  // What tokens are for: the MCP endpoint.
  std::string resource(const http::Request& request) const { return issuer(request) + "/mcp"; }
  // Bearer with where to find the metadata (RFC 9728, 5.1); `scope` where more is needed.
  std::string challenge(const http::Request& request, std::string_view scope = {}) const;

 private:
  http::Response server_metadata(const http::Request& request) const;
  http::Response resource_metadata(const http::Request& request) const;
  http::Response register_client(const http::Exchange& exchange);
  http::Response authorize(const http::Request& request);
  http::Response token(const http::Exchange& exchange);
  http::Response revoke(const http::Exchange& exchange);

  OAuth& oauth_;
  const std::string public_url_;
};

}  // namespace firn::auth
