#include "catalog/rest/rest_catalog.h"

#include <algorithm>
#include <charconv>

#include "catalog/rest/call_internal.h"
#include "iceberg/json_writer.h"

namespace firn::catalog::rest {
namespace {

// What is offered, in the notation of the OpenAPI document. Without this list clients assume less.
constexpr uint64_t kTokenBytesMax = 64 << 10;
constexpr std::string_view kEndpoints[] = {
    "GET /v1/{prefix}/namespaces",
    "POST /v1/{prefix}/namespaces",
    "GET /v1/{prefix}/namespaces/{namespace}",
    "HEAD /v1/{prefix}/namespaces/{namespace}",
    "DELETE /v1/{prefix}/namespaces/{namespace}",
    "POST /v1/{prefix}/namespaces/{namespace}/properties",
    "GET /v1/{prefix}/namespaces/{namespace}/tables",
    "POST /v1/{prefix}/namespaces/{namespace}/tables",
    "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "DELETE /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "POST /v1/{prefix}/namespaces/{namespace}/register",
    "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics",
    "POST /v1/{prefix}/tables/rename",
    "POST /v1/{prefix}/transactions/commit"};

Error unknown_path(const http::Request& request) {
  return Error(ErrorCode::kNotFound, "No route for " + request.method + " " + request.path);
}

}  // namespace

Namespace split_levels(std::string_view text) {
  constexpr char kSeparator = '\x1f';
  Namespace levels;
  while (true) {
    const size_t end = text.find(kSeparator);
    levels.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return levels;
    text.remove_prefix(end + 1);
  }
}

Result<Page> page_of(const http::Request& request, size_t total) {
  constexpr size_t kPageSize = 1000;
  const auto token = request.parameter("pageToken");
  const auto size = request.parameter("pageSize");
  Page page{0, total, {}};
  if (!token && !size) return page;
  const auto parse = [](std::string_view text, size_t& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc() && end == text.data() + text.size();
  };
  size_t count = kPageSize;
  if (size && !size->empty() && (!parse(*size, count) || count == 0)) {
    return Error(ErrorCode::kInvalidArgument, "pageSize has to be a positive number");
  }
  if (token && !token->empty() && !parse(*token, page.first)) {
    return Error(ErrorCode::kInvalidArgument, "Invalid page token");
  }
  page.first = std::min(page.first, total);
  page.count = std::min(count, total - page.first);
  if (page.first + page.count < total) page.next_token = std::to_string(page.first + page.count);
  return page;
}

// POST /v1/oauth/tokens, whose body says who asks.
bool RestCatalog::is_token_request(const http::Request& request) {
  const auto& path = request.segments;
  const size_t mount = !path.empty() && path[0] == "iceberg" ? 1 : 0;
  return path.size() == mount + 3 && path[mount] == "v1" && path[mount + 1] == "oauth" &&
         path[mount + 2] == "tokens";
}

std::optional<http::Route> RestCatalog::route(const http::Request& request) {
  if (request.segments.empty() || request.segments[0] != "iceberg") return std::nullopt;
  http::Route route;
  if (is_token_request(request)) {
    route.body_bytes_max = kTokenBytesMax;
  } else {
    // Refused before a body is read for it.
    const auto principal = authenticator_.authenticate(request);
    if (!principal.ok()) return http::answer_with(error_response(principal.error()));
    route.body_bytes_max = options_.body_bytes_max;
  }
  route.blocking = [this](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(handle(exchange->request(), exchange->body()));
  };
  return route;
}

http::Response RestCatalog::handle(const http::Request& request, std::string_view body) {
  if (is_token_request(request)) return token(request, body);
  const auto principal = authenticator_.authenticate(request);
  if (!principal.ok()) return error_response(principal.error());
  return handle(request, body, *principal);
}

http::Response RestCatalog::handle(const http::Request& request, std::string_view body,
                                   const auth::Principal& principal) {
  std::span<const std::string> path = request.segments;
  if (!path.empty() && path.front() == "iceberg") path = path.subspan(1);
  if (path.empty() || path.front() != "v1") return error_response(unknown_path(request));
  Call call{request, body, principal, options_.default_catalog, path.subspan(1)};
  auto outcome = dispatch(call);
  http::Response response = outcome.ok() ? *std::move(outcome) : error_response(outcome.error());
  // An answer to HEAD has no body; an error tells all by its status.
  if (request.method == "HEAD") response.body.clear();
  return response;
}

Result<http::Response> RestCatalog::dispatch(const Call& call) {
  if (call.path.empty()) return unknown_path(call.request);
  if (call.path.size() == 1 && call.path[0] == "config") {
    if (!call.is("GET")) return method_not_allowed(call.request);
    return config(call);
  }
  Call inner = call;
  const auto starts_a_route = [](std::string_view segment) {
    return segment == "namespaces" || segment == "tables" || segment == "transactions";
  };
  const bool has_prefix =
      !starts_a_route(call.path[0]) ||
      (call.path.size() > 1 && starts_a_route(call.path[1]) && call.path[0] == call.catalog);
  if (has_prefix) {
    inner.catalog = call.path[0];
    inner.path = call.path.subspan(1);
  }
  const auto entry = authenticator_.directory().catalog(call.principal, inner.catalog);
  if (!entry.ok() && entry.error().code() == ErrorCode::kNotFound) {
    return Error(ErrorCode::kNotFound, "Catalog does not exist: " + inner.catalog);
  }
  inner.object = TRY(entry).object();
  inner.catalog = inner.object.catalog;
  const auto& path = inner.path;
  if (path.empty()) return unknown_path(call.request);
  if (path[0] == "namespaces") return route_namespaces(inner);
  const bool is_post = call.is("POST");
  if (path.size() == 2 && path[0] == "tables" && path[1] == "rename") {
    return is_post ? rename_table(inner) : method_not_allowed(call.request);
  }
  if (path.size() == 2 && path[0] == "transactions" && path[1] == "commit") {
    return is_post ? commit_transaction(inner) : method_not_allowed(call.request);
  }
  return unknown_path(call.request);
}

Result<http::Response> RestCatalog::route_namespaces(const Call& call) {
  const auto& path = call.path;
  if (path.size() == 1) {
    if (call.is("GET")) return list_namespaces(call);
    if (call.is("POST")) return create_namespace(call);
    return method_not_allowed(call.request);
  }
  const Namespace ns = split_levels(path[1]);
  if (path.size() == 2) {
    if (call.is("GET") || call.is("HEAD")) return load_namespace(call, ns);
    if (!call.is("DELETE")) return method_not_allowed(call.request);
    TRY(call.may_change());
    TRY(catalog_.drop_namespace(call.catalog, ns));
    return http::Response::no_content();
  }
  if (path[2] == "tables") return route_tables(call, ns);
  if (path[2] == "views" || path[2] == "register-view") return route_views(call, ns);
  if (path.size() == 3 && path[2] == "properties") {
    return call.is("POST") ? update_namespace(call, ns) : method_not_allowed(call.request);
  }
  if (path.size() == 3 && path[2] == "register") {
    return call.is("POST") ? register_table(call, ns) : method_not_allowed(call.request);
  }
  return unknown_path(call.request);
}

Result<http::Response> RestCatalog::route_tables(const Call& call, const Namespace& ns) {
  const auto& path = call.path;
  if (path.size() == 3) {
    if (call.is("GET")) return list_tables(call, ns);
    if (call.is("POST")) return create_table(call, ns);
    return method_not_allowed(call.request);
  }
  const TableIdent ident{call.catalog, ns, path[3]};
  if (path.size() == 4) return route_table(call, ident);
  if (path.size() == 5 && path[4] == "metrics") {
    if (!call.is("POST")) return method_not_allowed(call.request);
    TRY(call.may_read());
    return http::Response::no_content();
  }
  if (path.size() == 5 && path[4] == "credentials" && call.is("GET")) {
    TRY(call.may_read());
    TRY(readable_table(call, ident));
    return http::Response::json(200, R"({"storage-credentials":[]})");
  }
  return unknown_path(call.request);
}

Result<http::Response> RestCatalog::route_table(const Call& call, const TableIdent& ident) {
  if (call.is("GET")) return load_table(call, ident);
  if (call.is("POST")) return commit_table(call, ident);
  if (call.is("HEAD")) {
    TRY(call.may_read());
    TRY(catalog_.load_table(ident));
    return http::Response::no_content();
  }
  if (!call.is("DELETE")) return method_not_allowed(call.request);
  TRY(call.may_change());
  // PyIceberg writes "True", the others "true".
  const auto purge = call.request.parameter("purgeRequested");
  TRY(catalog_.drop_table(ident, purge && (*purge == "true" || *purge == "True")));
  return http::Response::no_content();
}

// Views are not offered, but clients look for them wherever a table is missing.
Result<http::Response> RestCatalog::route_views(const Call& call, const Namespace& ns) {
  const auto& path = call.path;
  if (path.size() == 3 && call.is("GET")) {
    TRY(call.may_read());
    TRY(catalog_.namespace_properties(call.catalog, ns));
    return http::Response::json(200, R"({"identifiers":[],"next-page-token":null})");
  }
  if (path.size() == 4 && !call.is("PUT")) {
    TRY(call.may_read());
    const TableIdent ident{call.catalog, ns, path[3]};
    return Error(ErrorCode::kNotFound, "View does not exist: " + ident.to_string());
  }
  return Error(ErrorCode::kUnsupported, "This catalog does not store views");
}

Result<http::Response> RestCatalog::config(const Call& call) {
  TRY(auth::authorize_anywhere(call.principal, auth::Role::kViewer));
  const auto asked = call.request.parameter("warehouse");
  const std::string name = asked && !asked->empty() ? std::string(*asked) : call.catalog;
  const auto known = TRY(authenticator_.directory().catalogs(call.principal));
  const auto found = std::find_if(known.begin(), known.end(),
                                  [&](const auto& entry) { return entry.name == name; });
  if (found == known.end()) {
    return error_response(404, "NoSuchWarehouseException",
                          "Warehouse does not exist: " + name +
                              " (there is: " + (known.empty() ? "none" : known.front().name) + ")");
  }
  TRY(auth::authorize(call.principal, auth::Role::kViewer, found->object()));
  std::string text;
  iceberg::JsonWriter writer(text);
  writer.begin_object();
  writer.key("defaults");
  writer.begin_object();
  writer.end_object();
  writer.key("overrides");
  writer.begin_object();
  writer.field("prefix", http::percent_encode(name));
  writer.end_object();
  writer.key("endpoints");
  writer.begin_array();
  for (const std::string_view endpoint : kEndpoints) writer.string(endpoint);
  writer.end_array();
  writer.end_object();
  return http::Response::json(200, std::move(text));
}

}  // namespace firn::catalog::rest
