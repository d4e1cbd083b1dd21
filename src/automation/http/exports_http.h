#pragma once

#include <optional>

#include "automation/exports.h"
#include "http/server.h"

namespace firn::automation {

// GET and HEAD /exports/{id}: the file, for whoever exported it, with a key or their session, as
// elsewhere. Thread-safe.
class ExportsHttp {
 public:
  ExportsHttp(Exports& exports, auth::Authenticator& auth, platform::FileSystem& files)
      : exports_(exports), auth_(auth), files_(files) {}
  // nullopt for any other path.
  std::optional<http::Route> route(const http::Request& request);

 private:
  Result<Exports::Download> admit(const http::Request& request);
  Status send(http::Stream& stream);

  Exports& exports_;
  auth::Authenticator& auth_;
  platform::FileSystem& files_;
};

}  // namespace firn::automation
