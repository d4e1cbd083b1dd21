#include "query/worker/planned_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "query/worker/lake_scan.h"

namespace firn::query {
namespace {

constexpr int64_t kKeptFileBytesMax = 32 << 20;

class PlannedHandle final : public duckdb::FileHandle {
 public:
  PlannedHandle(duckdb::FileSystem& files, const std::string& path, duckdb::FileOpenFlags flags,
                int descriptor)
      : FileHandle(files, path, flags), descriptor_(descriptor) {}
  ~PlannedHandle() override { Close(); }
  void Close() override {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  int64_t read_at(char* into, int64_t bytes, duckdb::idx_t location) const {
    int64_t done = 0;
    while (done < bytes) {
      const ssize_t n = ::pread(descriptor_, into + done, static_cast<size_t>(bytes - done),
                                static_cast<off_t>(location) + done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw duckdb::IOException("Could not read a file of the table (%s)", reason());
      if (n == 0) break;
      done += n;
    }
    return done;
  }
  int64_t size() const {
    struct stat state{};
    if (::fstat(descriptor_, &state) != 0) {
      throw duckdb::IOException("Could not read a file of the table (%s)", reason());
    }
    return state.st_size;
  }

  duckdb::idx_t position = 0;

 private:
  static std::string reason() { return std::strerror(errno); }
  int descriptor_;
};

PlannedHandle& planned(duckdb::FileHandle& handle) { return handle.Cast<PlannedHandle>(); }

[[noreturn]] void refuse(const std::string& path) {
  throw duckdb::PermissionException(
      "Files cannot be read or written by a query (\"%s\"): query the tables of the catalog, and "
      "use /upload to bring files in",
      path);
}

}  // namespace

PlannedFiles::PlannedFiles(std::string spill_directory)
    : spill_directory_(std::move(spill_directory)) {}

void PlannedFiles::allow(const ScanPlan& plan, TableSource& source) {
  std::lock_guard lock(mutex_);
  const auto take = [&](const std::string& path) {
    if (plan.fetched) {
      fetched_[path] = &source;
    } else {
      paths_.insert(path);
    }
  };
  for (const auto& file : plan.files) {
    if (file.hot) {
      hot_[file.path] = file.hot;
    } else {
      take(file.path);
    }
  }
  for (const auto& file : plan.deletes) take(file.path);
}

void PlannedFiles::allow_path(const std::string& path) {
  std::lock_guard lock(mutex_);
  paths_.insert(path);
}

void PlannedFiles::allow_descriptor(const std::string& path,
                                    std::shared_ptr<OwnedDescriptor> descriptor) {
  std::lock_guard lock(mutex_);
  descriptors_[path] = std::move(descriptor);
}

void PlannedFiles::forget_all() {
  std::lock_guard lock(mutex_);
  descriptors_.clear();
  paths_.clear();
  fetched_.clear();
  hot_.clear();
}

bool PlannedFiles::is_spill(const std::string& path) const {
  return path.size() >= spill_directory_.size() &&
         path.compare(0, spill_directory_.size(), spill_directory_) == 0 &&
         (path.size() == spill_directory_.size() || path[spill_directory_.size()] == '/') &&
         path.find("/../") == std::string::npos && !path.ends_with("/..");
}

void PlannedFiles::require_spill(const std::string& path) const {
  if (!is_spill(path)) refuse(path);
}

std::optional<int> PlannedFiles::descriptor_of(const std::string& path) {
  TableSource* source = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (const auto hot = hot_.find(path); hot != hot_.end()) {
      return ::fcntl(hot->second->descriptor(), F_DUPFD_CLOEXEC, 0);
    }
    if (const auto lent = descriptors_.find(path); lent != descriptors_.end()) {
      return ::fcntl(lent->second->get(), F_DUPFD_CLOEXEC, 0);
    }
    if (const auto found = fetched_.find(path); found != fetched_.end()) source = found->second;
    if (source == nullptr) return paths_.contains(path) ? std::optional(-1) : std::nullopt;
  }
  std::lock_guard lock(table_calls());
  const auto file = source->planned_file(path);
  if (!file.ok()) throw_error(file.error());
  return ::fcntl((*file)->get(), F_DUPFD_CLOEXEC, 0);
}

duckdb::unique_ptr<duckdb::FileHandle> PlannedFiles::OpenFile(
    const std::string& path, duckdb::FileOpenFlags flags,
    duckdb::optional_ptr<duckdb::FileOpener> opener) {
  if (is_spill(path)) return local_.OpenFile(path, flags, opener);
  if (flags.OpenForWriting()) refuse(path);
  const auto known = descriptor_of(path);
  if (!known) {
    if (flags.ReturnNullIfNotExists()) return nullptr;
    refuse(path);
  }
  int descriptor = *known;
  if (descriptor < 0) descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    throw duckdb::IOException("Could not open a file of the table: \"%s\" (%s)", path,
                              std::string(std::strerror(errno)));
  }
  return duckdb::make_uniq<PlannedHandle>(*this, path, flags, descriptor);
}

void PlannedFiles::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
                        duckdb::idx_t location) {
  if (planned(handle).read_at(static_cast<char*>(buffer), bytes, location) != bytes) {
    throw duckdb::IOException("A file of the table is shorter than its metadata says: \"%s\"",
                              handle.GetPath());
  }
}

int64_t PlannedFiles::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) {
  auto& file = planned(handle);
  const int64_t n = file.read_at(static_cast<char*>(buffer), bytes, file.position);
  file.position += static_cast<duckdb::idx_t>(n);
  return n;
}

bool PlannedFiles::OnDiskFile(duckdb::FileHandle& handle) {
  return planned(handle).size() > kKeptFileBytesMax;
}

int64_t PlannedFiles::GetFileSize(duckdb::FileHandle& handle) { return planned(handle).size(); }

duckdb::timestamp_t PlannedFiles::GetLastModifiedTime(duckdb::FileHandle&) {
  return duckdb::timestamp_t(1);  // files of tables never change
}

void PlannedFiles::Seek(duckdb::FileHandle& handle, duckdb::idx_t location) {
  planned(handle).position = location;
}

duckdb::idx_t PlannedFiles::SeekPosition(duckdb::FileHandle& handle) {
  return planned(handle).position;
}

bool PlannedFiles::FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> o) {
  if (is_spill(path)) return local_.FileExists(path, o);
  std::lock_guard lock(mutex_);
  return paths_.contains(path) || descriptors_.contains(path) || fetched_.contains(path);
}

duckdb::vector<duckdb::OpenFileInfo> PlannedFiles::Glob(const std::string& path,
                                                        duckdb::FileOpener*) {
  std::lock_guard lock(mutex_);
  const bool known =
      paths_.contains(path) || descriptors_.contains(path) || fetched_.contains(path);
  if (!known) return {};
  return {duckdb::OpenFileInfo(path)};
}

bool PlannedFiles::DirectoryExists(const std::string& path,
                                   duckdb::optional_ptr<duckdb::FileOpener> o) {
  return is_spill(path) && local_.DirectoryExists(path, o);
}

void PlannedFiles::CreateDirectory(const std::string& path,
                                   duckdb::optional_ptr<duckdb::FileOpener> o) {
  require_spill(path);
  local_.CreateDirectory(path, o);
}

void PlannedFiles::RemoveDirectory(const std::string& path,
                                   duckdb::optional_ptr<duckdb::FileOpener> o) {
  require_spill(path);
  local_.RemoveDirectory(path, o);
}

void PlannedFiles::RemoveFile(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> o) {
  require_spill(path);
  local_.RemoveFile(path, o);
}

bool PlannedFiles::TryRemoveFile(const std::string& path,
                                 duckdb::optional_ptr<duckdb::FileOpener> o) {
  require_spill(path);
  return local_.TryRemoveFile(path, o);
}

bool PlannedFiles::ListFiles(const std::string& path,
                             const std::function<void(const std::string&, bool)>& each,
                             duckdb::FileOpener* opener) {
  return is_spill(path) && local_.ListFiles(path, each, opener);
}

}  // namespace firn::query
