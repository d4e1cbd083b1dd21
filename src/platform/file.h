#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace firn::platform {

enum class OpenMode {
  kRead,            // must exist
  kCreateNew,       // must not exist; read and write
  kReadWrite,       // must exist
  kCreateOrAppend,  // made where missing; writes go to the end
};

// One open file. Not synchronised: one thread at a time, except read_at, which any number may call.
// Errors: StorageUnavailable where the device fails or is full, NotFound, AlreadyExists, Internal.
class File {
 public:
  virtual ~File() = default;
  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  virtual Result<std::string> read_at(uint64_t offset, size_t size) const = 0;
  // All of `bytes` at the end, or an error after which the file's tail is undefined.
  virtual Status append(ByteSpan bytes) = 0;
  // All of `pieces`, one after another, from `offset`; grows the file where they reach past its
  // end. After an error the bytes of that range are undefined.
  virtual Status write_at(uint64_t offset, std::span<const ByteSpan> pieces) = 0;
  // All written bytes and the size are on stable storage when this returns without an error.
  // After an error nothing may be assumed of any byte since the last good sync.
  virtual Status sync() = 0;
  // write_at() and sync() in one step, where the file lies on a device that can. Up to the end of
  // the last block of 4 KiB, what stands behind the bytes is zeros afterwards, or as it was.
  virtual Status write_durable(uint64_t offset, std::span<const ByteSpan> pieces);
  virtual Status truncate(uint64_t size) = 0;
  virtual Result<uint64_t> size() const = 0;
  // The descriptor, for passing on or mapping; stays owned by this object.
  virtual int descriptor() const = 0;
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  uint64_t size_bytes = 0;
};

// The only way in which Firn touches a file system. Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
  virtual Status create_directories(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // Missing is not an error.
  virtual Status remove(const std::string& path) = 0;
  virtual Status remove_all(const std::string& path) = 0;
  // Makes creations, renames and removals in this directory durable.
  virtual Status sync_directory(const std::string& path) = 0;
  virtual Result<uint64_t> free_bytes(const std::string& path) = 0;

  // Whole files, for small ones.
  Result<std::string> read_file(const std::string& path);
  // A new file with these bytes, durable (file and directory) when this returns.
  Status write_new_durable(const std::string& path, ByteSpan bytes);
  // Replaces `path` by way of a synced temporary file and a rename.
  Status replace_durable(const std::string& path, ByteSpan bytes);
};

// The machine's file system. One instance for the process.
FileSystem& local_file_system();

std::string parent_directory(std::string_view path);
std::string join_path(std::string_view directory, std::string_view name);

}  // namespace firn::platform
