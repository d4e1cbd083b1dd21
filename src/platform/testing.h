#pragma once

// Test twins of the platform: they do the real thing until they are told to fail.

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "platform/clock.h"
#include "platform/file.h"

namespace firn::platform {

// A fresh folder, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "firn-test-XXXXXX").string();
    CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Time that stands still until it is moved.
class ManualClock final : public Clock {
 public:
  int64_t now_us() override { return now_us_; }
  int64_t monotonic_ns() override { return now_us_ * 1000; }
  void advance_us(int64_t us) { now_us_ += us; }

 private:
  std::atomic<int64_t> now_us_{1'700'000'000'000'000};
};

// Fails writes and syncs on demand: all of them, or just the Nth. A failed write may have written
// some of its bytes, as a real one may.
class FaultyFileSystem final : public FileSystem {
 public:
  explicit FaultyFileSystem(FileSystem& real) : real_(real) {}

  void fail_syncs(bool fail) { fail_syncs_ = fail; }
  void fail_writes(bool fail) { fail_writes_ = fail; }
  // Counts opens for writing, writes, truncations, renames and syncs together, from 1.
  void fail_nth(int64_t n) { remaining_ = n; }
  int64_t operations() const { return operations_; }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    if (mode != OpenMode::kRead) TRY(check(fail_writes_));
    auto file = TRY(real_.open(path, mode));
    return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, std::move(file)));
  }
  Result<bool> exists(const std::string& path) override { return real_.exists(path); }
  Result<std::vector<DirectoryEntry>> list(const std::string& path) override {
    return real_.list(path);
  }
  Status create_directories(const std::string& path) override {
    return real_.create_directories(path);
  }
  Status rename(const std::string& from, const std::string& to) override {
    TRY(check(fail_writes_));
    return real_.rename(from, to);
  }
  Status remove(const std::string& path) override { return real_.remove(path); }
  Status remove_all(const std::string& path) override { return real_.remove_all(path); }
  Status sync_directory(const std::string& path) override {
    TRY(check(fail_syncs_));
    return real_.sync_directory(path);
  }
  Result<uint64_t> free_bytes(const std::string& path) override { return real_.free_bytes(path); }

 private:
  class FaultyFile final : public File {
   public:
    FaultyFile(FaultyFileSystem& owner, std::unique_ptr<File> real)
        : owner_(owner), real_(std::move(real)) {}
    Result<std::string> read_at(uint64_t offset, size_t size) const override {
      return real_->read_at(offset, size);
    }
    Status append(ByteSpan bytes) override {
      if (Status failed = owner_.check(owner_.fail_writes_); !failed.ok()) {
        (void)real_->append(bytes.first(bytes.size() / 2));
        return failed;
      }
      return real_->append(bytes);
    }
    Status write_at(uint64_t offset, std::span<const ByteSpan> pieces) override {
      if (Status failed = owner_.check(owner_.fail_writes_); !failed.ok()) {
        if (!pieces.empty()) (void)real_->write_at(offset, pieces.first(pieces.size() / 2));
        return failed;
      }
      return real_->write_at(offset, pieces);
    }
    Status sync() override {
      TRY(owner_.check(owner_.fail_syncs_));
      return real_->sync();
    }
    Status truncate(uint64_t size) override {
      TRY(owner_.check(owner_.fail_writes_));
      return real_->truncate(size);
    }
    Result<uint64_t> size() const override { return real_->size(); }
    int descriptor() const override { return real_->descriptor(); }

   private:
    FaultyFileSystem& owner_;
    std::unique_ptr<File> real_;
  };

  Status check(bool fail) {
    ++operations_;
    if (fail || --remaining_ == 0) {
      return Error(ErrorCode::kStorageUnavailable, "the disk failed", "on demand");
    }
    return {};
  }

  FileSystem& real_;
  std::atomic<bool> fail_syncs_{false};
  std::atomic<bool> fail_writes_{false};
  std::atomic<int64_t> remaining_{-1};
  std::atomic<int64_t> operations_{0};
};

}  // namespace firn::platform
