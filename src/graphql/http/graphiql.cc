#include "graphql/http/graphiql.h"

#include <algorithm>
#include <array>

#include "platform/file.h"

namespace firn::graphql {
namespace {

struct Kind {
  std::string_view suffix;
  std::string_view type;
};
constexpr std::array<Kind, 6> kKinds = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".woff2", "font/woff2"},
    {".ttf", "font/ttf"},
}};

// A name of one of the files, and nothing that leads out of the folder.
bool is_plain(std::string_view name) {
  return !name.empty() && name[0] != '.' && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

http::Response not_found() {
  return http::Response::error(Error(ErrorCode::kNotFound, "there is no such page"));
}

}  // namespace

http::Response graphiql_answer(const http::Request& request, const std::string& directory,
                               const std::string& base) {
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response response =
        http::Response::error(Error(ErrorCode::kMethodNotAllowed, "this path takes GET"));
    response.headers.add("Allow", "GET");
    return response;
  }
  std::string name =
      request.path.size() > base.size() + 1 ? request.path.substr(base.size() + 1) : "index.html";
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&](const Kind& known) { return name.ends_with(known.suffix); });
  if (!is_plain(name) || kind == kKinds.end()) return not_found();
  auto text = platform::local_file_system().read_file(platform::join_path(directory, name));
  if (!text.ok()) return not_found();
  http::Response response = http::Response::text(200, std::move(*text), kind->type);
  // Styles are set by the editor as it goes; its workers are made from text of its own.
  response.headers.add(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
      "font-src 'self' data:; img-src 'self' data:; connect-src 'self'; worker-src "
      "'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace firn::graphql
