#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace firn::platform {

struct SpawnOptions {
  std::vector<std::string> arguments;    // arguments[0] is the path of the executable
  std::vector<std::string> environment;  // NAME=value; nothing is inherited
  // Descriptors of this process -> numbers in the child. Everything else is closed there, but for
  // standard error.
  std::vector<std::pair<int, int>> descriptors;
};

// A child process. It dies with its parent. Destruction kills it and reaps it.
class ChildProcess {
 public:
  virtual ~ChildProcess() = default;
  virtual pid_t pid() const = 0;
  // SIGKILL; fine to call at any time.
  virtual void kill() = 0;
  // The wait status once the child has ended, without waiting.
  virtual std::optional<int> try_wait() = 0;
};

class ProcessSpawner {
 public:
  virtual ~ProcessSpawner() = default;
  virtual Result<std::unique_ptr<ChildProcess>> spawn(const SpawnOptions& options) = 0;
};

ProcessSpawner& system_spawner();
// The path of the running executable.
std::string executable_path();
// Memory of this process that is in RAM; 0 where the system does not say.
int64_t resident_bytes();

}  // namespace firn::platform
