#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace firn::federation {

struct S3Key {
  std::string region;
  std::string id;
  std::string secret;
  std::string session_token;  // of temporary keys; empty: none
};

// The headers that sign a GET without a body for an object store (AWS Signature Version 4,
// "Authenticating Requests: Using the Authorization Header"). `host` as the Host header has it,
// with the port where it is not the scheme's; `path` and `query` encoded by RFC 3986, parameters in
// the order of their names. `now_us` is microseconds since 1970, UTC. Pure.
std::vector<std::pair<std::string, std::string>> sign_get(const S3Key& key, const std::string& host,
                                                          const std::string& path,
                                                          const std::string& query, int64_t now_us);

}  // namespace firn::federation
