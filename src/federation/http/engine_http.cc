#include "federation/http/engine_http.h"

#include <boost/json.hpp>

#include "federation/http/query_report.h"

namespace firn::federation {
namespace {

namespace json = boost::json;
using http::Response;

constexpr uint64_t kReportBytesMax = 4 << 20;

Response answer_of(const json::value& value) {
  auto response = Response::json(200, json::serialize(value));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

const char* rule_name(auth::ColumnRule rule) {
  switch (rule) {
    case auth::ColumnRule::kHidden: return "hidden";
    case auth::ColumnRule::kNulled: return "nulled";
    case auth::ColumnRule::kHashed: return "hashed";
  }
  return "hidden";
}

Error unknown_path() { return Error(ErrorCode::kNotFound, "there is nothing at this path"); }

}  // namespace

std::optional<http::Route> EngineHttp::route(const http::Request& request) {
  const auto& path = request.segments;
  if (path.size() < 3 || path[0] != "engine" || path[1] != "v1") return std::nullopt;
  // Refused before a body is read for it.
  if (const auto who = authenticator_.authenticate(request); !who.ok()) {
    return http::answer_with(Response::error(who.error()));
  }
  http::Route route;
  route.body_bytes_max = kReportBytesMax;
  route.blocking = [this](std::shared_ptr<http::Exchange> exchange) {
    auto answered = answer(exchange->request(), exchange->body());
    exchange->respond(answered.ok() ? std::move(*answered) : Response::error(answered.error()));
  };
  return route;
}

Result<Response> EngineHttp::answer(const http::Request& request, std::string_view body) {
  const auto who = TRY(authenticator_.authenticate(request));
  const auto& path = request.segments;
  const bool is_post = path[2] == "queries";
  if (request.method != (is_post ? "POST" : "GET")) {
    return Error(ErrorCode::kMethodNotAllowed,
                 is_post ? "this path takes POST" : "this path takes GET");
  }
  if (path[2] == "self" && path.size() == 3) {
    return answer_of(json::object{{"account", who.account},
                                  {"name", who.name},
                                  {"organization", who.organization},
                                  {"engine", auth::authorize_engine(who).ok()}});
  }
  TRY(auth::authorize_engine(who));
  if (path[2] == "accounts") return about_account(who, request);
  if (path[2] == "catalogs") return about_catalogs(who, request);
  if (path[2] == "queries" && path.size() == 3) return report(who, body);
  return unknown_path();
}

Result<Response> EngineHttp::about_account(const auth::Principal& engine,
                                           const http::Request& request) {
  const auto& path = request.segments;
  if (path.size() == 4) {
    const auto account = TRY(access_.account(engine, path[3]));
    json::array catalogs;
    for (const auto& visible : account.catalogs) {
      json::object catalog{{"name", visible.name}};
      if (visible.schemas) {
        json::array schemas;
        for (const auto& schema : *visible.schemas) schemas.emplace_back(schema);
        catalog["schemas"] = std::move(schemas);
      }
      catalogs.push_back(std::move(catalog));
    }
    return answer_of(json::object{
        {"name", account.name}, {"admin", account.is_admin}, {"catalogs", std::move(catalogs)}});
  }
  if (path.size() != 5 || path[4] != "table") return unknown_path();
  const auto parameter = [&](std::string_view name) {
    return std::string(request.parameter(name).value_or(""));
  };
  const auto sight = TRY(access_.table(
      engine, path[3], {parameter("catalog"), parameter("schema"), parameter("table")}));
  json::array filters;
  for (const auto& filter : sight.filters) filters.emplace_back(filter);
  json::object columns;
  for (const auto& [name, rule] : sight.columns) columns[name] = rule_name(rule);
  return answer_of(json::object{{"restricted", sight.restricted},
                                {"filters", std::move(filters)},
                                {"columns", std::move(columns)}});
}

Result<Response> EngineHttp::about_catalogs(const auth::Principal& engine,
                                            const http::Request& request) {
  const auto& path = request.segments;
  const auto catalogs = TRY(access_.catalogs(engine));
  json::array all;
  for (const auto& catalog : catalogs) {
    json::object made{
        {"name", catalog.name}, {"connector", catalog.connector}, {"version", catalog.version}};
    if (path.size() == 4 && catalog.name == path[3]) {
      json::object properties;
      for (const auto& [name, value] : catalog.properties) properties[name] = value;
      made["properties"] = std::move(properties);
      return answer_of(made);
    }
    all.push_back(std::move(made));
  }
  if (path.size() != 3) return Error(ErrorCode::kNotFound, "there is no such catalog");
  return answer_of(json::object{{"catalogs", std::move(all)}});
}

Result<Response> EngineHttp::report(const auth::Principal& engine, std::string_view body) {
  auto info = TRY(parse_query_report(body));
  TRY(access_.report(engine, std::move(info)));
  return Response::no_content();
}

}  // namespace firn::federation
