#include "outbound/http_call.h"

#include <fmt/format.h>

namespace firn::outbound {
namespace {

struct Taking {
  CURL* curl;
  const HttpCall& request;
  const TakeBody& take;
  size_t taken = 0;
  bool enough = false;  // the taker wants no more
  bool too_long = false;
};

size_t take_body(char* bytes, size_t size, size_t count, void* context) {
  auto& taking = *static_cast<Taking*>(context);
  taking.taken += size * count;
  if (taking.taken > taking.request.answer_bytes_max) {
    taking.too_long = true;
    return 0;
  }
  if (!taking.take) return size * count;
  long status = 0;
  curl_easy_getinfo(taking.curl, CURLINFO_RESPONSE_CODE, &status);
  if (taking.take(static_cast<int>(status), {bytes, size * count})) return size * count;
  taking.enough = true;
  return 0;
}

std::optional<std::string> header_of(CURL* curl, const char* name) {
  curl_header* found = nullptr;
  if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
  return std::string(found->value);
}

void set_up(CURL* curl, const HttpCall& request) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, request.clear_allowed ? "https,http" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  if (request.silence.count() > 0) {
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.silence.count()));
  }
  if (!request.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
  if (request.any_certificate) {
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

Result<HttpAnswer> call(const HttpCall& request, const TakeBody& take,
                        const std::function<bool()>& cancelled,
                        const std::function<void(CURL*)>& set_method) {
  const auto parts = parse_url(request.url);
  if (!parts || (parts->scheme == "http" && !request.clear_allowed)) {
    return Error(ErrorCode::kInvalidArgument, request.what + ": its address is none");
  }
  const Handle handle = TRY(make_handle(request.patience, cancelled));
  CURL* curl = handle.get();
  set_up(curl, request);
  set_method(curl);
  List resolve;
  if (!request.address.empty()) {
    const bool v6 = request.address.find(':') != std::string::npos;
    add(resolve, fmt::format("{}:{}:{}", parts->host, parts->port,
                             v6 ? '[' + request.address + ']' : request.address));
    curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve.get());
  }
  List headers;
  add(headers, "Expect:");  // no round trip before a long body
  for (const auto& [name, value] : request.headers) add(headers, name + ": " + value);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  Taking taking{curl, request, take};
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taking);
  const CURLcode code = curl_easy_perform(curl);
  if (taking.too_long) {
    return Error(ErrorCode::kUnavailable, fmt::format("{}: the answer is longer than {} bytes",
                                                      request.what, request.answer_bytes_max));
  }
  if (!(code == CURLE_WRITE_ERROR && taking.enough)) TRY(outcome_of(code, request.what));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return HttpAnswer{static_cast<int>(status), header_of(curl, "Retry-After")};
}

}  // namespace

std::optional<UrlParts> parse_url(const std::string& url) {
  constexpr size_t kUrlMax = 8'000;
  const std::unique_ptr<CURLU, FreeCurl> parsed(curl_url());
  const auto part = [&](CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    curl_url_get(parsed.get(), which, &text, flags);
    const std::unique_ptr<char, FreeCurl> owned(text);
    return std::string(text == nullptr ? "" : text);
  };
  if (!parsed || url.size() > kUrlMax ||
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return {};
  }
  UrlParts parts{part(CURLUPART_SCHEME), part(CURLUPART_HOST),
                 part(CURLUPART_PORT, CURLU_DEFAULT_PORT)};
  if (parts.host.size() > 2 && parts.host.front() == '[') {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  if ((parts.scheme != "https" && parts.scheme != "http") || parts.host.empty() ||
      !part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    return {};
  }
  return parts;
}

Result<HttpAnswer> post(const HttpPost& request, const TakeBody& take,
                        const std::function<bool()>& cancelled) {
  return call(request, take, cancelled, [&](CURL* curl) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  });
}

Result<HttpAnswer> get(const HttpGet& request, const TakeBody& take,
                       const std::function<bool()>& cancelled) {
  return call(request, take, cancelled, [&](CURL* curl) {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    if (!request.key) return;
    const std::string signing = "aws:amz:" + request.key->region + ":s3";
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, signing.c_str());
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.key->id.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.key->secret.c_str());
  });
}

}  // namespace firn::outbound
