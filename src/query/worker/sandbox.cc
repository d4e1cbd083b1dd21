#include "query/worker/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <vector>

namespace firn::query {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

void set_limit(__rlimit_resource resource, uint64_t value) {
  const rlimit limit{value, value};
  ::setrlimit(resource, &limit);
}

constexpr uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr uint64_t kReadFolder = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kWriteFolder = kReadFolder | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR;
// Everything that the first version of Landlock knows.
constexpr uint64_t kHandled = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

void allow_path(int ruleset, const std::string& path, uint64_t folder_access) {
  const int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (descriptor < 0) return;
  struct stat state{};
  ::fstat(descriptor, &state);
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(state.st_mode) ? folder_access : kReadFile;
  rule.parent_fd = descriptor;
  ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  ::close(descriptor);
}

}  // namespace

void limit_process(const SandboxOptions& options) {
  set_limit(RLIMIT_CORE, 0);
  set_limit(RLIMIT_NOFILE, 4096);
  if (options.file_bytes_max > 0) set_limit(RLIMIT_FSIZE, options.file_bytes_max);
  ::prctl(PR_SET_DUMPABLE, 0);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

bool landlock_available() {
  return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

bool restrict_files(const SandboxOptions& options) {
  if (!landlock_available()) return false;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = kHandled;
  const auto ruleset =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (ruleset < 0) return false;
  for (const auto& path : options.readable) allow_path(ruleset, path, kReadFolder);
  if (!options.writable.empty()) allow_path(ruleset, options.writable, kWriteFolder);
  const bool done = ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  ::close(ruleset);
  return done;
}

void limit_memory(const SandboxOptions& options) {
  // A sanitizer's shadow memory is larger than any limit.
  if (kSanitized || options.memory_bytes_max == 0) return;
  unsigned long pages = 0;
  if (FILE* statm = ::fopen("/proc/self/statm", "r")) {
    if (::fscanf(statm, "%lu", &pages) != 1) pages = 0;
    ::fclose(statm);
  }
  if (pages == 0) return;
  set_limit(RLIMIT_AS,
            pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) + options.memory_bytes_max);
}

bool restrict_system_calls() {
  static constexpr int kRefused[] = {
      SYS_execve,
      SYS_execveat,
      SYS_socket,
      SYS_connect,
      SYS_bind,
      SYS_listen,
      SYS_accept,
      SYS_accept4,
      SYS_ptrace,
      SYS_process_vm_readv,
      SYS_process_vm_writev,
      SYS_mount,
      SYS_umount2,
      SYS_pivot_root,
      SYS_chroot,
      SYS_setns,
      SYS_unshare,
      SYS_bpf,
      SYS_perf_event_open,
      SYS_keyctl,
      SYS_add_key,
      SYS_request_key,
      SYS_init_module,
      SYS_finit_module,
      SYS_delete_module,
      SYS_kexec_load,
      SYS_io_uring_setup,
      SYS_userfaultfd,
      SYS_kill,
      SYS_tkill,
      SYS_pidfd_open,
      SYS_pidfd_send_signal,
      SYS_fork,
      SYS_vfork,
      SYS_reboot,
      SYS_swapon,
      SYS_setuid,
      SYS_setgid,
      SYS_open_by_handle_at,
      SYS_personality,
  };
  constexpr size_t kCount = sizeof kRefused / sizeof kRefused[0];
  constexpr size_t kSendsLength = 15;
  static_assert(kCount + kSendsLength < 250, "jumps are eight bits");
  std::vector<sock_filter> program;
  // Another architecture's numbers mean other calls.
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (size_t i = 0; i < kCount; ++i) {
    // Over the rest of these, and what follows them.
    const auto to_refusal = static_cast<uint8_t>(kCount - i + kSendsLength);
    program.push_back(
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(kRefused[i]), to_refusal, 0));
  }
  // Sockets come connected from the server; with this flag, sending could connect them elsewhere.
  constexpr struct {
    int call;
    size_t flags_argument;
  } kSends[] = {{SYS_sendto, 3}, {SYS_sendmsg, 2}, {SYS_sendmmsg, 3}};
  for (const auto& send : kSends) {
    const auto flags =
        static_cast<uint32_t>(offsetof(seccomp_data, args) + send.flags_argument * 8);
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(send.call), 0, 4));
    program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MSG_FASTOPEN, 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) == 0;
}

}  // namespace firn::query
