#include "graphql/http/graphql_http.h"

#include <fmt/format.h>

#include "graphql/http/compression.h"
#include "graphql/http/event_stream.h"
#include "graphql/http/graphiql.h"
#include "graphql/http/web_socket_protocol.h"
#include "graphql/json.h"

namespace firn::graphql {
namespace {

GraphqlError make_error(std::string_view message, std::string_view code) {
  GraphqlError error;
  error.message = message;
  if (!code.empty()) error.extensions = fmt::format(R"({{"code":"{}"}})", code);
  return error;
}

http::Route answer_at_once(http::Response response) {
  http::Route route;
  route.buffered = [response =
                        std::move(response)](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(response);
  };
  return route;
}

http::Response refusal_of(const Error& error, AnswerType type) {
  GraphqlError shown;
  map_error(error, shown);
  http::Response response = http::Response::error(error);  // for its status and headers
  response.headers.set("Content-Type", std::string(content_type_of(type)));
  response.body = error_response({shown});
  return response;
}

}  // namespace

http::Response error_answer(int status, AnswerType type, std::string_view message,
                            std::string_view code) {
  return http::Response::text(status, error_response({make_error(message, code)}),
                              content_type_of(type));
}

GraphqlHttp::GraphqlHttp(GraphqlHttpOptions options, Service& service, Admission& admission)
    : options_(std::move(options)),
      service_(service),
      admission_(admission),
      stored_(options_.stored_bytes_max, options_.store) {}

std::optional<http::Route> GraphqlHttp::route(const http::Request& request) {
  if (request.path == options_.path) {
    const auto upgrade = request.headers.get("Upgrade");
    if (upgrade && (*upgrade == "websocket" || *upgrade == "WebSocket")) return web_socket(request);
    return post_or_get(request);
  }
  const std::string& explorer = options_.graphiql_path;
  const bool inside = request.path == explorer ||
                      (request.path.starts_with(explorer) && request.path[explorer.size()] == '/');
  if (inside && !options_.graphiql_directory.empty()) return graphiql(request);
  return std::nullopt;
}

http::Route GraphqlHttp::graphiql(const http::Request& request) {
  http::Route route;
  route.blocking = [directory = options_.graphiql_directory, base = options_.graphiql_path](
                       const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(graphiql_answer(exchange->request(), directory, base));
  };
  (void)request;
  return route;
}

http::Route GraphqlHttp::web_socket(const http::Request& request) {
  if (!admission_.origin_allowed(request)) {
    return answer_at_once(error_answer(403, AnswerType::kJson, "foreign origin", "FORBIDDEN"));
  }
  return web_socket_route(*this, request);
}

http::Route GraphqlHttp::post_or_get(const http::Request& request) {
  const auto type = choose_answer_type(request.headers);
  const AnswerType shown = type && *type != AnswerType::kEventStream ? *type : AnswerType::kJson;
  if (request.method != "POST" && request.method != "GET") {
    http::Response response =
        error_answer(405, shown, "GraphQL takes GET and POST", "METHOD_NOT_ALLOWED");
    response.headers.add("Allow", "GET, POST");
    return answer_at_once(std::move(response));
  }
  if (!type) {
    return answer_at_once(error_answer(
        406, shown,
        "answers are application/graphql-response+json, application/json or text/event-stream",
        "NOT_ACCEPTABLE"));
  }
  if (request.method == "POST") {
    if (request.media_type() != "application/json" || !is_utf8(request.headers)) {
      return answer_at_once(error_answer(415, shown, "the body has to be application/json in UTF-8",
                                         "UNSUPPORTED_MEDIA_TYPE"));
    }
  }
  http::Route route;
  route.body_bytes_max = options_.body_bytes_max;
  route.buffered = [this, type = *type](const std::shared_ptr<http::Exchange>& exchange) {
    serve(exchange, type);
  };
  return route;
}

// The document's text: in the request or among the stored ones. `holder` owns it where it is not
// the request's.
bool GraphqlHttp::find_document(const GraphqlRequest& request, bool may_store,
                                std::string_view& text, std::string& holder, GraphqlError& error,
                                int& status) {
  const bool by_id = request.document_id && !request.query;
  if (by_id) {
    constexpr std::string_view kPrefix = "sha256:";
    auto found = request.document_id->starts_with(kPrefix)
                     ? stored_.find(request.document_id->substr(kPrefix.size()))
                     : std::nullopt;
    if (!found) {
      error = make_error("PersistedDocumentNotFound", "PERSISTED_DOCUMENT_NOT_FOUND");
      status = 400;
      return false;
    }
    holder = *std::move(found);
    text = holder;
    return true;
  }
  if (request.persisted_hash && !request.query) {
    auto found = stored_.find(*request.persisted_hash);
    if (!found) {
      // Clients ask again with the document; that is no failure of the transport.
      error = make_error("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND");
      status = 200;
      return false;
    }
    holder = *std::move(found);
    text = holder;
    return true;
  }
  text = *request.query;
  if (!request.persisted_hash && !options_.only_stored_documents) return true;
  const std::string hash = sha256_hex(text);
  if (request.persisted_hash && hash != *request.persisted_hash) {
    error = make_error("provided sha does not match query", "BAD_USER_INPUT");
    status = 400;
    return false;
  }
  if (options_.only_stored_documents) {
    if (stored_.find(hash)) return true;
    error = make_error("Only stored documents may be run", "PERSISTED_QUERY_NOT_SUPPORTED");
    status = 403;
    return false;
  }
  if (may_store) stored_.store(hash, *request.query);
  return true;
}

bool GraphqlHttp::prepare(const GraphqlRequest& request, bool may_store, Prepared& into,
                          Response& refused, int& status) {
  std::string_view text;
  std::string holder;
  GraphqlError error;
  status = 0;
  if (!find_document(request, false, text, holder, error, status)) {
    refused = refuse(Outcome::kInvalid, std::move(error));
    return false;
  }
  into.document = service_.prepare(text, refused);
  if (into.document == nullptr) return false;
  // Only now: what is not valid is not worth storing.
  if (may_store && request.persisted_hash && request.query && !options_.only_stored_documents) {
    stored_.store(*request.persisted_hash, *request.query);
  }
  std::optional<std::string_view> name;
  if (request.operation_name) name = *request.operation_name;
  into.operation = into.document->operation(name, error);
  if (into.operation != nullptr) return true;
  refused = refuse(Outcome::kInvalid, std::move(error));
  return false;
}

int GraphqlHttp::status_of(const Response& response, AnswerType type) const {
  // application/json does not tell a GraphQL error from one of something in between: the draft
  // keeps 200 for whatever GraphQL itself answered.
  if (type == AnswerType::kJson) return 200;
  switch (response.outcome) {
    case Outcome::kSyntaxError: return 400;
    case Outcome::kInvalid: return 422;
    default: return response.has_errors && options_.partial_is_294 ? 294 : 200;
  }
}

void GraphqlHttp::serve(const std::shared_ptr<http::Exchange>& exchange, AnswerType type) {
  const http::Request& request = exchange->request();
  const AnswerType shown = type == AnswerType::kEventStream ? AnswerType::kJson : type;
  if (!admission_.origin_allowed(request)) {
    return exchange->respond(error_answer(403, shown, "foreign origin", "FORBIDDEN"));
  }
  const bool get = request.method == "GET";
  auto parsed = get ? read_parameters(request) : read_body(exchange->body());
  if (!parsed.ok()) {
    return exchange->respond(error_answer(400, shown, parsed.error().message(), "BAD_REQUEST"));
  }
  auto context = admission_.admit(request, std::nullopt);
  if (!context.ok()) return exchange->respond(refusal_of(context.error(), shown));

  Prepared prepared;
  Response refused;
  int status = 0;
  const bool ready = prepare(*parsed, !get, prepared, refused, status);
  if (ready && get && prepared.is_mutation()) {
    http::Response response = error_answer(405, shown, "mutations need POST", "METHOD_NOT_ALLOWED");
    response.headers.add("Allow", "POST");
    return exchange->respond(std::move(response));
  }
  if (type == AnswerType::kEventStream) {
    return serve_events(*this, exchange, ready ? &prepared : nullptr, parsed->variables,
                        std::move(*context), std::move(refused));
  }
  if (ready && prepared.is_subscription()) {
    return exchange->respond(error_answer(
        406, shown, "subscriptions need text/event-stream or a WebSocket", "NOT_ACCEPTABLE"));
  }
  const auto answer = [this, exchange, type](Response response, int fixed, RequestContext* who) {
    http::Response out = http::Response::text(fixed != 0 ? fixed : status_of(response, type),
                                              std::move(response.body), content_type_of(type));
    if (who != nullptr) admission_.decorate(*who, out);
    if (out.body.size() >= options_.compress_from_bytes &&
        accepts_encoding(exchange->request().headers, "gzip")) {
      if (auto compressed = gzip(out.body)) {
        out.body = *std::move(compressed);
        out.headers.add("Content-Encoding", "gzip");
        out.headers.add("Vary", "Accept-Encoding");
      }
    }
    exchange->respond(std::move(out));
  };
  if (!ready) return answer(std::move(refused), status, nullptr);
  service_.execute(prepared.document, *prepared.operation, parsed->variables, *context,
                   [answer, context = *context](Response response) {
                     answer(std::move(response), 0, context.get());
                   });
}

}  // namespace firn::graphql
