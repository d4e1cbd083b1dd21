#include "platform/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>

#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <mutex>

namespace firn::platform {
namespace {

class LocalChild final : public ChildProcess {
 public:
  explicit LocalChild(pid_t pid) : pid_(pid) {}
  ~LocalChild() override {
    kill();
    std::lock_guard lock(mutex_);
    if (!status_) ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const override { return pid_; }

  void kill() override {
    std::lock_guard lock(mutex_);
    if (!status_) ::kill(pid_, SIGKILL);
  }

  std::optional<int> try_wait() override {
    std::lock_guard lock(mutex_);
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return status_;
  }

 private:
  const pid_t pid_;
  std::mutex mutex_;  // a reaped pid must not be signalled
  std::optional<int> status_;
};

std::vector<char*> c_strings(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Runs between fork and exec: async-signal-safe calls only.
[[noreturn]] void run_child(const std::vector<std::pair<int, int>>& descriptors, char** arguments,
                            char** environment, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  constexpr int kParking = 200;
  int highest = STDERR_FILENO;
  for (size_t i = 0; i < descriptors.size(); ++i) {
    if (::dup2(descriptors[i].first, kParking + static_cast<int>(i)) < 0) ::_exit(127);
  }
  for (size_t i = 0; i < descriptors.size(); ++i) {
    if (::dup2(kParking + static_cast<int>(i), descriptors[i].second) < 0) ::_exit(127);
    highest = std::max(highest, descriptors[i].second);
  }
  ::syscall(SYS_close_range, highest + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(arguments[0], arguments, environment);
  ::_exit(127);
}

class SystemSpawner final : public ProcessSpawner {
 public:
  Result<std::unique_ptr<ChildProcess>> spawn(const SpawnOptions& options) override {
    auto arguments = c_strings(options.arguments);
    auto environment = c_strings(options.environment);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) {
      return Error(ErrorCode::kUnavailable, "cannot start another process", std::strerror(errno));
    }
    if (pid == 0) run_child(options.descriptors, arguments.data(), environment.data(), parent);
    return std::unique_ptr<ChildProcess>(std::make_unique<LocalChild>(pid));
  }
};

}  // namespace

ProcessSpawner& system_spawner() {
  static SystemSpawner instance;
  return instance;
}

int64_t resident_bytes() {
  long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  if (std::fscanf(file, "%*s %ld", &pages) != 1) pages = 0;
  std::fclose(file);
  return pages * ::sysconf(_SC_PAGESIZE);
}

std::string executable_path() {
  char buffer[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", buffer, sizeof buffer);
  return n > 0 ? std::string(buffer, static_cast<size_t>(n)) : std::string();
}

}  // namespace firn::platform
