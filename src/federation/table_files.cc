#include "federation/table_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "base/utf8.h"
#include "federation/connected_files.h"
#include "iceberg/data_writer.h"
#include "outbound/http_call.h"

namespace firn::federation {
namespace {

using query::OwnedDescriptor;

std::string property(const iceberg::Properties& properties, const char* name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second;
}

// What the catalog lends for a location, over what it says of the table.
iceberg::Properties lent_for(const std::string& location, const LoadedTable& table) {
  const LoadedTable::Credential* best = nullptr;
  for (const auto& credential : table.credentials) {
    if (!location.starts_with(credential.prefix)) continue;
    if (best == nullptr || credential.prefix.size() > best->prefix.size()) best = &credential;
  }
  auto properties = best == nullptr ? iceberg::Properties() : best->config;
  for (const auto& [key, value] : table.config) properties.emplace(key, value);
  return properties;
}

Status use_endpoint(const std::string& url, bool clear_allowed, Bucket& bucket) {
  const auto parts = outbound::parse_url(url);
  uint16_t port = 0;
  const auto* end = parts ? parts->port.data() + parts->port.size() : nullptr;
  if (!parts || std::from_chars(parts->port.data(), end, port).ec != std::errc() || port == 0) {
    return Error(ErrorCode::kInvalidData, "the object store's endpoint is no address");
  }
  if (parts->scheme == "http" && !clear_allowed) {
    return Error(ErrorCode::kPermissionDenied,
                 "the catalog names an object store that is not encrypted; tls DISABLE allows it");
  }
  bucket.host = parts->host;
  bucket.port = port;
  bucket.tls = parts->scheme == "https";
  return {};
}

bool is_bucket(std::string_view name) {
  return !name.empty() && name.size() <= 255 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

// One that paths can have, and that leads nowhere else.
bool is_key(std::string_view key) {
  if (key.empty() || key.size() > 1024) return false;
  for (;;) {
    const size_t slash = key.find('/');
    const auto part = key.substr(0, slash);
    if (part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

// What a region's name may have: it becomes part of a host's.
bool is_region(std::string_view region) {
  return region.size() <= 64 && std::all_of(region.begin(), region.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

// Goes into headers.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

bool is_object(const std::string& location) {
  return location.starts_with("s3://") || location.starts_with("s3a://") ||
         location.starts_with("s3n://");
}

Result<ObjectPlace> place_of(const std::string& location, const LoadedTable& table,
                             const OwnStorage& own, Tls tls) {
  if (!is_object(location)) {
    return Error(ErrorCode::kUnsupported, "files at '" + std::string(cut_utf8(location, 200)) +
                                              "' cannot be read: only s3://, and file:// below the "
                                              "folder that the server allows");
  }
  std::string_view rest = location;
  rest.remove_prefix(rest.find("://") + 3);
  const size_t slash = rest.find('/');
  ObjectPlace place;
  place.bucket.name = std::string(rest.substr(0, slash));
  place.key = slash == std::string_view::npos ? "" : std::string(rest.substr(slash + 1));
  if (!is_bucket(place.bucket.name) || !is_key(place.key)) {
    return Error(ErrorCode::kInvalidData, "a file's location that names no object");
  }
  auto& bucket = place.bucket;
  std::string endpoint = own.endpoint;
  const bool own_key = !own.key_id.empty();
  if (own_key) {
    bucket.access_key = own.key_id;
    bucket.secret_key = own.secret;
    bucket.region = own.region;
  } else {
    const auto lent = lent_for(location, table);
    bucket.access_key = property(lent, "s3.access-key-id");
    bucket.secret_key = property(lent, "s3.secret-access-key");
    bucket.session_token = property(lent, "s3.session-token");
    bucket.region = own.region;
    for (const char* name : {"s3.region", "client.region"}) {
      if (bucket.region.empty()) bucket.region = property(lent, name);
    }
    if (endpoint.empty()) endpoint = property(lent, "s3.endpoint");
  }
  if (bucket.access_key.empty() || bucket.secret_key.empty()) {
    return Error(ErrorCode::kUnsupported,
                 "the catalog lends no key for the table's files: give the connection one of its "
                 "own");
  }
  if (!is_region(bucket.region) || !is_plain(bucket.access_key) ||
      !is_plain(bucket.session_token)) {
    return Error(ErrorCode::kInvalidData, "a key for the files that is none");
  }
  if (endpoint.empty()) {
    if (bucket.region.empty()) bucket.region = "us-east-1";
    endpoint = "https://s3." + bucket.region + ".amazonaws.com";
  }
  TRY(use_endpoint(endpoint, tls == Tls::kDisable || !own.endpoint.empty(), bucket));
  if (bucket.region.empty()) bucket.region = region_of(bucket.host);
  bucket.any_certificate = tls == Tls::kRequire;
  return place;
}

Result<std::shared_ptr<OwnedDescriptor>> TableFiles::open_local(const Wanted& wanted) {
  const std::string real =
      TRY(allowed_path(TRY(iceberg::local_path_of(wanted.location)), files_directory_));
  auto file = std::make_shared<OwnedDescriptor>(
      ::open(real.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat state{};
  if (file->get() < 0 || ::fstat(file->get(), &state) != 0 || !S_ISREG(state.st_mode)) {
    return Error(ErrorCode::kPermissionDenied, "a file of the table cannot be read");
  }
  return file;
}

Result<std::shared_ptr<OwnedDescriptor>> TableFiles::open(const Wanted& wanted,
                                                          const LoadedTable& table,
                                                          const OwnStorage& own, Tls tls) {
  const bool local = wanted.location.starts_with("file:") || wanted.location.starts_with("/");
  if (local) return open_local(wanted);
  auto place = TRY(place_of(wanted.location, table, own, tls));
  place.bucket.at_most = wanted.at_most;
  const uint64_t bytes =
      wanted.bytes > 0 ? wanted.bytes : std::min(wanted.bytes_max, objects_.bytes_max());
  // Files of Iceberg tables never change: the place is the content.
  const std::string identity = "iceberg\n" + wanted.reader + "\n" + place.bucket.host + "\n" +
                               std::to_string(place.bucket.port) + "\n" + wanted.location + "\n" +
                               std::to_string(wanted.bytes);
  auto file = objects_.open(identity, bytes, [&](const ObjectCache::Take& take) -> Status {
    place.bucket.address = TRY(hosts_.resolve(place.bucket.host));
    if (wanted.bytes == 0) return read_object_up_to(place.bucket, place.key, bytes, take);
    return read_object(place.bucket, {place.key, "", wanted.bytes}, take);
  });
  if (!file.ok()) return file.error().with_context(std::string(cut_utf8(wanted.location, 300)));
  return file;
}

Result<std::string> read_all(const OwnedDescriptor& file, uint64_t bytes_max) {
  struct stat state{};
  if (::fstat(file.get(), &state) != 0 || state.st_size < 0) {
    return Error(ErrorCode::kStorageUnavailable, "a file of the table cannot be read");
  }
  if (static_cast<uint64_t>(state.st_size) > bytes_max) {
    return Error(ErrorCode::kTooLarge, "a metadata file of the table is larger than " +
                                           std::to_string(bytes_max >> 20) + " MiB");
  }
  std::string bytes(static_cast<size_t>(state.st_size), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n =
        ::pread(file.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Error(ErrorCode::kStorageUnavailable, "a file of the table cannot be read");
    done += static_cast<size_t>(n);
  }
  return bytes;
}

}  // namespace firn::federation
