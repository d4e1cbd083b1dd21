#include "federation/object_cache.h"

#include <fcntl.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/bytes.h"
#include "base/interruption.h"

namespace firn::federation {
namespace {

constexpr std::string_view kUnfinished = ".part";
constexpr std::chrono::milliseconds kLookInterval{100};

std::string name_of(const std::string& identity) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(identity.data()), identity.size(), digest.data());
  return to_hex(digest);
}

Error no_room(const char* what) {
  return {ErrorCode::kStorageUnavailable, "files from elsewhere cannot be kept",
          std::string(what) + ": " + std::strerror(errno)};
}

Status write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return no_room("write");
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ObjectCache>> ObjectCache::create(std::string directory,
                                                         uint64_t bytes_max) {
  std::unique_ptr<ObjectCache> cache(new ObjectCache(std::move(directory), bytes_max));
  TRY(cache->take_over());
  return cache;
}

Status ObjectCache::take_over() {
  std::error_code failed;
  std::filesystem::create_directories(directory_, failed);
  struct Found {
    std::string name;
    uint64_t bytes;
    std::filesystem::file_time_type written;
  };
  std::vector<Found> found;
  for (auto at = std::filesystem::directory_iterator(directory_, failed);
       !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(kUnfinished)) {
      std::filesystem::remove(at->path(), failed);
    } else {
      found.push_back({name, at->file_size(failed), at->last_write_time(failed)});
    }
  }
  if (failed) {
    return Error(ErrorCode::kStorageUnavailable, "files from elsewhere cannot be kept",
                 failed.message());
  }
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.written < b.written; });
  for (const auto& file : found) {
    entries_[file.name] = {file.bytes, ++uses_};
    bytes_ += file.bytes;
  }
  make_room(0);
  return {};
}

// Under the lock.
void ObjectCache::make_room(uint64_t bytes) {
  while (bytes_ + bytes > bytes_max_ && !entries_.empty()) {
    const auto oldest = std::min_element(
        entries_.begin(), entries_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
    ::unlink(path_of(oldest->first).c_str());
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
  }
}

Result<uint64_t> ObjectCache::fetch_file(const std::string& name, uint64_t bytes,
                                         const Fetch& fetch) {
  const std::string unfinished = path_of(name) + std::string(kUnfinished);
  Status written;
  uint64_t taken = 0;
  {
    const query::OwnedDescriptor file(
        ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.get() < 0) return no_room("open");
    written = fetch([&](std::string_view piece) -> Status {
      taken += piece.size();
      if (taken > bytes) return Error(ErrorCode::kConflict, "an object is longer than it was said");
      return write_all(file.get(), piece);
    });
  }
  if (written.ok() && ::rename(unfinished.c_str(), path_of(name).c_str()) != 0) {
    written = no_room("rename");
  }
  if (written.ok()) return taken;
  ::unlink(unfinished.c_str());
  return written.error();
}

Result<std::shared_ptr<query::OwnedDescriptor>> ObjectCache::open(const std::string& identity,
                                                                  uint64_t bytes,
                                                                  const Fetch& fetch) {
  const std::string name = name_of(identity);
  const auto open_known = [&] {
    return std::make_shared<query::OwnedDescriptor>(
        ::open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC));
  };
  std::unique_lock lock(mutex_);
  while (fetching_.contains(name)) {
    fetched_.wait_for(lock, kLookInterval);
    if (Interruption::now()) return Error(ErrorCode::kCancelled, "told to end");
  }
  if (const auto known = entries_.find(name); known != entries_.end()) {
    auto file = open_known();
    if (file->get() >= 0) {
      known->second.used = ++uses_;
      return file;
    }
    bytes_ -= known->second.bytes;  // somebody removed it
    entries_.erase(known);
  }
  if (bytes > bytes_max_) {
    return Error(ErrorCode::kTooLarge, "an object is larger than the " +
                                           std::to_string(bytes_max_ >> 20) +
                                           " MiB that are kept of those");
  }
  make_room(bytes);
  fetching_.insert(name);
  bytes_ += bytes;
  lock.unlock();
  const auto written = fetch_file(name, bytes, fetch);
  lock.lock();
  fetching_.erase(name);
  fetched_.notify_all();
  if (!written.ok()) {
    bytes_ -= bytes;
    return written.error();
  }
  bytes_ -= bytes - *written;
  entries_[name] = {*written, ++uses_};
  auto file = open_known();
  if (file->get() < 0) return no_room("open");
  return file;
}

}  // namespace firn::federation
