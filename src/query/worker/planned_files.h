#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/common/file_system.hpp"
#include "duckdb/common/local_file_system.hpp"
#include "query/tables.h"

namespace firn::query {

// The only file system that a worker's DuckDB has. It opens for reading what the server planned
// for the running query, reads and writes below the spill folder, and refuses everything else with
// a PermissionException. Thread-safe.
class PlannedFiles final : public duckdb::FileSystem {
 public:
  // `spill_directory` is absolute, without a slash at its end.
  explicit PlannedFiles(std::string spill_directory);

  // `source` is asked for the files of a plan that is fetched, whenever one is opened.
  void allow(const ScanPlan& plan, TableSource& source);
  // A file that is readable until forget_all(), for the engine's own extensions.
  void allow_path(const std::string& path);
  // Opens `path` as what the descriptor is of, until forget_all().
  void allow_descriptor(const std::string& path, std::shared_ptr<OwnedDescriptor> descriptor);
  void forget_all();

  using duckdb::FileSystem::OpenFile;
  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const std::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override;

  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
            duckdb::idx_t location) override;
  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override;
  int64_t GetFileSize(duckdb::FileHandle& handle) override;
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override;
  std::string GetVersionTag(duckdb::FileHandle&) override { return {}; }
  duckdb::FileType GetFileType(duckdb::FileHandle&) override {
    return duckdb::FileType::FILE_TYPE_REGULAR;
  }
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override;
  void Reset(duckdb::FileHandle& handle) override { Seek(handle, 0); }
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override;
  bool CanSeek() override { return true; }
  // DuckDB keeps what it read of files that are not on disk, in memory that it counts and gives up
  // first. Small files are worth that: one read each instead of many tiny ones, and none the next
  // time. Of a large one, a column of a row group at a time would take too much.
  bool OnDiskFile(duckdb::FileHandle& handle) override;
  std::string GetName() const override { return "firn"; }
  // So that DuckDB has no other way to the machine's files.
  bool IsLocalFileSystem() const override { return true; }
  // Paths are compared as they are.
  std::string CanonicalizePath(const std::string& path,
                               duckdb::optional_ptr<duckdb::FileOpener>) override {
    return path;
  }

  // Only the spill folder exists.
  bool FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> o) override;
  bool DirectoryExists(const std::string& path,
                       duckdb::optional_ptr<duckdb::FileOpener> o) override;
  void CreateDirectory(const std::string& path,
                       duckdb::optional_ptr<duckdb::FileOpener> o) override;
  void RemoveDirectory(const std::string& path,
                       duckdb::optional_ptr<duckdb::FileOpener> o) override;
  void RemoveFile(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> o) override;
  bool TryRemoveFile(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> o) override;
  bool ListFiles(const std::string& path, const std::function<void(const std::string&, bool)>& each,
                 duckdb::FileOpener* opener) override;
  bool IsPipe(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  // No pattern matches anything; a planned file's path is itself.
  duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path, duckdb::FileOpener*) override;

 private:
  bool is_spill(const std::string& path) const;
  void require_spill(const std::string& path) const;
  // Of what may be read; below 0: it is a local file. Nothing: it may not.
  std::optional<int> descriptor_of(const std::string& path);

  const std::string spill_directory_;
  duckdb::LocalFileSystem local_;
  std::mutex mutex_;
  std::unordered_set<std::string> paths_;
  std::unordered_map<std::string, TableSource*> fetched_;
  std::unordered_map<std::string, std::shared_ptr<const HotFile>> hot_;
  std::unordered_map<std::string, std::shared_ptr<OwnedDescriptor>> descriptors_;
};

}  // namespace firn::query
