#include "app/web_files.h"

#include <sodium.h>

#include <array>

#include "base/bytes.h"
#include "graphql/http/compression.h"
#include "platform/file.h"

namespace firn::app {
namespace {

constexpr int kDepthMax = 4;
constexpr std::string_view kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: "
    "blob:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action "
    "'self'; frame-ancestors 'none'";

std::string_view type_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".woff2", "font/woff2"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".txt", "text/plain; charset=utf-8"}};
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

std::string hash_of(std::string_view bytes) {
  std::array<uint8_t, 16> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  return to_hex(hash);
}

bool accepts(const http::Request& request, std::string_view header, std::string_view what) {
  return request.headers.get(header).value_or("").find(what) != std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<WebFiles>> WebFiles::load(const std::string& directory) {
  auto files = std::make_unique<WebFiles>();
  if (TRY(platform::local_file_system().exists(directory))) TRY(files->read(directory, "", 0));
  return files;
}

Status WebFiles::read(const std::string& directory, const std::string& prefix, int depth) {
  auto& file_system = platform::local_file_system();
  for (const auto& entry : TRY(file_system.list(directory))) {
    const std::string place = platform::join_path(directory, entry.name);
    const std::string path = prefix + "/" + entry.name;
    if (entry.is_directory) {
      if (depth < kDepthMax) TRY(read(place, path, depth + 1));
      continue;
    }
    auto file = std::make_shared<File>();
    file->bytes = TRY(file_system.read_file(place));
    file->type = type_of(entry.name);
    file->immutable = path.starts_with("/assets/");
    const bool is_text = file->type.find("text/") == 0 ||
                         file->type.find("json") != std::string::npos ||
                         file->type.find("svg") != std::string::npos;
    if (is_text) file->gzip = graphql::gzip(file->bytes).value_or("");
    if (file->gzip.size() >= file->bytes.size()) file->gzip.clear();
    file->etag = "\"" + hash_of(file->bytes) + "\"";
    files_[path] = std::move(file);
  }
  return {};
}

http::Response WebFiles::answer(const File& file, const http::Request& request) {
  http::Response response;
  response.headers.add("ETag", file.etag);
  response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("Cache-Control",
                       file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "same-origin");
  response.headers.add("Content-Security-Policy", std::string(kPolicy));
  if (request.headers.get("If-None-Match").value_or("").find(file.etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", file.type);
  const bool gzip = !file.gzip.empty() && accepts(request, "Accept-Encoding", "gzip");
  if (gzip) response.headers.add("Content-Encoding", "gzip");
  if (request.method != "HEAD") response.body = gzip ? file.gzip : file.bytes;
  return response;
}

std::optional<http::Route> WebFiles::route(const http::Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
  auto found = files_.find(request.path);
  if (found == files_.end()) {
    // A page of the app, whose path may hold any name; but a missing file stays missing.
    const bool is_page =
        !request.path.starts_with("/assets/") && accepts(request, "Accept", "text/html");
    if (!is_page) return std::nullopt;
    found = files_.find("/index.html");
    if (found == files_.end()) return std::nullopt;
  }
  http::Route route;
  route.buffered = [file = found->second](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->respond(answer(*file, exchange->request()));
  };
  return route;
}

}  // namespace firn::app
