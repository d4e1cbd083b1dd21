#include "query/http/query_http.h"

#include <fmt/format.h>

#include "query/http/query_json.h"

namespace firn::query {
namespace {

using http::json_quote;
using http::Response;

std::string_view media_type_of(ResultFormat format) {
  switch (format) {
    case ResultFormat::kCsv: return "text/csv; charset=utf-8";
    case ResultFormat::kParquet: return "application/parquet";
    case ResultFormat::kArrow: return "application/vnd.apache.arrow.stream";
    default: return "application/x-ndjson";
  }
}

// The answer as an HTTP transfer: the head goes out when the query has columns, so that what fails
// before is an HTTP error.
class StreamSink final : public ResultSink {
 public:
  StreamSink(http::Stream& stream, const QueryRequest& request)
      : stream_(stream), request_(request) {}

  Status head(const ResultHead& head) override {
    Response response;
    response.headers.add("Content-Type", std::string(media_type_of(request_.format)));
    response.headers.add("X-Firn-Query-Id", head.query_id);
    TRY(stream_.start(std::move(response)));
    started_ = true;
    if (request_.format == ResultFormat::kDefault) return stream_.write(head_lines(request_, head));
    return {};
  }
  Status rows(std::string_view encoded) override { return stream_.write(encoded); }
  bool cancelled() override { return stream_.cancelled(); }
  bool started() const { return started_; }

 private:
  http::Stream& stream_;
  const QueryRequest& request_;
  bool started_ = false;
};

// Nothing is left to do with an error of a connection that is gone.
void dismiss(const Status& status) { (void)status; }

bool is_text(ResultFormat format) {
  return format == ResultFormat::kDefault || format == ResultFormat::kJsonLines;
}

// What is wrong with the statement, as opposed to the server or the moment.
bool is_about_statement(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidStatement:
    case ErrorCode::kNotFound:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kUnsupported:
    case ErrorCode::kTooLarge: return true;
    default: return false;
  }
}

Response not_allowed(std::string_view allowed) {
  Response response = Response::error(
      Error(ErrorCode::kMethodNotAllowed, fmt::format("this path takes {}", allowed)));
  response.headers.add("Allow", std::string(allowed));
  return response;
}

}  // namespace

std::optional<http::Route> QueryHttp::route(const http::Request& request) {
  const auto& segments = request.segments;
  if (segments.empty()) return std::nullopt;
  const bool is_run = segments[0] == "query" && segments.size() == 2;
  Answer answer = nullptr;
  if (segments.size() == 1) {
    if (segments[0] == "validate") answer = &QueryHttp::validate;
    if (segments[0] == "explain") answer = &QueryHttp::explain;
    if (segments[0] == "autocomplete") answer = &QueryHttp::autocomplete;
    if (answer == nullptr && segments[0] != "query") return std::nullopt;
  } else if (!is_run) {
    return std::nullopt;
  }
  if (!is_run && request.method != "POST") return http::answer_with(not_allowed("POST"));
  // Refused before a body is read for it.
  if (const auto admitted = admit(request); !admitted.ok()) {
    return http::answer_with(Response::error(admitted.error()));
  }
  if (is_run) {
    if (request.method == "GET") return blocking(&QueryHttp::info);
    if (request.method == "DELETE") return blocking(&QueryHttp::cancel);
    return http::answer_with(not_allowed("GET, DELETE"));
  }
  if (answer != nullptr) return blocking(answer);
  http::Route route;
  route.stream = [this](http::Stream& stream) { query(stream); };
  route.body_bytes_max = options_.body_bytes_max;
  route.body_first = true;
  return route;
}

Result<auth::Principal> QueryHttp::admit(const http::Request& request) {
  auto principal = TRY(authenticator_.authenticate(request));
  TRY(auth::authorize_anywhere(principal, auth::Role::kViewer));
  return principal;
}

http::Route QueryHttp::blocking(Answer answer) {
  http::Route route;
  route.body_bytes_max = options_.body_bytes_max;
  route.blocking = [this, answer](std::shared_ptr<http::Exchange> exchange) {
    const auto principal = admit(exchange->request());
    exchange->respond(principal.ok()
                          ? (this->*answer)(*principal, exchange->request(), exchange->body())
                          : Response::error(principal.error()));
  };
  return route;
}

Result<std::string> QueryHttp::read_body(http::Stream& stream) {
  std::string body;
  char buffer[16 << 10];
  while (true) {
    const size_t n = TRY(stream.read(buffer));
    if (n == 0) return body;
    body.append(buffer, n);
  }
}

void QueryHttp::query(http::Stream& stream) {
  const auto principal = admit(stream.request());
  if (!principal.ok()) return dismiss(stream.respond(Response::error(principal.error())));
  const auto body = read_body(stream);
  if (!body.ok()) return dismiss(stream.respond(Response::error(body.error())));
  auto parsed = parse_request(*body, *principal, authenticator_);
  if (!parsed.ok()) return dismiss(stream.respond(Response::error(parsed.error())));
  auto& request = parsed->query;
  request.user_agent = stream.request().headers.get("User-Agent").value_or("");
  if (!request.query_id.empty()) {
    const auto taken = options_.is_anothers(request);
    if (!taken.ok()) return dismiss(stream.respond(Response::error(taken.error())));
    if (*taken) {
      return dismiss(stream.respond(Response::error(
          Error(ErrorCode::kAlreadyExists, "this query_id is another query's: choose one"))));
    }
  }

  StreamSink sink(stream, request);
  const auto info = engine_.run(request, sink);
  if (info.ok()) return dismiss(stream.finish());
  if (!sink.started()) return dismiss(stream.respond(Response::error(info.error())));
  // In the other formats a broken transfer says that the answer is not complete.
  if (!is_text(request.format)) return;
  if (stream.write(error_line(info.error())).ok()) dismiss(stream.finish());
}

// Queries are for who asked them and for admins; to others they are not there.
Result<QueryInfo> QueryHttp::visible(const auth::Principal& principal, const std::string& id) {
  auto info = TRY(engine_.info(principal.organization, id));
  const auto whole = auth::Object::whole(principal);
  if (info.account == principal.account ||
      auth::authorize(principal, auth::Role::kAdmin, whole).ok()) {
    return info;
  }
  return Error(ErrorCode::kNotFound, "no query has the id " + id);
}

Response QueryHttp::info(const auth::Principal& principal, const http::Request& request,
                         std::string_view) {
  const auto info = visible(principal, request.segments[1]);
  return info.ok() ? Response::json(200, info_json(*info)) : Response::error(info.error());
}

Response QueryHttp::cancel(const auth::Principal& principal, const http::Request& request,
                           std::string_view) {
  const std::string session(request.parameter("session_id").value_or(""));
  if (const auto info = visible(principal, request.segments[1]); !info.ok()) {
    return Response::error(info.error());
  }
  const auto told = engine_.cancel(principal.organization, request.segments[1], session);
  if (!told.ok()) return Response::error(told.error());
  return Response::json(200, fmt::format(R"({{"cancelled":{},"message":{}}})", *told,
                                         json_quote(*told ? "the query was told to stop"
                                                          : "the query had ended already")));
}

Response QueryHttp::validate(const auth::Principal& principal, const http::Request&,
                             std::string_view body) {
  const auto parsed = parse_request(body, principal, authenticator_);
  if (!parsed.ok()) return Response::error(parsed.error());
  const auto status = engine_.validate(parsed->query);
  if (!status.ok() && !is_about_statement(status.error().code())) {
    return Response::error(status.error());
  }
  return Response::json(
      200, fmt::format(R"({{"valid":{},"statement":{},"connections_errors":{{}},"error":{}}})",
                       status.ok(), json_quote(parsed->query.statement),
                       status.ok() ? "null" : json_quote(status.error().message())));
}

Response QueryHttp::explain(const auth::Principal& principal, const http::Request&,
                            std::string_view body) {
  const auto parsed = parse_request(body, principal, authenticator_);
  if (!parsed.ok()) return Response::error(parsed.error());
  const auto explanation = engine_.explain(parsed->query);
  if (!explanation.ok()) return Response::error(explanation.error());
  return Response::json(
      200, fmt::format(R"({{"statement":{},"plan":{},"tables":{},"connections_errors":{{}}}})",
                       json_quote(parsed->query.statement), json_quote(explanation->plan),
                       tables_json(explanation->tables)));
}

Response QueryHttp::autocomplete(const auth::Principal& principal, const http::Request&,
                                 std::string_view body) {
  const auto parsed = parse_request(body, principal, authenticator_);
  if (!parsed.ok()) return Response::error(parsed.error());
  auto lines = engine_.autocomplete(parsed->query, parsed->max_suggestions);
  if (!lines.ok()) return Response::error(lines.error());
  std::string suggestions = std::move(*lines);
  if (!suggestions.empty()) suggestions.pop_back();
  for (char& c : suggestions) {
    if (c == '\n') c = ',';  // a line's end: inside strings it is escaped
  }
  return Response::json(
      200, fmt::format(R"({{"suggestions":[{}],"statement":{},"connections_errors":{{}}}})",
                       suggestions, json_quote(parsed->query.statement)));
}

}  // namespace firn::query
