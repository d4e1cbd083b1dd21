#include <map>

#include "catalog/rest/call_internal.h"
#include "iceberg/json_writer.h"

namespace firn::catalog::rest {
namespace {

// application/x-www-form-urlencoded
Result<std::map<std::string, std::string>> parse_form(std::string_view body) {
  std::map<std::string, std::string> form;
  while (!body.empty()) {
    const size_t end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    const size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    form[TRY(http::percent_decode(pair.substr(0, equals), true))] =
        TRY(http::percent_decode(value, true));
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + 1);
  }
  return form;
}

// RFC 6749, section 5.2.
http::Response oauth_error(int status, std::string_view error, std::string_view description) {
  std::string text;
  iceberg::JsonWriter writer(text);
  writer.begin_object();
  writer.field("error", error);
  writer.field("error_description", description);
  writer.end_object();
  return http::Response::json(status, std::move(text));
}

}  // namespace

// Older clients can only do OAuth: the secret is a Firn key, and the token they get is that key.
http::Response RestCatalog::token(const http::Request& request, std::string_view body) {
  if (request.method != "POST") return method_not_allowed(request);
  const auto form = parse_form(body);
  if (!form.ok()) return oauth_error(400, "invalid_request", form.error().message());
  const auto value = [&](const char* name) {
    const auto found = form->find(name);
    return found == form->end() ? std::string() : found->second;
  };
  std::string key;
  const std::string grant = value("grant_type");
  if (grant == "client_credentials") {
    key = value("client_secret");
    if (key.empty()) {
      // RFC 6749, section 2.3.1: the credentials may come as HTTP Basic.
      if (const auto principal = authenticator_.authenticate(request); principal.ok()) {
        const std::string_view header = request.headers.get("Authorization").value_or("");
        if (header.starts_with("Bearer ")) key = header.substr(7);
      }
    }
  } else if (grant == "urn:ietf:params:oauth:grant-type:token-exchange") {
    key = value("subject_token");
  } else {
    return oauth_error(400, "unsupported_grant_type",
                       "grant_type has to be client_credentials, client_secret a key");
  }
  if (key.empty()) return oauth_error(400, "invalid_request", "client_secret is missing");
  const auto principal = authenticator_.authenticate_key(key);
  if (!principal.ok()) return oauth_error(401, "invalid_client", principal.error().message());
  std::string text;
  iceberg::JsonWriter writer(text);
  writer.begin_object();
  writer.field("access_token", key);
  writer.field("token_type", "bearer");
  writer.field("issued_token_type", "urn:ietf:params:oauth:token-type:access_token");
  writer.end_object();
  http::Response response = http::Response::json(200, std::move(text));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace firn::catalog::rest
