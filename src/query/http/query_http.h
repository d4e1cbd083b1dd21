#pragma once

#include <functional>
#include <optional>

#include "auth/auth.h"
#include "http/server.h"
#include "query/engine.h"

namespace firn::query {

struct QueryHttpOptions {
  uint64_t body_bytes_max =
      8ULL << 20;  // a statement of 1 MiB may be escaped to several times that
  // Whether a query of that organization and id is another account's than the one given: an id that
  // a client chooses must not take the place of somebody's evidence.
  std::function<Result<bool>(const QueryRequest&)> is_anothers;
};

// The HTTP edge of queries: POST /query, /validate, /explain, /autocomplete and GET, DELETE
// /query/{id}. Thread-safe.
class QueryHttp {
 public:
  QueryHttp(const QueryHttpOptions& options, Engine& engine, auth::Authenticator& authenticator)
      : options_(options), engine_(engine), authenticator_(authenticator) {}

  // The route of a request under these paths; nullopt for any other path.
  std::optional<http::Route> route(const http::Request& request);

 private:
  using Answer = http::Response (QueryHttp::*)(const auth::Principal&, const http::Request&,
                                               std::string_view body);

  http::Route blocking(Answer answer);
  Result<auth::Principal> admit(const http::Request& request);
  void query(http::Stream& stream);
  Result<std::string> read_body(http::Stream& stream);
  Result<QueryInfo> visible(const auth::Principal& principal, const std::string& id);
  http::Response info(const auth::Principal&, const http::Request&, std::string_view);
  http::Response cancel(const auth::Principal&, const http::Request&, std::string_view);
  http::Response validate(const auth::Principal&, const http::Request&, std::string_view body);
  http::Response explain(const auth::Principal&, const http::Request&, std::string_view body);
  http::Response autocomplete(const auth::Principal&, const http::Request&, std::string_view body);

  const QueryHttpOptions options_;
  Engine& engine_;
  auth::Authenticator& authenticator_;
};

}  // namespace firn::query
