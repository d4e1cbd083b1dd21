#include "app/demo_connection.h"

#include <charconv>
#include <cstdio>

#include <fmt/format.h>

#include "app/remote_graphql.h"

namespace firn::app {
namespace {

constexpr const char* kName = "pg";

}  // namespace

Status connect_demo_database(Remote& remote, const std::string& port_text,
                             const std::string& password) {
  int64_t port = 0;
  std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  const auto known = TRY(ask_graphql(
      remote, "{ connections { id name port } organization { environments { id name } } }", {}));
  for (const auto& connection : known.at("connections").as_array()) {
    if (connection.at("name") != kName) continue;
    if (connection.at("port") != port) {
      TRY(ask_graphql(
          remote, "mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }",
          {{"i", {{"id", connection.at("id")}, {"port", port}, {"password", password}}}}));
    }
    fmt::print(stderr, "{}: planes, airlines and airports are connected already\n", kName);
    return {};
  }
  const auto& environments = known.at("organization").at("environments").as_array();
  if (environments.empty()) return Error(ErrorCode::kNotFound, "there is no environment");
  TRY(ask_graphql(remote,
                  "mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id } }",
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
