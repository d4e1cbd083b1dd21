#include "automation/transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <memory>
#include <mutex>

#include <fmt/format.h>

#include "base/bytes.h"

namespace firn::automation {
namespace {

constexpr long kConnectMs = 5'000;
constexpr long kWholeMs = 20'000;

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(char* text) const { curl_free(text); }
};
using Handle = std::unique_ptr<CURL, Free>;
using List = std::unique_ptr<curl_slist, Free>;

void add(List& list, const std::string& text) {
  curl_slist* grown = curl_slist_append(list.get(), text.c_str());
  CHECK(grown != nullptr);
  (void)list.release();
  list.reset(grown);
}

int ask_cancelled(void* asked, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(asked))() ? 1 : 0;
}

// An answer's body is of no interest, and of no unbounded length.
size_t drop_body(char*, size_t size, size_t count, void* taken) {
  constexpr size_t kBodyMax = 1 << 20;
  size_t& total = *static_cast<size_t*>(taken);
  total += size * count;
  return total > kBodyMax ? 0 : size * count;
}

Result<Handle> make_handle(const std::function<bool()>& cancelled) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Handle handle(curl_easy_init());
  if (!handle) return Error(ErrorCode::kInternal, "cannot send", "curl_easy_init failed");
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, kWholeMs);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ask_cancelled);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::function<bool()>*>(&cancelled));
  return handle;
}

Status outcome_of(CURLcode code, std::string_view what) {
  switch (code) {
    case CURLE_OK: return {};
    case CURLE_ABORTED_BY_CALLBACK: return Error(ErrorCode::kCancelled, "told to end");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED:
      return Error(ErrorCode::kPermissionDenied,
                   fmt::format("{}: {}", what, curl_easy_strerror(code)));
    default:
      return Error(ErrorCode::kUnavailable, fmt::format("{}: {}", what, curl_easy_strerror(code)));
  }
}

struct Upload {
  std::string_view rest;
};
size_t give_bytes(char* into, size_t size, size_t count, void* upload) {
  auto& rest = static_cast<Upload*>(upload)->rest;
  const size_t n = std::min(size * count, rest.size());
  std::memcpy(into, rest.data(), n);
  rest.remove_prefix(n);
  return n;
}

// In lines of 76, as RFC 2045 wants them.
std::string base64_lines(std::string_view text) {
  const std::string encoded = base64_encode(as_bytes(text));
  std::string lines;
  for (size_t at = 0; at < encoded.size(); at += 76) lines += encoded.substr(at, 76) + "\r\n";
  return lines;
}

}  // namespace

Result<UrlParts> parse_webhook_url(const std::string& url) {
  const Error wrong(ErrorCode::kInvalidArgument,
                    "a webhook's address is https://HOST[:PORT]/PATH, without a user");
  constexpr size_t kUrlMax = 2'000;
  const std::unique_ptr<CURLU, Free> parsed(curl_url());
  const auto part = [&](CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    curl_url_get(parsed.get(), which, &text, flags);
    const std::unique_ptr<char, Free> owned(text);
    return std::string(text == nullptr ? "" : text);
  };
  if (!parsed || url.size() > kUrlMax ||
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return wrong;
  }
  std::string host = part(CURLUPART_HOST);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (part(CURLUPART_SCHEME) != "https" || host.empty() || !part(CURLUPART_USER).empty() ||
      !part(CURLUPART_PASSWORD).empty()) {
    return wrong;
  }
  return UrlParts{host, part(CURLUPART_PORT, CURLU_DEFAULT_PORT)};
}

Status post(const HttpPost& request, const std::function<bool()>& cancelled) {
  const UrlParts parts = TRY(parse_webhook_url(request.url));
  const Handle handle = TRY(make_handle(cancelled));
  CURL* curl = handle.get();
  List resolve;
  const bool v6 = request.address.find(':') != std::string::npos;
  add(resolve, fmt::format("{}:{}:{}", parts.host, parts.port,
                           v6 ? '[' + request.address + ']' : request.address));
  List headers;
  for (const auto& [name, value] : request.headers) add(headers, name + ": " + value);
  size_t taken = 0;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_RESOLVE, resolve.get());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &taken);
  if (!request.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
  TRY(outcome_of(curl_easy_perform(curl), "the webhook cannot be called"));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return {};
  const bool may_pass = status == 408 || status == 429 || status >= 500;
  return Error(may_pass ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
               fmt::format("the webhook answered {}", status));
}

Status send_mail(const MailServer& server, const std::vector<std::string>& to,
                 const std::string& message, const std::function<bool()>& cancelled) {
  const Handle handle = TRY(make_handle(cancelled));
  CURL* curl = handle.get();
  List recipients;
  for (const auto& address : to) add(recipients, '<' + address + '>');
  const std::string from = '<' + server.from + '>';
  Upload upload{message};
  curl_easy_setopt(curl, CURLOPT_URL, server.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  // A password never goes in the clear; a server without TLS may have the mail itself.
  const bool named = !server.user.empty();
  curl_easy_setopt(curl, CURLOPT_USE_SSL,
                   static_cast<long>(named ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  if (named) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
  curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  return outcome_of(curl_easy_perform(curl), "the mail server does not take it");
}

std::string mail_message(const Mail& mail) {
  std::string to;
  for (const auto& address : mail.to) to += (to.empty() ? "" : ",\r\n ") + address;
  const auto seconds = static_cast<time_t>(mail.sent_us / 1'000'000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char date[64];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", &parts);
  // A line with an encoded word has at most 76 characters: 39 bytes of text, cut between
  // characters.
  std::string subject;
  for (std::string_view rest = mail.subject; !rest.empty();) {
    size_t n = std::min<size_t>(39, rest.size());
    while (n > 1 && n < rest.size() && (rest[n] & 0xc0) == 0x80) --n;
    subject += (subject.empty() ? "" : "\r\n ") +
               ("=?UTF-8?B?" + base64_encode(as_bytes(rest.substr(0, n)))) + "?=";
    rest.remove_prefix(n);
  }
  return fmt::format(
      "Date: {}\r\nFrom: {}\r\nTo: {}\r\nMessage-ID: <{}@firn>\r\nSubject: {}\r\nMIME-Version: "
      "1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
      "base64\r\nAuto-Submitted: auto-generated\r\n\r\n{}",
      date, mail.from, to, mail.id, subject, base64_lines(mail.text));
}

}  // namespace firn::automation
