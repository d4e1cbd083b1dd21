#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/server.h"

namespace firn::app {

// The web app's built files, in memory, each also compressed. Immutable, thread-safe.
class WebFiles {
 public:
  // Reads `directory`; where it does not exist, there is no web app.
  static Result<std::unique_ptr<WebFiles>> load(const std::string& directory);

  // For GET and HEAD: a file; or, for a page of the app (any other path, from a client that takes
  // HTML), index.html. None for anything else.
  std::optional<http::Route> route(const http::Request& request) const;

 private:
  struct File {
    std::string bytes;
    std::string gzip;  // empty: not worth it
    std::string type;
    std::string etag;
    bool immutable = false;  // its name holds a hash of its contents
  };
  Status read(const std::string& directory, const std::string& prefix, int depth);
  static http::Response answer(const File& file, const http::Request& request);

  std::map<std::string, std::shared_ptr<const File>> files_;  // by path, "/assets/x.js"
};

}  // namespace firn::app
