#include "graphql/graphql_error.h"

#include <fmt/format.h>

#include "graphql/json.h"

namespace firn::graphql {

void write_error(const GraphqlError& error, std::string& out) {
  out += "{\"message\":";
  append_json_string(out, error.message);
  if (!error.locations.empty()) {
    out += ",\"locations\":[";
    for (size_t i = 0; i < error.locations.size(); ++i) {
      fmt::format_to(std::back_inserter(out), "{}{{\"line\":{},\"column\":{}}}", i == 0 ? "" : ",",
                     error.locations[i].line, error.locations[i].column);
    }
    out += ']';
  }
  if (!error.path.empty()) {
    out += ",\"path\":[";
    for (size_t i = 0; i < error.path.size(); ++i) {
      if (i > 0) out += ',';
      if (const auto* key = std::get_if<std::string>(&error.path[i])) {
        append_json_string(out, *key);
      } else {
        out += std::to_string(std::get<uint32_t>(error.path[i]));
      }
    }
    out += ']';
  }
  if (!error.extensions.empty()) {
    out += ",\"extensions\":";
    out += error.extensions;
  }
  out += '}';
}

std::string error_response(const std::vector<GraphqlError>& errors) {
  std::string out = "{\"errors\":[";
  for (size_t i = 0; i < errors.size(); ++i) {
    if (i > 0) out += ',';
    write_error(errors[i], out);
  }
  return out + "]}";
}

}  // namespace firn::graphql
