#include "federation/sqlite_copy.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "federation/connected_files.h"

namespace firn::federation {
namespace {

constexpr int kPagesAtOnce = 4096;
constexpr int kBusyMs = 5'000;

struct CloseDatabase {
  void operator()(sqlite3* database) const { ::sqlite3_close(database); }
};
using DatabasePtr = std::unique_ptr<sqlite3, CloseDatabase>;

DatabasePtr open_database(const std::string& path, int flags) {
  sqlite3* database = nullptr;
  const int failed = ::sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  DatabasePtr owned(database);
  if (failed != SQLITE_OK) return nullptr;
  ::sqlite3_busy_timeout(database, kBusyMs);
  return owned;
}

Status back_up(sqlite3* from, sqlite3* to) {
  auto* backup = ::sqlite3_backup_init(to, "main", from, "main");
  if (backup == nullptr) return Error(ErrorCode::kUnavailable, "the file is no SQLite database");
  int step = SQLITE_OK;
  int busy = 0;
  constexpr int kBusyMax = 100;
  while (step == SQLITE_OK || (step == SQLITE_BUSY && ++busy < kBusyMax)) {
    step = ::sqlite3_backup_step(backup, kPagesAtOnce);
    if (step == SQLITE_BUSY) ::sqlite3_sleep(kBusyMs / kBusyMax);
  }
  ::sqlite3_backup_finish(backup);
  if (step == SQLITE_DONE) return {};
  return Error(ErrorCode::kUnavailable,
               std::string("the SQLite database cannot be read: ") + ::sqlite3_errstr(step));
}

}  // namespace

Result<SqliteCopy> copy_sqlite(const std::string& path, const std::string& allowed_directory,
                               const std::string& directory, uint64_t bytes_max) {
  const std::string real = TRY(allowed_path(path, allowed_directory));
  std::error_code failed;
  if (!std::filesystem::is_regular_file(real, failed)) {
    return Error(ErrorCode::kNotFound, "there is no such file");
  }
  if (std::filesystem::file_size(real, failed) > bytes_max || failed) {
    return Error(ErrorCode::kTooLarge,
                 "the SQLite database is larger than " + std::to_string(bytes_max >> 20) + " MiB");
  }
  std::filesystem::create_directories(directory, failed);
  std::string temporary = directory + "/sqlite-XXXXXX";
  SqliteCopy copy;
  copy.file = std::make_shared<query::OwnedDescriptor>(::mkostemp(temporary.data(), O_CLOEXEC));
  if (copy.file->get() < 0) {
    return Error(ErrorCode::kStorageUnavailable, "there is no room to copy the database");
  }
  Status copied;
  {
    const auto from = open_database(real, SQLITE_OPEN_READONLY);
    const auto to = open_database(temporary, SQLITE_OPEN_READWRITE);
    copied = from && to ? back_up(from.get(), to.get())
                        : Status(Error(ErrorCode::kUnavailable, "the file cannot be opened"));
  }
  ::unlink(temporary.c_str());
  TRY(std::move(copied));
  struct stat state{};
  if (::fstat(copy.file->get(), &state) != 0) {
    return Error(ErrorCode::kStorageUnavailable, "the copy of the database cannot be read");
  }
  copy.bytes = static_cast<uint64_t>(state.st_size);
  return copy;
}

}  // namespace firn::federation
