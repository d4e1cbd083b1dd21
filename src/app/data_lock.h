#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace firn::app {

// Keeps a second server off a data folder, for as long as it lives. The kernel lets go of the lock
// when the process ends, however it ends.
class DataLock {
 public:
  // Errors: Unavailable when another process holds it.
  static Result<std::unique_ptr<DataLock>> take(const std::string& data_dir);
  ~DataLock();
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;

 private:
  explicit DataLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace firn::app
