#include "app/remote_graphql.h"

namespace firn::app {

namespace json = boost::json;

Result<json::object> ask_graphql(Remote& remote, const std::string& query, json::object variables) {
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

}  // namespace firn::app
