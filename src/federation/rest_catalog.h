#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "federation/allowed_hosts.h"
#include "federation/rest_answers.h"

namespace firn::outbound {
struct HttpCall;
}

namespace firn::federation {

struct RestCatalogSpec {
  std::string url;             // what /v1/config is below, without a slash at its end
  bool clear_allowed = false;  // http:// too, where an address says so
  bool any_certificate = false;
  std::string warehouse;  // as the catalog knows it; may be empty
  std::string client_id;  // empty: the secret is a bearer token, or there is none
  std::string secret;
  std::string token_url;  // empty: the catalog's own /v1/oauth/tokens
  std::string scope;
  std::chrono::milliseconds at_most{60'000};  // a call
};

// A client of an Iceberg REST catalog that somebody else runs, which is trusted with nothing: hosts
// are checked at every call, redirects not followed, answers bounded, and neither a secret nor a
// token goes to an address that an answer names. Its configuration is asked for once, a token of
// client credentials when the last one ran out or was refused. Thread-safe; calls block.
//
// Errors: PermissionDenied (a host, the credentials), NotFound, Unavailable for all else. No
// message has a secret in it.
class RestCatalog {
 public:
  RestCatalog(RestCatalogSpec spec, const AllowedHosts& hosts);

  // Of the catalog, as it says.
  Result<iceberg::Properties> properties();
  // Namespaces right below `parent` (empty: all at the top). Errors: TooLarge beyond 10,000.
  Result<std::vector<catalog::Namespace>> namespaces(const catalog::Namespace& parent);
  // Names of the namespace's tables. Errors: TooLarge beyond 10,000.
  Result<std::vector<std::string>> tables(const catalog::Namespace& levels);
  // With `delegated`, with keys for its files, where the catalog gives such.
  Result<LoadedTable> load(const catalog::Namespace& levels, const std::string& name,
                           bool delegated);

 private:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  struct Answer {
    int status = 0;
    std::string body;
  };
  Result<Answer> send(const std::string& url, const Headers& headers, size_t bytes_max,
                      const std::string* form);
  Result<std::string> get(const std::string& path, size_t bytes_max, const Headers& headers = {});
  Result<RestConfig> config();
  Result<std::string> bearer();
  Status fetch_token();
  Status each_page(const std::string& path, const std::string& query,
                   const std::function<Result<std::string>(const std::string& body)>& take);
  Error refusal(const Answer& answer);
  std::string without_secrets(std::string text);
  std::string path_of(const RestConfig& config, const catalog::Namespace& levels) const;

  const RestCatalogSpec spec_;
  const AllowedHosts& hosts_;
  std::mutex mutex_;
  std::optional<RestConfig> config_;
  std::string token_;
  std::chrono::steady_clock::time_point token_until_;
};

}  // namespace firn::federation
