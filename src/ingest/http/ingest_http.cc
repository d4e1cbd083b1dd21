#include "ingest/http/ingest_http.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace firn::ingest {
namespace {

using http::Request;
using http::Response;

constexpr size_t kIdempotencyKeyBytesMax = 255;

struct MediaType {
  std::string_view name;
  RowFormat format;
};
constexpr std::array kMediaTypes = {
    MediaType{"application/json", RowFormat::kJson},
    MediaType{"text/json", RowFormat::kJson},
    MediaType{"application/x-ndjson", RowFormat::kJsonLines},
    MediaType{"application/ndjson", RowFormat::kJsonLines},
    MediaType{"application/jsonl", RowFormat::kJsonLines},
    MediaType{"application/vnd.apache.arrow.stream", RowFormat::kArrow},
    MediaType{"text/csv", RowFormat::kCsv},
    MediaType{"application/csv", RowFormat::kCsv},
    MediaType{"application/vnd.apache.parquet", RowFormat::kParquet},
    MediaType{"application/parquet", RowFormat::kParquet},
    MediaType{"application/x-parquet", RowFormat::kParquet},
};

std::optional<RowFormat> format_of(std::string_view media_type) {
  for (const MediaType& known : kMediaTypes) {
    if (known.name == media_type) return known.format;
  }
  return std::nullopt;
}

// By what the bytes look like; CSV is what nothing else is.
RowFormat sniff(std::string_view bytes) {
  if (bytes.starts_with("PAR1")) return RowFormat::kParquet;
  if (bytes.starts_with("\xFF\xFF\xFF\xFF")) return RowFormat::kArrow;
  const size_t at = bytes.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return RowFormat::kCsv;
  if (bytes[at] == '[') return RowFormat::kJson;
  if (bytes[at] != '{') return RowFormat::kCsv;
  // One object over several lines is JSON; an object a line is NDJSON.
  const size_t line_end = bytes.find('\n', at);
  const std::string_view line = bytes.substr(at, line_end - at);
  const size_t last = line.find_last_not_of(" \t\r");
  return line_end != std::string_view::npos && line[last] == '}' ? RowFormat::kJsonLines
                                                                 : RowFormat::kJson;
}

Result<std::string> need_parameter(const Request& request, std::string_view name) {
  const auto value = request.parameter(name);
  if (!value || value->empty()) {
    return Error(ErrorCode::kInvalidArgument, fmt::format("the parameter '{}' is needed", name));
  }
  return std::string(*value);
}

Result<bool> flag_parameter(const Request& request, std::string_view name) {
  const auto value = request.parameter(name);
  if (!value || *value == "false" || *value == "0") return false;
  if (*value == "true" || *value == "1" || value->empty()) return true;
  return Error(ErrorCode::kInvalidArgument, fmt::format("'{}' is true or false", name));
}

Result<catalog::TableIdent> table_of(const Request& request, const auth::Principal& principal,
                                     auth::Directory& directory) {
  catalog::TableIdent ident;
  const auto catalog = TRY(directory.catalog(principal, TRY(need_parameter(request, "catalog"))));
  TRY(auth::authorize(principal, auth::Role::kIngest, catalog.object()));
  ident.catalog = catalog.id;
  const std::string schema = TRY(need_parameter(request, "schema"));
  for (size_t start = 0; start <= schema.size();) {
    const size_t dot = std::min(schema.find('.', start), schema.size());
    ident.levels.push_back(schema.substr(start, dot - start));
    start = dot + 1;
  }
  ident.name = TRY(need_parameter(request, "table"));
  return ident;
}

Result<bool> abort_on_error(const Request& request) {
  const auto value = request.parameter("on_error").value_or("reject");
  if (value == "abort") return true;
  if (value == "reject") return false;
  return Error(ErrorCode::kInvalidArgument, "'on_error' is reject or abort");
}

// The contract's own fields beside those of every error.
Response failure(const Error& error) {
  Response response = Response::error(error);
  std::string code = "null";
  if (error.code() == ErrorCode::kInvalidData || error.code() == ErrorCode::kIncompatibleSchema) {
    code = http::json_quote(info_of(error.code()).wire_code);
  }
  const std::string message = http::json_quote(error.message());
  response.body = fmt::format(
      R"({{"ok":false,"error_code":{},"error_message":{},"task_id":null,"error":{},"message":{},"details":null}})",
      code, message, http::json_quote(info_of(error.code()).wire_code), message);
  return response;
}

Response success(const AppendAnswer& answer) {
  const bool none = answer.rows == 0 && answer.rejected_count > 0;
  std::string body = none ? R"({"ok":false,"error_code":"incompatible-schema","error_message":)"
                          : R"({"ok":true,"error_code":null,"error_message":)";
  if (answer.rejected_count == 0) {
    body += "null";
  } else {
    body += http::json_quote(fmt::format("{} of {} rows were rejected; row {}: {}",
                                         answer.rejected_count, answer.rejected_count + answer.rows,
                                         answer.rejected[0].index, answer.rejected[0].error));
  }
  fmt::format_to(std::back_inserter(body), R"(,"task_id":"{}","rows":{},"rejected":[)",
                 answer.task_id, answer.rows);
  for (size_t i = 0; i < answer.rejected.size(); ++i) {
    fmt::format_to(std::back_inserter(body), R"({}{{"index":{},"error":{}}})", i > 0 ? "," : "",
                   answer.rejected[i].index, http::json_quote(answer.rejected[i].error));
  }
  fmt::format_to(std::back_inserter(body), R"(],"rejected_count":{})", answer.rejected_count);
  if (answer.snapshot_id) {
    fmt::format_to(std::back_inserter(body), R"(,"snapshot_id":{})", *answer.snapshot_id);
  }
  body += '}';
  return Response::json(200, std::move(body));
}

Result<AppendRequest> parse_append(const Request& request, const auth::Principal& principal,
                                   auth::Directory& directory) {
  AppendRequest append;
  append.table = TRY(table_of(request, principal, directory));
  append.sync = TRY(flag_parameter(request, "sync"));
  append.abort_on_reject = TRY(abort_on_error(request));
  const std::string media_type = request.media_type();
  // What curl -d sends when it is told nothing counts as nothing.
  const bool untold = media_type.empty() || media_type == "application/x-www-form-urlencoded";
  const auto format = untold ? RowFormat::kJson : format_of(media_type);
  if (!format || *format == RowFormat::kCsv || *format == RowFormat::kParquet) {
    return Error(ErrorCode::kUnsupportedMediaType,
                 "send application/json, application/x-ndjson or "
                 "application/vnd.apache.arrow.stream; other formats go to /upload");
  }
  append.format = *format;
  if (const auto key = request.headers.get("Idempotency-Key")) {
    if (key->empty() || key->size() > kIdempotencyKeyBytesMax) {
      return Error(ErrorCode::kInvalidArgument, "an Idempotency-Key has 1 to 255 bytes");
    }
    append.idempotency_key = principal.organization + ":" + std::string(*key);
  }
  return append;
}

Result<UploadRequest> parse_upload(const Request& request, const auth::Principal& principal,
                                   auth::Directory& directory) {
  UploadRequest upload;
  upload.table = TRY(table_of(request, principal, directory));
  upload.abort_on_reject = TRY(abort_on_error(request));
  const std::string mode = TRY(need_parameter(request, "mode"));
  if (mode == "create")
    upload.mode = UploadMode::kCreate;
  else if (mode == "append")
    upload.mode = UploadMode::kAppend;
  else if (mode == "overwrite")
    upload.mode = UploadMode::kOverwrite;
  else if (mode == "create_append")
    upload.mode = UploadMode::kCreateAppend;
  else
    return Error(ErrorCode::kInvalidArgument,
                 "'mode' is create, append, overwrite or create_append");
  if (const auto delimiter = request.parameter("delimiter")) {
    if (delimiter->size() != 1) {
      return Error(ErrorCode::kInvalidArgument, "'delimiter' is one character");
    }
    upload.csv_delimiter = (*delimiter)[0];
  }
  upload.csv_null = std::string(request.parameter("null").value_or(""));
  return upload;
}

bool is_path(const Request& request, std::string_view first, size_t segments) {
  return request.segments.size() == segments && request.segments[0] == first;
}

http::Route method_not_allowed(std::string_view allowed) {
  Response response =
      Response::error(Error(ErrorCode::kMethodNotAllowed, fmt::format("use {}", allowed)));
  response.headers.add("Allow", std::string(allowed));
  return http::answer_with(std::move(response));
}

}  // namespace

IngestHttp::IngestHttp(const IngestHttpOptions& options, Service& service,
                       auth::Authenticator& authenticator)
    : options_(options),
      service_(service),
      authenticator_(authenticator),
      pool_(options.blocking_threads, static_cast<size_t>(options.blocking_queue_max)) {}

std::optional<http::Route> IngestHttp::route(const Request& request) {
  const bool is_append = is_path(request, "append", 1);
  const bool is_upload = is_path(request, "upload", 1);
  const bool is_task = is_path(request, "tasks", 2);
  if (!is_append && !is_upload && !is_task) return std::nullopt;
  if (is_task && request.method != "GET") return method_not_allowed("GET");
  if (!is_task && request.method != "POST") return method_not_allowed("POST");
  http::Route route;
  // Refused before a body is read for it.
  const auto principal = authenticator_.authenticate(request);
  if (!principal.ok()) return http::answer_with(failure(principal.error()));
  const Status allowed = auth::authorize_anywhere(*principal, auth::Role::kIngest);
  // Whoever sends rows, and whoever may read them, may ask what became of them.
  const bool may_look = is_task && auth::authorize_anywhere(*principal, auth::Role::kViewer).ok();
  if (!allowed.ok() && !may_look) {
    return http::answer_with(failure(allowed.error()));
  }
  if (is_task) {
    route.blocking = [this](const std::shared_ptr<http::Exchange>& exchange) {
      exchange->respond(task(exchange->request()));
    };
  } else if (is_append) {
    route.body_bytes_max = options_.append_bytes_max;
    route.buffered = [this](const std::shared_ptr<http::Exchange>& exchange) { append(exchange); };
  } else {
    route.stream = [this](http::Stream& stream) { upload(stream); };
    route.body_bytes_max = std::numeric_limits<uint64_t>::max();  // the spool says where it ends
  }
  return route;
}

void IngestHttp::append(const std::shared_ptr<http::Exchange>& exchange) {
  // Cached since route() looked; asked again here so that nothing is carried around it.
  const auto principal = authenticator_.authenticate(exchange->request());
  if (!principal.ok()) return exchange->respond(failure(principal.error()));
  auto request = parse_append(exchange->request(), *principal, authenticator_.directory());
  if (!request.ok()) return exchange->respond(failure(request.error()));
  Service::Done done = [exchange](Result<AppendAnswer> answer) {
    exchange->respond(answer.ok() ? success(*answer) : failure(answer.error()));
  };
  const bool here = exchange->body().size() <= options_.inline_bytes_max;
  if (here && service_.try_append(*request, exchange->body(), done)) return;
  auto task = [this, exchange, request = *std::move(request), done = std::move(done)]() mutable {
    if (service_.try_append(request, exchange->body(), done)) return;
    service_.append_blocking(request, exchange->body(), std::move(done));
  };
  if (!pool_.try_submit(std::move(task))) {
    exchange->respond(
        failure(Error(ErrorCode::kOverloaded, "too many requests change tables; try again soon")));
  }
}

void IngestHttp::upload(http::Stream& stream) {
  const auto respond = [&](const Response& response) {
    (void)stream.respond(response);  // a client that is gone needs no answer
  };
  const auto principal = authenticator_.authenticate(stream.request());
  if (!principal.ok()) return respond(failure(principal.error()));
  auto request = parse_upload(stream.request(), *principal, authenticator_.directory());
  if (!request.ok()) return respond(failure(request.error()));
  // The first bytes decide the format when no type is given.
  std::string first(64 << 10, '\0');
  size_t have = 0;
  while (have < first.size()) {
    const auto n = stream.read(std::span<char>(first).subspan(have));
    if (!n.ok()) return respond(failure(n.error()));
    if (*n == 0) break;
    have += *n;
  }
  first.resize(have);
  const std::string media_type = stream.request().media_type();
  if (const auto known = format_of(media_type)) {
    request->format = *known;
  } else if (media_type.empty() || media_type == "application/octet-stream" ||
             media_type == "application/x-www-form-urlencoded") {
    request->format = sniff(first);
  } else {
    return respond(failure(Error(ErrorCode::kUnsupportedMediaType,
                                 "send text/csv, application/json, application/x-ndjson, "
                                 "application/vnd.apache.parquet, "
                                 "application/vnd.apache.arrow.stream, or no type at all")));
  }
  size_t at = 0;
  const ByteSource source = [&](char* into, size_t size) -> Result<size_t> {
    if (at < first.size()) {
      const size_t n = std::min(size, first.size() - at);
      std::copy_n(first.data() + at, n, into);
      at += n;
      return n;
    }
    return stream.read({into, size});
  };
  const auto answer = service_.upload(*request, source);
  respond(answer.ok() ? success(*answer) : failure(answer.error()));
}

Response IngestHttp::task(const Request& request) {
  const std::string& id = request.segments[1];
  const auto info = service_.task(id);
  if (!info.ok()) return Response::error(info.error());
  std::string body = fmt::format(R"({{"task_id":{},"status":"{}")", http::json_quote(id),
                                 info->completed ? "completed" : "pending");
  if (info->snapshot_id) {
    fmt::format_to(std::back_inserter(body), R"(,"snapshot_id":{})", *info->snapshot_id);
  }
  body += R"(,"error":null})";
  return Response::json(200, std::move(body));
}

}  // namespace firn::ingest
