#include <utility>

#include "catalog/rest/call_internal.h"
#include "iceberg/json_writer.h"

namespace firn::catalog::rest {
namespace {

struct Shape {
  int status;
  std::string_view type;
};

// Clients tell missing things apart by the exception's name; the catalog's messages, which clients
// compare, tell which it is.
Shape missing(std::string_view message) {
  if (message.starts_with("Namespace does not exist")) return {404, "NoSuchNamespaceException"};
  if (message.starts_with("View does not exist")) return {404, "NoSuchViewException"};
  if (message.starts_with("Table does not exist")) return {404, "NoSuchTableException"};
  return {404, "NotFoundException"};
}

Shape shape_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kNotFound: return missing(error.message());
    case ErrorCode::kAlreadyExists:
      if (error.message().ends_with("is not empty")) return {409, "NamespaceNotEmptyException"};
      return {409, "AlreadyExistsException"};
    case ErrorCode::kCommitConflict: return {409, "CommitFailedException"};
    case ErrorCode::kCommitUnknown: return {500, "CommitStateUnknownException"};
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kInvalidData:
    case ErrorCode::kInvalidStatement:
    case ErrorCode::kIncompatibleSchema: return {400, "BadRequestException"};
    case ErrorCode::kUnsupported: return {406, "UnsupportedOperationException"};
    case ErrorCode::kUnauthenticated: return {401, "NotAuthorizedException"};
    case ErrorCode::kPermissionDenied: return {403, "ForbiddenException"};
    case ErrorCode::kMethodNotAllowed: return {405, "MethodNotAllowedException"};
    case ErrorCode::kTooLarge: return {413, "BadRequestException"};
    // Java clients take 500, 502, 503 and 504 as "perhaps committed"; these surely are not.
    case ErrorCode::kOverloaded:
    case ErrorCode::kUnavailable: return {429, "SlowDownException"};
    case ErrorCode::kStorageUnavailable: return {507, "ServiceFailureException"};
    default: return {500, "InternalServerError"};
  }
}

}  // namespace

http::Response error_response(int status, std::string_view type, std::string_view message) {
  std::string body;
  iceberg::JsonWriter writer(body);
  writer.begin_object();
  writer.key("error");
  writer.begin_object();
  writer.field("message", std::string_view(message));
  writer.field("type", std::string_view(type));
  writer.field("code", status);
  writer.end_object();
  writer.end_object();
  http::Response response = http::Response::json(status, std::move(body));
  if (status == 429) response.headers.set("Retry-After", "1");
  if (status == 401) response.headers.set("WWW-Authenticate", "Bearer realm=\"firn\"");
  return response;
}

http::Response error_response(const Error& error) {
  const Shape shape = shape_of(error);
  return error_response(shape.status, shape.type, error.message());
}

http::Response method_not_allowed(const http::Request& request) {
  return error_response(405, "MethodNotAllowedException",
                        request.method + " is not allowed for " + request.path);
}

}  // namespace firn::catalog::rest
