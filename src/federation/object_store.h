#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace firn::federation {

// A bucket of an object store that speaks S3's protocol, and who asks.
struct Bucket {
  std::string host;
  std::string address;  // that the host stands for; calls go nowhere else
  uint16_t port = 443;
  bool tls = true;
  bool any_certificate = false;
  std::string name;
  std::string access_key;
  std::string secret_key;
  std::string session_token = {};             // of a temporary key
  std::string region = {};                    // empty: region_of(host)
  std::chrono::milliseconds at_most{60'000};  // a call, but for objects' bytes
};

struct ObjectInfo {
  std::string key;
  std::string etag;  // another one for another content
  uint64_t bytes = 0;
};

// What "s3.eu-central-1.amazonaws.com" says of its region; else us-east-1, which others take.
std::string region_of(std::string_view host);

// Objects whose keys begin with `prefix` and that `wanted` wants, by key (ListObjectsV2). Blocks.
// Errors: PermissionDenied, NotFound (no such bucket), TooLarge (more than `max` of them, or more
// than 100,000 looked at), Unavailable.
Result<std::vector<ObjectInfo>> list_objects(
    const Bucket& bucket, const std::string& prefix,
    const std::function<bool(const std::string& key)>& wanted, size_t max);

// The object's bytes (GetObject), in pieces. Conflict where it is not the one any more that was
// listed: where it has another length, or another ETag than the one given. Errors of `take` end it.
Status read_object(const Bucket& bucket, const ObjectInfo& object,
                   const std::function<Status(std::string_view piece)>& take);
// The same of one of any length, up to this. Unavailable beyond.
Status read_object_up_to(const Bucket& bucket, const std::string& key, uint64_t bytes_max,
                         const std::function<Status(std::string_view piece)>& take);

// A page of an answer of ListObjectsV2. InvalidData for anything else: all bytes are fine.
struct ObjectPage {
  std::vector<ObjectInfo> objects;
  std::string next;  // continuation token; empty: it was the last
};
Result<ObjectPage> parse_object_page(const std::string& xml);

}  // namespace firn::federation
