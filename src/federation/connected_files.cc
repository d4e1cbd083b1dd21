#include "federation/connected_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "federation/file_names_internal.h"

namespace firn::federation {
namespace {

using query::ForeignFile;
using query::OwnedDescriptor;

constexpr int kDepthMax = 8;

// Names in a folder, in order, so that answers do not depend on how it lies on disk.
Result<std::vector<std::string>> names_in(int folder) {
  const int again = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* entries = again < 0 ? nullptr : ::fdopendir(again);
  if (entries == nullptr) {
    if (again >= 0) ::close(again);
    return Error(ErrorCode::kPermissionDenied, "the folder cannot be read");
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(entries)) {
    std::string name(entry->d_name);
    if (!is_hidden(name)) names.push_back(std::move(name));
  }
  ::closedir(entries);
  std::sort(names.begin(), names.end());
  return names;
}

class Finder {
 public:
  Result<std::vector<ForeignFile>> take() {
    if (files_.empty()) {
      return Error(ErrorCode::kNotFound, "there are no Parquet or CSV files in it");
    }
    return std::move(files_);
  }

  // `folder` of the connection: each file and each folder in it is a table.
  Status look_at(int folder) {
    for (const auto& name : TRY(names_in(folder))) {
      const auto inner = open_in(folder, name, O_DIRECTORY);
      if (inner->get() >= 0) {
        TRY(take_folder(inner->get(), name, name, 0));
      } else if (const FileFormat* format = format_of(name)) {
        TRY(take_file(folder, name, name, name.substr(0, name.size() - format->suffix.size())));
      }
    }
    return {};
  }

  // A regular file; others are left out.
  Status take_file(int folder, const std::string& name, const std::string& path,
                   const std::string& table) {
    auto file = open_in(folder, name, 0);
    struct stat state{};
    if (file->get() < 0 || ::fstat(file->get(), &state) != 0 || !S_ISREG(state.st_mode)) return {};
    if (files_.size() == kConnectedFilesMax) {
      return Error(ErrorCode::kTooLarge, "it has more than " + std::to_string(kConnectedFilesMax) +
                                             " files: upload them, or connect a part");
    }
    const bool csv = format_of(name)->csv;
    TRY(names_.claim(path, table, csv));
    // What it holds is part of its name: whatever is remembered of it is of this very content.
    const std::string content = std::to_string(state.st_dev) + "-" + std::to_string(state.st_ino) +
                                "-" + std::to_string(state.st_size) + "-" +
                                std::to_string(state.st_mtim.tv_sec) + "." +
                                std::to_string(state.st_mtim.tv_nsec);
    files_.push_back({table, "/connected/" + content + "/" + path, csv, std::move(file)});
    return {};
  }

 private:
  // Links are not followed: where they lead was not allowed.
  static std::shared_ptr<OwnedDescriptor> open_in(int folder, const std::string& name, int flags) {
    return std::make_shared<OwnedDescriptor>(::openat(
        folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags));
  }

  // All files at and below it are one table.
  Status take_folder(int folder, const std::string& table, const std::string& path, int depth) {
    if (depth > kDepthMax) {
      return Error(ErrorCode::kTooLarge, "the folder " + path + " is nested too deeply");
    }
    for (const auto& name : TRY(names_in(folder))) {
      const std::string inner_path = path + "/" + name;
      const auto inner = open_in(folder, name, O_DIRECTORY);
      if (inner->get() >= 0) {
        TRY(take_folder(inner->get(), table, inner_path, depth + 1));
      } else if (format_of(name) != nullptr) {
        TRY(take_file(folder, name, inner_path, table));
      }
    }
    return {};
  }

  std::vector<ForeignFile> files_;
  TableNames names_;
};

}  // namespace

Result<std::string> allowed_path(const std::string& path, const std::string& directory) {
  std::error_code failed;
  const auto folder = std::filesystem::canonical(directory, failed);
  if (directory.empty() || failed) {
    return Error(ErrorCode::kPermissionDenied,
                 "no files may be connected; whoever runs Firn can allow a folder with "
                 "connection-files");
  }
  const auto real = std::filesystem::weakly_canonical(folder / path, failed);
  const std::string below = folder.string() + "/";
  if (failed || !(real.string() + "/").starts_with(below)) {
    return Error(ErrorCode::kPermissionDenied, "it is not in the folder of connection-files");
  }
  struct stat state{};
  if (::stat(real.c_str(), &state) != 0) {
    return Error(ErrorCode::kNotFound, "there is no such file or folder");
  }
  return real.string();
}

Result<std::vector<query::ForeignFile>> open_connected_files(const std::string& path,
                                                             const std::string& allowed_directory) {
  const std::filesystem::path real = TRY(allowed_path(path, allowed_directory));
  const bool is_folder = std::filesystem::is_directory(real);
  const OwnedDescriptor folder(
      ::open((is_folder ? real : real.parent_path()).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) {
    return Error(ErrorCode::kPermissionDenied, "the folder cannot be read");
  }
  Finder finder;
  if (is_folder) {
    TRY(finder.look_at(folder.get()));
  } else {
    const std::string name = real.filename().string();
    const FileFormat* format = format_of(name);
    if (format == nullptr) {
      return Error(ErrorCode::kInvalidArgument, "it is neither a folder nor Parquet nor CSV");
    }
    TRY(finder.take_file(folder.get(), name, name,
                         name.substr(0, name.size() - format->suffix.size())));
  }
  return finder.take();
}

}  // namespace firn::federation
