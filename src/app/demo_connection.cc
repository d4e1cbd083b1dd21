#include "app/demo_connection.h"

#include <boost/json.hpp>
#include <charconv>
#include <cstdio>

#include <fmt/format.h>

namespace firn::app {
namespace {

namespace json = boost::json;

constexpr const char* kName = "pg";

// The data of a GraphQL operation; its first error's message otherwise.
Result<json::object> ask(Remote& remote, const std::string& query, json::object variables) {
  http::ClientRequest request;
  request.method = "POST";
  request.target = "/graphql";
  request.headers.add("Content-Type", "application/json");
  request.body =
      json::serialize(json::object{{"query", query}, {"variables", std::move(variables)}});
  const auto body = TRY(remote.send(std::move(request)));
  boost::system::error_code failed;
  const auto answer = json::parse(body, failed);
  const auto malformed = Error(ErrorCode::kUnavailable, "the server's answer is no GraphQL");
  if (failed || !answer.is_object()) return malformed;
  if (const auto* errors = answer.get_object().if_contains("errors")) {
    if (!errors->is_array() || errors->get_array().empty()) return malformed;
    return Error(ErrorCode::kUnavailable,
                 json::value_to<std::string>(errors->get_array().front().at("message")));
  }
  return answer.at("data").as_object();
}

}  // namespace

Status connect_demo_database(Remote& remote, const std::string& port_text,
                             const std::string& password) {
  int64_t port = 0;
  std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  const auto known = TRY(ask(
      remote, "{ connections { id name port } organization { environments { id name } } }", {}));
  for (const auto& connection : known.at("connections").as_array()) {
    if (connection.at("name") != kName) continue;
    if (connection.at("port") != port) {
      TRY(ask(remote, "mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }",
              {{"i", {{"id", connection.at("id")}, {"port", port}, {"password", password}}}}));
    }
    fmt::print(stderr, "{}: planes, airlines and airports are connected already\n", kName);
    return {};
  }
  const auto& environments = known.at("organization").at("environments").as_array();
  if (environments.empty()) return Error(ErrorCode::kNotFound, "there is no environment");
  TRY(ask(remote, "mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id } }",
          {{"i",
            {{"environmentId", environments.front().at("id")},
             {"name", kName},
             {"description", "Planes, airlines and airports in a PostgreSQL"},
             {"kind", "POSTGRESQL"},
             {"host", "127.0.0.1"},
             {"port", port},
             {"database", "flights"},
             {"user", "demo"},
             {"password", password}}}}));
  fmt::print(stderr, "{}: connected planes, airlines and airports of a PostgreSQL\n", kName);
  return {};
}

}  // namespace firn::app
