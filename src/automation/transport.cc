#include "automation/transport.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <fmt/format.h>

#include "base/bytes.h"

namespace firn::automation {
namespace {

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

Result<outbound::UrlParts> parse_webhook_url(const std::string& url) {
  auto parts = outbound::parse_url(url);
  if (!parts || parts->scheme != "https") {
    return Error(ErrorCode::kInvalidArgument,
                 "a webhook's address is https://HOST[:PORT]/PATH, without a user");
  }
  return *std::move(parts);
}

Status call_webhook(const outbound::HttpPost& request, const std::function<bool()>& cancelled) {
  TRY(parse_webhook_url(request.url));
  const auto answer = TRY(outbound::post(request, nullptr, cancelled));
  if (answer.status >= 200 && answer.status < 300) return {};
  const bool may_pass = answer.status == 408 || answer.status == 429 || answer.status >= 500;
  return Error(may_pass ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
               fmt::format("the webhook answered {}", answer.status));
}

Status send_mail(const MailServer& server, const std::vector<std::string>& to,
                 const std::string& message, const std::function<bool()>& cancelled) {
  const outbound::Handle handle = TRY(outbound::make_handle({}, cancelled));
  CURL* curl = handle.get();
  outbound::List recipients;
  for (const auto& address : to) outbound::add(recipients, '<' + address + '>');
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
  return outbound::outcome_of(curl_easy_perform(curl), "the mail server does not take it");
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
