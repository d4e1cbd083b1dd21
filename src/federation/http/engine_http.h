#pragma once

#include <optional>

#include "auth/auth.h"
#include "federation/engine_access.h"
#include "http/server.h"

namespace firn::federation {

// What Trino's plugin asks and tells, below /engine/v1. All but `self` take a service account with
// the role engine, whose key is the plugin's own; docs/trino.md describes each. Thread-safe.
//
//   GET  self                            who has this key: any account
//   GET  accounts/ID                     its name, and the catalogs that it may read
//   GET  accounts/ID/table?catalog&schema&table   what it sees of a table
//   GET  catalogs                        names and versions
//   GET  catalogs/NAME                   one with its properties, secrets among them
//   POST queries                         one that ended
class EngineHttp {
 public:
  // Each outlives it.
  EngineHttp(EngineAccess& access, auth::Authenticator& authenticator)
      : access_(access), authenticator_(authenticator) {}

  // The route of a request under this path; nullopt for any other path.
  std::optional<http::Route> route(const http::Request& request);

 private:
  Result<http::Response> answer(const http::Request& request, std::string_view body);
  Result<http::Response> about_account(const auth::Principal& engine, const http::Request& request);
  Result<http::Response> about_catalogs(const auth::Principal& engine,
                                        const http::Request& request);
  Result<http::Response> report(const auth::Principal& engine, std::string_view body);

  EngineAccess& access_;
  auth::Authenticator& authenticator_;
};

}  // namespace firn::federation
