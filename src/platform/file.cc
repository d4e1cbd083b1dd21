#include "platform/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "platform/fault.h"

namespace firn::platform {
namespace {

Error os_error(std::string_view what, const std::string& path, int number) {
  const std::string detail = std::string(what) + " " + path + ": " + std::strerror(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR: return Error(ErrorCode::kNotFound, "no such file", detail);
    case EEXIST: return Error(ErrorCode::kAlreadyExists, "the file exists already", detail);
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Error(ErrorCode::kStorageUnavailable, "the disk is full", detail);
    case EIO:
    case EROFS: return Error(ErrorCode::kStorageUnavailable, "the disk failed", detail);
    default: return Error(ErrorCode::kInternal, "a file operation failed", detail);
  }
}

// Writes past the page cache that are durable when they return: one command to the device instead
// of a write and a flush. Whole blocks of kBlockBytes, from memory that is aligned to them.
class DirectWriter {
 public:
  static constexpr size_t kBlockBytes = 4096;
  static constexpr size_t kBytesMax = 64 << 10;  // beyond, the page cache is as good

  ~DirectWriter() {
    if (fd_ >= 0) ::close(fd_);
  }

  // False: not here, nothing was written. Errors: of the write.
  Result<bool> write(int file, const std::string& path, uint64_t offset,
                     std::span<const ByteSpan> pieces) {
    size_t bytes = 0;
    for (const ByteSpan piece : pieces) bytes += piece.size();
    const size_t before = offset % kBlockBytes;
    const uint64_t begin = offset - before;
    const size_t whole = (before + bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
    if (whole > kBytesMax || !reaches(file, begin + whole) || !open(file)) return false;
    if (before > 0 && kept_at_ != begin) {
      if (::pread(file, blocks_.get(), kBlockBytes, static_cast<off_t>(begin)) !=
          static_cast<ssize_t>(kBlockBytes)) {
        return false;
      }
    }
    kept_at_ = kNothing;
    char* to = blocks_.get() + before;
    for (const ByteSpan piece : pieces) to = std::copy(piece.begin(), piece.end(), to);
    std::fill(to, blocks_.get() + whole, '\0');
    for (size_t done = 0; done < whole;) {
      const ssize_t n =
          ::pwrite(fd_, blocks_.get() + done, whole - done, static_cast<off_t>(begin + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EINVAL) {
        refused_ = true;  // blocks are larger here
        return false;
      }
      if (n < 0) return os_error("write", path, errno);
      done += static_cast<size_t>(n);
    }
    // The next bytes follow these, as a rule.
    std::memmove(blocks_.get(), blocks_.get() + whole - kBlockBytes, kBlockBytes);
    kept_at_ = begin + whole - kBlockBytes;
    return true;
  }
  // Somebody else wrote to the file, or cut it.
  void forget() {
    kept_at_ = kNothing;
    file_bytes_ = 0;
  }

 private:
  static constexpr uint64_t kNothing = UINT64_MAX;
  struct Free {
    void operator()(char* memory) const { std::free(memory); }
  };

  // Whether the file has that many bytes. It is asked once: a stat between two writes makes the
  // second change its time, which on ext4 costs as much as a flush (half of the write's time
  // again).
  bool reaches(int file, uint64_t bytes) {
    struct stat info{};
    if (bytes > file_bytes_ && ::fstat(file, &info) == 0) {
      file_bytes_ = static_cast<uint64_t>(info.st_size);
    }
    return bytes <= file_bytes_;
  }

  bool open(int file) {
    if (fd_ >= 0 || refused_) return !refused_;
    blocks_.reset(static_cast<char*>(std::aligned_alloc(kBlockBytes, kBytesMax)));
    const std::string self = "/proc/self/fd/" + std::to_string(file);
    if (blocks_) fd_ = ::open(self.c_str(), O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC);
    refused_ = fd_ < 0;  // tmpfs, for one
    return fd_ >= 0;
  }

  int fd_ = -1;
  bool refused_ = false;
  std::unique_ptr<char, Free> blocks_;
  uint64_t file_bytes_ = 0;      // it has at least so many
  uint64_t kept_at_ = kNothing;  // of the file: the block that blocks_ begins with
};

class LocalFile final : public File {
 public:
  LocalFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~LocalFile() override { ::close(fd_); }

  Result<std::string> read_at(uint64_t offset, size_t size) const override {
    std::string bytes(size, '\0');
    size_t done = 0;
    while (done < size) {
      const ssize_t n =
          ::pread(fd_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return os_error("read", path_, errno);
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    bytes.resize(done);
    return bytes;
  }

  Status append(ByteSpan bytes) override {
    if (const int number = injected_fault(FaultPoint::kWrite))
      return os_error("write", path_, number);
    direct_.forget();
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return os_error("write", path_, errno);
      bytes = bytes.subspan(static_cast<size_t>(n));
    }
    return {};
  }

  Status write_durable(uint64_t offset, std::span<const ByteSpan> pieces) override {
    for (const FaultPoint point : {FaultPoint::kWrite, FaultPoint::kSync}) {
      if (const int number = injected_fault(point)) return os_error("write", path_, number);
    }
    if (TRY(direct_.write(fd_, path_, offset, pieces))) return {};
    TRY(write_at(offset, pieces));
    return sync();
  }

  Status write_at(uint64_t offset, std::span<const ByteSpan> pieces) override {
    direct_.forget();
    if (const int number = injected_fault(FaultPoint::kWrite)) {
      return os_error("write", path_, number);
    }
    constexpr size_t kVectorsMax = 512;
    std::vector<iovec> vectors;
    for (size_t next = 0; next < pieces.size() || !vectors.empty();) {
      while (next < pieces.size() && vectors.size() < kVectorsMax) {
        const ByteSpan piece = pieces[next++];
        if (!piece.empty()) vectors.push_back({const_cast<uint8_t*>(piece.data()), piece.size()});
      }
      if (vectors.empty()) break;
      ssize_t n = ::pwritev(fd_, vectors.data(), static_cast<int>(vectors.size()),
                            static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return os_error("write", path_, errno);
      offset += static_cast<uint64_t>(n);
      size_t whole = 0;
      while (whole < vectors.size() && static_cast<size_t>(n) >= vectors[whole].iov_len) {
        n -= static_cast<ssize_t>(vectors[whole++].iov_len);
      }
      vectors.erase(vectors.begin(), vectors.begin() + static_cast<ptrdiff_t>(whole));
      if (n > 0) {
        vectors[0].iov_base = static_cast<char*>(vectors[0].iov_base) + n;
        vectors[0].iov_len -= static_cast<size_t>(n);
      }
    }
    return {};
  }

  Status sync() override {
    if (const int number = injected_fault(FaultPoint::kSync))
      return os_error("fsync", path_, number);
    if (::fdatasync(fd_) != 0) return os_error("fsync", path_, errno);
    return {};
  }

  Status truncate(uint64_t size) override {
    direct_.forget();
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return os_error("truncate", path_, errno);
    if (::lseek(fd_, 0, SEEK_END) < 0) return os_error("seek", path_, errno);
    return {};
  }

  Result<uint64_t> size() const override {
    struct stat info{};
    if (::fstat(fd_, &info) != 0) return os_error("stat", path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

  int descriptor() const override { return fd_; }

 private:
  int fd_;
  std::string path_;
  DirectWriter direct_;
};

class LocalFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC;
    switch (mode) {
      case OpenMode::kRead: flags |= O_RDONLY; break;
      case OpenMode::kCreateNew: flags |= O_RDWR | O_CREAT | O_EXCL; break;
      case OpenMode::kReadWrite: flags |= O_RDWR; break;
      case OpenMode::kCreateOrAppend: flags |= O_RDWR | O_CREAT | O_APPEND; break;
    }
    if (mode != OpenMode::kRead) {
      if (const int number = injected_fault(FaultPoint::kWrite))
        return os_error("open", path, number);
    }
    const int fd = ::open(path.c_str(), flags, 0640);
    if (fd < 0) return os_error("open", path, errno);
    return std::unique_ptr<File>(std::make_unique<LocalFile>(fd, path));
  }

  Result<bool> exists(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return os_error("stat", path, errno);
  }

  Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
    std::vector<DirectoryEntry> entries;
    std::error_code code;
    for (auto at = std::filesystem::directory_iterator(path, code);
         !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
      DirectoryEntry entry{at->path().filename().string(), at->is_directory(code), 0};
      if (!entry.is_directory) entry.size_bytes = at->file_size(code);
      code.clear();
      entries.push_back(std::move(entry));
    }
    if (code) return os_error("list", path, code.value());
    return entries;
  }

  Status create_directories(const std::string& path) override {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    if (code) return os_error("mkdir", path, code.value());
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return os_error("rename", from, errno);
    return {};
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return os_error("remove", path, errno);
    return {};
  }

  Status remove_all(const std::string& path) override {
    std::error_code code;
    std::filesystem::remove_all(path, code);
    if (code) return os_error("remove", path, code.value());
    return {};
  }

  Status sync_directory(const std::string& path) override {
    if (const int number = injected_fault(FaultPoint::kSync))
      return os_error("fsync", path, number);
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return os_error("open", path, errno);
    const int failed = ::fsync(fd) != 0 ? errno : 0;
    ::close(fd);
    if (failed != 0) return os_error("fsync", path, failed);
    return {};
  }

  Result<uint64_t> free_bytes(const std::string& path) override {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return os_error("statvfs", path, errno);
    return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  }
};

}  // namespace

Status File::write_durable(uint64_t offset, std::span<const ByteSpan> pieces) {
  TRY(write_at(offset, pieces));
  return sync();
}

Result<std::string> FileSystem::read_file(const std::string& path) {
  const auto file = TRY(open(path, OpenMode::kRead));
  const uint64_t size = TRY(file->size());
  return file->read_at(0, size);
}

Status FileSystem::write_new_durable(const std::string& path, ByteSpan bytes) {
  const auto file = TRY(open(path, OpenMode::kCreateNew));
  TRY(file->append(bytes));
  TRY(file->sync());
  return sync_directory(parent_directory(path));
}

Status FileSystem::replace_durable(const std::string& path, ByteSpan bytes) {
  const std::string temporary = path + ".tmp";
  TRY(remove(temporary));
  {
    const auto file = TRY(open(temporary, OpenMode::kCreateNew));
    TRY(file->append(bytes));
    TRY(file->sync());
  }
  TRY(rename(temporary, path));
  return sync_directory(parent_directory(path));
}

FileSystem& local_file_system() {
  static LocalFileSystem instance;
  return instance;
}

std::string parent_directory(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

}  // namespace firn::platform
