#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "outbound/transfer.h"

namespace firn::outbound {

// What calls of both methods have.
struct HttpCall {
  std::string url;
  // Where that host is: the connection goes there, whatever a name server says meanwhile. Empty:
  // where the name server says.
  std::string address;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string ca_file;           // PEM; empty: the machine's authorities
  bool clear_allowed = false;    // http:// too; else https only, of TLS 1.2 or newer
  bool any_certificate = false;  // encrypted, to whoever answers
  std::string what = "a call";   // in errors
  Patience patience;
  std::chrono::seconds silence{0};     // no byte for so long ends it; 0: no such limit
  size_t answer_bytes_max = 1U << 20;  // beyond, it is Unavailable
};

struct HttpPost : HttpCall {
  std::string body;
};

// How a request is signed for object stores (AWS Signature Version 4, service s3).
struct S3Key {
  std::string region;
  std::string id;
  std::string secret;
};
struct HttpGet : HttpCall {
  std::optional<S3Key> key;  // the query in the url is then sorted, and encoded by RFC 3986
};

struct HttpAnswer {
  int status = 0;
  std::optional<std::string> retry_after;  // as it stands in the header
};

// Both block. `take` gets the answer's body in pieces, with its status, and false ends the
// transfer, which then is as if the answer ended there; may be null. Redirects are not followed.
// Errors: InvalidArgument (the address), and outcome_of()'s.
using TakeBody = std::function<bool(int status, std::string_view piece)>;
Result<HttpAnswer> post(const HttpPost& request, const TakeBody& take,
                        const std::function<bool()>& cancelled);
Result<HttpAnswer> get(const HttpGet& request, const TakeBody& take,
                       const std::function<bool()>& cancelled);

struct UrlParts {
  std::string scheme;
  std::string host;  // of IPv6 without brackets
  std::string port;
};
// Of an http or https address without a user and a password; nothing for anything else.
std::optional<UrlParts> parse_url(const std::string& url);

}  // namespace firn::outbound
