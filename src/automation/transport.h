#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "outbound/http_call.h"

namespace firn::automation {

// What goes out over the network, by libcurl. Every call blocks, for at most about 20 s, and ends
// sooner with Cancelled once `cancelled` says so. Unavailable where another try may help.

// To an address over https; done when the answer's status is 2xx. Redirects are not followed.
Status call_webhook(const outbound::HttpPost& request, const std::function<bool()>& cancelled);

// Of an https address without a user and a password. InvalidArgument for anything else.
Result<outbound::UrlParts> parse_webhook_url(const std::string& url);

struct MailServer {
  std::string url;  // smtp://HOST[:PORT] or smtps://; empty: none
  std::string from;
  std::string user;      // empty: nobody
  std::string password;  // goes over TLS only
};
// `message` is as RFC 5322 has it, with CRLF.
Status send_mail(const MailServer& server, const std::vector<std::string>& to,
                 const std::string& message, const std::function<bool()>& cancelled);

struct Mail {
  std::string id;  // unique: the message's id
  std::string from;
  std::vector<std::string> to;
  std::string subject;
  std::string text;
  int64_t sent_us = 0;
};
// As RFC 5322 and 2045 have it: UTF-8 in base64, so that no byte of it can be taken for a header.
std::string mail_message(const Mail& mail);

}  // namespace firn::automation
