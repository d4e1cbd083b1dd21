#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace firn::http {

// Header fields in order of arrival. Names compare without case.
class Headers {
 public:
  std::optional<std::string_view> get(std::string_view name) const;
  void add(std::string name, std::string value);
  // Replaces every field of this name.
  void set(std::string name, std::string value);
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Percent-decoding. In a query string '+' is a space; in a path it is a plus. Errors:
// InvalidArgument on a bad escape.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);

// The head of a request. `path` is raw, still escaped; `segments` is split first, decoded after.
struct Request {
  std::string method;  // upper case
  std::string target;
  std::string path;
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  Headers headers;
  std::string remote_address;

  // The first query parameter of this name.
  std::optional<std::string_view> parameter(std::string_view name) const;
  // The media type of Content-Type in lower case, without parameters; empty where there is none.
  std::string media_type() const;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;

  static Response json(int status, std::string body);
  static Response text(int status, std::string body, std::string_view content_type);
  static Response no_content(int status = 204);
  // {"error": code, "message": ..., "details": null} with the code's status; Retry-After with 429,
  // WWW-Authenticate with 401.
  static Response error(const Error& error);
};

std::string json_quote(std::string_view text);  // with the quotes; invalid UTF-8 becomes U+FFFD

}  // namespace firn::http
