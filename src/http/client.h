#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace firn::http {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  Headers headers;
  std::string body;
  // Instead of `body`: gives the next bytes, none at the end; sent chunked, or with this length.
  std::function<Result<std::string>()> body_source;
  std::optional<uint64_t> body_length;
};

struct ClientOptions {
  // The longest silence of the server, while an answer is awaited; none: for ever.
  std::optional<std::chrono::milliseconds> silence_max;
  // PEM file of the authorities that https trusts; empty: the system's.
  std::string ca_file;
};

// A blocking HTTP/1.1 client on one kept-alive connection. Not thread-safe.
class Client {
 public:
  // "http://host[:port]" or "https://host[:port]": TLS 1.2 at least, and the certificate has to be
  // the host's. Errors: InvalidArgument for any other form, or a file without authorities.
  static Result<std::unique_ptr<Client>> create(std::string_view base_url,
                                                const ClientOptions& options = {});
  virtual ~Client() = default;
  // Errors: Unavailable when the server cannot be reached or breaks off.
  virtual Result<Response> send(const ClientRequest& request) = 0;
  // Gives the body to `on_body` as it comes when the status is 200; the response's body is empty
  // then.
  virtual Result<Response> stream(const ClientRequest& request,
                                  const std::function<Status(std::string_view)>& on_body) = 0;
};

}  // namespace firn::http
