#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "federation/allowed_hosts.h"
#include "federation/connections.h"
#include "federation/object_cache.h"
#include "federation/object_store.h"
#include "federation/rest_answers.h"

namespace firn::federation {

// The connection's own key for the files, where it has one.
struct OwnStorage {
  std::string endpoint;  // a URL; empty: Amazon's of the region
  std::string region;
  std::string key_id;  // empty: there is none
  std::string secret;
};

// An object, and who reads it; the host's address is not known yet.
struct ObjectPlace {
  Bucket bucket;
  std::string key;
};
// Where s3://bucket/key lies and with which key it is read: the connection's own, which goes to no
// endpoint that a catalog names; or else what the catalog lends for the longest prefix of it. `tls`
// kDisable allows http:// endpoints that the catalog names. Pure. Errors: Unsupported (another
// scheme, no key), InvalidData.
Result<ObjectPlace> place_of(const std::string& location, const LoadedTable& table,
                             const OwnStorage& own, Tls tls);
bool is_object(const std::string& location);

// Files of tables of other catalogs, opened: objects by way of the cache, and what lies below the
// folder that the server allows. Thread-safe; blocks.
class TableFiles {
 public:
  TableFiles(const AllowedHosts& hosts, ObjectCache& objects, std::string files_directory)
      : hosts_(hosts), objects_(objects), files_directory_(std::move(files_directory)) {}

  struct Wanted {
    std::string location;
    uint64_t bytes = 0;      // its length; 0: nobody said
    uint64_t bytes_max = 0;  // where nobody said
    std::string reader;      // who fetches: nobody else gets what was fetched for one
    std::chrono::milliseconds at_most{60'000};
  };
  // Errors: those of place_of(), AllowedHosts::resolve(), read_object() and ObjectCache::open();
  // PermissionDenied for files elsewhere than in the allowed folder.
  Result<std::shared_ptr<query::OwnedDescriptor>> open(const Wanted& wanted,
                                                       const LoadedTable& table,
                                                       const OwnStorage& own, Tls tls);
  uint64_t bytes_max() const { return objects_.bytes_max(); }

 private:
  Result<std::shared_ptr<query::OwnedDescriptor>> open_local(const Wanted& wanted);

  const AllowedHosts& hosts_;
  ObjectCache& objects_;
  const std::string files_directory_;
};

// All bytes behind a descriptor. TooLarge beyond that many.
Result<std::string> read_all(const query::OwnedDescriptor& file, uint64_t bytes_max);

}  // namespace firn::federation
