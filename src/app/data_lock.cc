#include "app/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace firn::app {

Result<std::unique_ptr<DataLock>> DataLock::take(const std::string& data_dir) {
  const std::string path = data_dir + "/lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) {
    return Error(ErrorCode::kStorageUnavailable,
                 "cannot write in the data folder " + data_dir + ": " + std::strerror(errno));
  }
  std::unique_ptr<DataLock> lock(new DataLock(descriptor));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Error(ErrorCode::kUnavailable, "another firn serve uses the data folder " + data_dir +
                                              "; stop it, or choose another with --data-dir");
  }
  return lock;
}

DataLock::~DataLock() { ::close(descriptor_); }

}  // namespace firn::app
