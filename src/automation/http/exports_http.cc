#include "automation/http/exports_http.h"

#include <spdlog/spdlog.h>

#include "platform/file.h"

namespace firn::automation {

std::optional<http::Route> ExportsHttp::route(const http::Request& request) {
  if (request.segments.size() != 2 || request.segments[0] != "exports") return std::nullopt;
  if (request.method != "GET" && request.method != "HEAD") {
    auto refused =
        http::Response::error(Error(ErrorCode::kMethodNotAllowed, "this path takes GET and HEAD"));
    refused.headers.add("Allow", "GET, HEAD");
    return http::answer_with(std::move(refused));
  }
  http::Route route;
  route.stream = [this](http::Stream& stream) {
    const Status sent = send(stream);
    if (!sent.ok()) spdlog::debug("an export was not sent whole: {}", sent.error().to_log());
  };
  route.body_bytes_max = 0;
  return route;
}

Result<Exports::Download> ExportsHttp::admit(const http::Request& request) {
  const auto who = TRY(auth_.authenticate(request));
  return exports_.download(who, request.segments[1]);
}

Status ExportsHttp::send(http::Stream& stream) {
  constexpr size_t kPieceBytes = 256 << 10;
  const auto found = admit(stream.request());
  if (!found.ok()) return stream.respond(http::Response::error(found.error()));
  const auto file = files_.open(found->path, platform::OpenMode::kRead);
  if (!file.ok()) {
    return stream.respond(
        http::Response::error(Error(ErrorCode::kNotFound, "there is no such export")));
  }
  http::Response head;
  head.headers.add("Content-Type", std::string(found->media_type));
  head.headers.add("Content-Disposition", "attachment; filename=\"" + found->name + '"');
  head.headers.add("Cache-Control", "private, no-store");
  head.headers.add("X-Content-Type-Options", "nosniff");
  if (stream.request().method == "HEAD") return stream.respond(std::move(head));
  TRY(stream.start(std::move(head)));
  for (uint64_t at = 0;;) {
    const std::string piece = TRY((*file)->read_at(at, kPieceBytes));
    if (piece.empty()) return stream.finish();
    at += piece.size();
    TRY(stream.write(piece));
  }
}

}  // namespace firn::automation
