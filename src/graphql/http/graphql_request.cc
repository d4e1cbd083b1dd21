#include "graphql/http/graphql_request.h"

#include <fmt/format.h>

#include "graphql/json.h"

namespace firn::graphql {
namespace {

Error wrong(std::string_view name, std::string_view what) {
  return {ErrorCode::kInvalidArgument, fmt::format("\"{}\" has to be {}", name, what)};
}

// Moves a member out. Absent and null are the same.
Status take_text(Value& object, std::string_view name, std::optional<std::string>& into) {
  for (auto& [key, value] : object.fields) {
    if (key != name || value.is_null()) continue;
    if (value.kind != Value::Kind::kString) return wrong(name, "a string");
    into = std::move(value.text);
  }
  return {};
}

Status take_object(Value& object, std::string_view name, Value& into) {
  for (auto& [key, value] : object.fields) {
    if (key != name || value.is_null()) continue;
    if (value.kind != Value::Kind::kObject) return wrong(name, "an object");
    into = std::move(value);
  }
  return {};
}

Status read_extensions(const Value& extensions, GraphqlRequest& request) {
  const Value* persisted = extensions.field("persistedQuery");
  if (persisted == nullptr || persisted->is_null()) return {};
  const Value* version = persisted->field("version");
  const Value* hash = persisted->field("sha256Hash");
  if (version == nullptr || version->integer != 1) {
    return Error(ErrorCode::kInvalidArgument, "Unsupported persisted query version");
  }
  if (hash == nullptr || hash->kind != Value::Kind::kString || hash->text.size() != 64) {
    return wrong("sha256Hash", "64 hexadecimal digits");
  }
  request.persisted_hash = hash->text;
  return {};
}

}  // namespace

Result<GraphqlRequest> read_request(Value& object) {
  if (object.kind != Value::Kind::kObject) {
    return Error(ErrorCode::kInvalidArgument, "the request has to be a JSON object");
  }
  GraphqlRequest request;
  Value extensions;
  TRY(take_text(object, "query", request.query));
  TRY(take_text(object, "operationName", request.operation_name));
  TRY(take_object(object, "variables", request.variables));
  TRY(take_object(object, "extensions", extensions));
  TRY(take_text(object, "documentId", request.document_id));
  TRY(read_extensions(extensions, request));
  if (!request.query && !request.persisted_hash && !request.document_id) {
    return Error(ErrorCode::kInvalidArgument, "\"query\" is missing");
  }
  return request;
}

Result<GraphqlRequest> read_body(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  auto value = TRY(parse_json(body));
  return read_request(value);
}

Result<GraphqlRequest> read_parameters(const http::Request& request) {
  Value object = Value::object();
  for (const std::string_view name : {"query", "operationName", "documentId"}) {
    const auto text = request.parameter(name);
    if (text && !text->empty()) object.set(std::string(name), Value::of_string(std::string(*text)));
  }
  for (const std::string_view name : {"variables", "extensions"}) {
    const auto text = request.parameter(name);
    if (!text || text->empty()) continue;
    auto value = TRY(parse_json(*text));
    object.set(std::string(name), std::move(value));
  }
  return read_request(object);
}

}  // namespace firn::graphql
