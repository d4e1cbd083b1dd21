#pragma once

#include <cstdint>
#include <functional>
#include <memory>
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

// A blocking HTTP/1.1 client on one kept-alive connection. Not thread-safe.
class Client {
 public:
  // "http://host[:port]". Errors: InvalidArgument for any other form.
  static Result<std::unique_ptr<Client>> create(std::string_view base_url);
  virtual ~Client() = default;
  // Errors: Unavailable when the server cannot be reached or breaks off.
  virtual Result<Response> send(const ClientRequest& request) = 0;
  // Gives the body to `on_body` as it comes when the status is 200; the response's body is empty
  // then.
  virtual Result<Response> stream(const ClientRequest& request,
                                  const std::function<Status(std::string_view)>& on_body) = 0;
};

}  // namespace firn::http
