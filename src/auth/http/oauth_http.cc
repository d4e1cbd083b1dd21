#include "auth/http/oauth_http.h"

#include <boost/json.hpp>
#include <map>

namespace firn::auth {
namespace {

using http::Request;
using http::Response;

constexpr uint64_t kBodyMax = 64 << 10;

// RFC 6749, 5.2; see the comment on OAuth.
std::string_view oauth_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNotFound: return "invalid_grant";
    case ErrorCode::kUnauthenticated: return "invalid_client";
    case ErrorCode::kPermissionDenied: return "invalid_scope";
    case ErrorCode::kUnsupported: return "invalid_target";
    case ErrorCode::kInvalidArgument: return "invalid_request";
    case ErrorCode::kOverloaded: return "temporarily_unavailable";
    default: return "server_error";
  }
}

Response no_store(Response response) {
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Access-Control-Allow-Origin", "*");
  return response;
}

Response failed(std::string_view code, std::string_view description, int status = 400) {
  return no_store(
      Response::json(status, "{\"error\":" + http::json_quote(code) +
                                 ",\"error_description\":" + http::json_quote(description) + "}"));
}

Response failed(const Error& error) {
  const int http_status = info_of(error.code()).http_status;
  const bool of_server = http_status >= 500 || error.code() == ErrorCode::kOverloaded;
  int status = of_server ? http_status : 400;
  if (error.code() == ErrorCode::kUnauthenticated) status = 401;
  return failed(oauth_code(error.code()),
                http_status >= 500 ? "something went wrong here" : error.message(), status);
}

// A form's fields, each once. Errors: InvalidArgument.
Result<std::map<std::string, std::string>> read_form(const http::Exchange& exchange) {
  const Error wrong(ErrorCode::kInvalidArgument, "send application/x-www-form-urlencoded");
  if (exchange.request().media_type() != "application/x-www-form-urlencoded") return wrong;
  std::map<std::string, std::string> fields;
  std::string_view rest = exchange.body();
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    auto name = TRY(http::percent_decode(pair.substr(0, equals), true));
    auto value = TRY(http::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
    if (!fields.emplace(std::move(name), std::move(value)).second) {
      return Error(ErrorCode::kInvalidArgument, "a parameter is given twice");
    }
  }
  return fields;
}

std::string tokens_json(const OAuthTokens& tokens) {
  return "{\"access_token\":" + http::json_quote(tokens.access_token) +
         ",\"token_type\":\"Bearer\",\"expires_in\":" + std::to_string(tokens.expires_in_s) +
         ",\"refresh_token\":" + http::json_quote(tokens.refresh_token) +
         ",\"scope\":" + http::json_quote(tokens.scope) + "}";
}

Response redirect(const std::string& to) {
  Response response;
  response.status = 302;
  response.headers.add("Location", to);
  response.headers.add("Cache-Control", "no-store");
  return response;
}

std::string parameter(const Request& request, std::string_view name) {
  return std::string(request.parameter(name).value_or(""));
}

std::string scopes_json() {
  return "[" + http::json_quote(kScopeRead) + "," + http::json_quote(kScopeWrite) + "," +
         http::json_quote(kScopeAdmin) + "]";
}

// A browser's page of another origin may read metadata and ask for tokens: there are no cookies
// in it.
Response preflight() {
  Response response = Response::no_content();
  response.headers.add("Access-Control-Allow-Origin", "*");
  response.headers.add("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
  response.headers.add("Access-Control-Allow-Headers",
                       "Content-Type, Authorization, MCP-Protocol-Version");
  return response;
}

}  // namespace

OAuthHttp::OAuthHttp(OAuth& oauth, std::string public_url)
    : oauth_(oauth), public_url_(std::move(public_url)) {}

std::string OAuthHttp::issuer(const Request& request) const {
  std::string url = public_url_;
  if (url.empty()) url = "http://" + std::string(request.headers.get("Host").value_or("localhost"));
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string OAuthHttp::challenge(const Request& request, std::string_view scope) const {
  std::string text = "Bearer realm=\"firn\", resource_metadata=\"" + issuer(request) +
                     "/.well-known/oauth-protected-resource/mcp\"";
  if (!scope.empty()) text += ", error=\"insufficient_scope\"";
  return text + ", scope=\"" + std::string(scope.empty() ? kScopeRead : scope) + "\"";
}

Response OAuthHttp::resource_metadata(const Request& request) const {
  return no_store(Response::json(
      200, "{\"resource\":" + http::json_quote(resource(request)) + ",\"authorization_servers\":[" +
               http::json_quote(issuer(request)) + "],\"scopes_supported\":" + scopes_json() +
               ",\"bearer_methods_supported\":[\"header\"],\"resource_name\":\"Firn\"}"));
}

Response OAuthHttp::server_metadata(const Request& request) const {
  const std::string base = issuer(request);
  const auto url = [&](std::string_view path) {
    return http::json_quote(base + std::string(path));
  };
  return no_store(Response::json(
      200, "{\"issuer\":" + url("") + ",\"authorization_endpoint\":" + url("/oauth/authorize") +
               ",\"token_endpoint\":" + url("/oauth/token") + ",\"registration_endpoint\":" +
               url("/oauth/register") + ",\"revocation_endpoint\":" + url("/oauth/revoke") +
               ",\"scopes_supported\":" + scopes_json() +
               R"(,"response_types_supported":["code"],"response_modes_supported":["query"],)"
               R"("grant_types_supported":["authorization_code","refresh_token"],)"
               R"("token_endpoint_auth_methods_supported":["none"],)"
               R"("revocation_endpoint_auth_methods_supported":["none"],)"
               R"("code_challenge_methods_supported":["S256"],)"
               R"("authorization_response_iss_parameter_supported":true})"));
}

Response OAuthHttp::register_client(const http::Exchange& exchange) {
  boost::system::error_code wrong;
  const auto json = boost::json::parse(exchange.body(), wrong);
  const auto* object = wrong ? nullptr : json.if_object();
  const auto* uris = object != nullptr ? object->if_contains("redirect_uris") : nullptr;
  if (uris == nullptr || !uris->is_array()) {
    return failed("invalid_redirect_uri", "redirect_uris is missing");
  }
  std::vector<std::string> redirect_uris;
  for (const auto& uri : uris->get_array()) {
    if (!uri.is_string()) return failed("invalid_redirect_uri", "a redirect URI is a string");
    redirect_uris.emplace_back(uri.get_string());
  }
  const auto* name = object->if_contains("client_name");
  const auto* method = object->if_contains("token_endpoint_auth_method");
  if (method != nullptr && method->is_string() && method->get_string() != "none") {
    return failed("invalid_client_metadata",
                  "clients are public: token_endpoint_auth_method has to be none");
  }
  const auto client = oauth_.register_client(
      name != nullptr && name->is_string() ? std::string(name->get_string()) : "", redirect_uris);
  if (!client.ok()) {
    return client.error().code() == ErrorCode::kInvalidArgument
               ? failed("invalid_redirect_uri", client.error().message())
               : failed(client.error());
  }
  std::string list;
  for (const auto& uri : client->redirect_uris) {
    list += (list.empty() ? "" : ",") + http::json_quote(uri);
  }
  return no_store(Response::json(
      201, "{\"client_id\":" + http::json_quote(client->id) + ",\"client_name\":" +
               http::json_quote(client->name) + ",\"redirect_uris\":[" + list +
               R"(],"token_endpoint_auth_method":"none","grant_types":["authorization_code",)"
               R"("refresh_token"],"response_types":["code"]})"));
}

Response OAuthHttp::authorize(const Request& request) {
  AuthorizationQuery query{parameter(request, "client_id"),
                           parameter(request, "redirect_uri"),
                           parameter(request, "response_type"),
                           parameter(request, "scope"),
                           parameter(request, "state"),
                           parameter(request, "code_challenge"),
                           parameter(request, "code_challenge_method"),
                           parameter(request, "resource")};
  const auto client = oauth_.client_for(query.client_id, query.redirect_uri);
  // Not to the redirect URI: it may be anybody's.
  if (!client.ok()) return Response::text(400, client.error().message() + "\n", "text/plain");
  const std::string back = query.redirect_uri;
  const std::string state = query.state;
  const auto begun = oauth_.begin(*client, std::move(query), issuer(request), resource(request));
  if (begun.ok()) return redirect("/consent?request=" + begun->id);
  const char mark = back.find('?') == std::string::npos ? '?' : '&';
  std::string to = back + mark + "error=" + std::string(oauth_code(begun.error().code())) +
                   "&error_description=" + http::percent_encode(begun.error().message()) +
                   "&iss=" + http::percent_encode(issuer(request));
  if (!state.empty()) to += "&state=" + http::percent_encode(state);
  return redirect(to);
}

Response OAuthHttp::token(const http::Exchange& exchange) {
  const auto form = read_form(exchange);
  if (!form.ok()) return failed(form.error());
  const auto field = [&](const char* name) {
    const auto found = form->find(name);
    return found == form->end() ? std::string() : found->second;
  };
  const std::string type = field("grant_type");
  if (type != "authorization_code" && type != "refresh_token") {
    return failed("unsupported_grant_type", "use authorization_code or refresh_token");
  }
  const auto tokens =
      type == "authorization_code"
          ? oauth_.exchange(field("code"), field("client_id"), field("redirect_uri"),
                            field("code_verifier"), field("resource"))
          : oauth_.refresh(field("refresh_token"), field("client_id"), field("scope"),
                           field("resource"));
  if (!tokens.ok()) return failed(tokens.error());
  return no_store(Response::json(200, tokens_json(*tokens)));
}

Response OAuthHttp::revoke(const http::Exchange& exchange) {
  const auto form = read_form(exchange);
  if (!form.ok()) return failed(form.error());
  const auto token = form->find("token");
  if (token == form->end()) return failed("invalid_request", "token is missing");
  const Status revoked = oauth_.revoke(token->second);
  if (!revoked.ok()) return failed(revoked.error());
  return no_store(Response::json(200, "{}"));
}

std::optional<http::Route> OAuthHttp::route(const Request& request) {
  const bool is_metadata = request.path.starts_with("/.well-known/oauth-");
  if (!is_metadata && !request.path.starts_with("/oauth/")) return std::nullopt;
  if (request.method == "OPTIONS") return http::answer_with(preflight());
  if (request.method == "GET") {
    if (request.path == "/.well-known/oauth-protected-resource" ||
        request.path == "/.well-known/oauth-protected-resource/mcp") {
      return http::answer_with(resource_metadata(request));
    }
    if (request.path == "/.well-known/oauth-authorization-server") {
      return http::answer_with(server_metadata(request));
    }
  }
  using Handler = Response (OAuthHttp::*)(const http::Exchange&);
  Handler handler = nullptr;
  if (request.method == "POST" && request.path == "/oauth/register") {
    handler = &OAuthHttp::register_client;
  } else if (request.method == "POST" && request.path == "/oauth/token") {
    handler = &OAuthHttp::token;
  } else if (request.method == "POST" && request.path == "/oauth/revoke") {
    handler = &OAuthHttp::revoke;
  }
  http::Route route;
  route.body_bytes_max = kBodyMax;
  if (request.method == "GET" && request.path == "/oauth/authorize") {
    route.blocking = [this](const std::shared_ptr<http::Exchange>& exchange) {
      exchange->respond(authorize(exchange->request()));
    };
  } else if (handler != nullptr) {
    route.blocking = [this, handler](const std::shared_ptr<http::Exchange>& exchange) {
      exchange->respond((this->*handler)(*exchange));
    };
  } else {
    return http::answer_with(
        Response::error(Error(ErrorCode::kNotFound, "there is nothing at " + request.path)));
  }
  return route;
}

}  // namespace firn::auth
