#include <linux/landlock.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/remote.h"
#include "app/settings.h"
#include "platform/file.h"
#include "platform/process.h"

namespace firn::app {
namespace {

// Prints one finding a line, and what to do about it.
class Findings {
 public:
  void good(const std::string& what) { fmt::print("  ok    {}\n", what); }
  void warn(const std::string& what, const std::string& fix) {
    fmt::print("  note  {}\n        {}\n", what, fix);
  }
  void bad(const std::string& what, const std::string& fix) {
    fmt::print("  FAIL  {}\n        {}\n", what, fix);
    ++failures_;
  }
  int failures() const { return failures_; }

 private:
  int failures_ = 0;
};

void check_files(Findings& findings) {
  auto& files = platform::local_file_system();
  const std::string prefix =
      platform::parent_directory(platform::parent_directory(platform::executable_path()));
  for (const std::string name :
       {"libduckdb.so", "libarrow.so.2600", "libparquet.so.2600", "duckdb/icu.duckdb_extension"}) {
    const auto there = files.exists(prefix + "/lib/" + name);
    if (there.ok() && *there)
      findings.good(prefix + "/lib/" + name);
    else
      findings.bad(prefix + "/lib/" + name + " is missing", "run ./dev build again");
  }
}

void check_data(Findings& findings, const Settings& settings) {
  auto& files = platform::local_file_system();
  const std::string& folder = settings.data_dir;
  const auto there = files.exists(folder);
  if (!there.ok() || !*there) {
    findings.warn("the data folder " + folder + " does not exist yet", "firn serve makes it");
    return;
  }
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    findings.bad("the data folder " + folder + " is not writable",
                 "give this user the right to write there, or choose another with --data-dir");
    return;
  }
  findings.good("the data folder " + folder + " is writable");
  const auto free = files.free_bytes(folder);
  constexpr uint64_t kWantedBytes = 4ULL << 30;
  if (!free.ok()) {
    findings.bad("cannot tell how much room " + folder + " has", free.error().message());
  } else if (*free < kWantedBytes) {
    findings.warn(fmt::format("only {} MB are free in {}", *free >> 20, folder),
                  "free some room: the log alone may take " +
                      std::to_string(settings.wal_bytes_max >> 20) + " MB");
  } else {
    findings.good(fmt::format("{} GB are free in {}", *free >> 30, folder));
  }
}

void check_kernel(Findings& findings, const Settings& settings) {
  const long landlock =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (landlock >= 1) {
    findings.good(fmt::format("Landlock {} confines query workers to their tables", landlock));
  } else {
    findings.warn(
        "this kernel has no Landlock: query workers are confined by seccomp and by "
        "Firn's own checks alone",
        "use a kernel of 5.13 or later with Landlock among its security modules");
  }
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const auto wanted = static_cast<rlim_t>(settings.http_connections_max + 512);
  if (files.rlim_cur < wanted) {
    findings.warn(fmt::format("only {} files may be open at a time", files.rlim_cur),
                  fmt::format("raise the limit: ulimit -n {}", wanted));
  } else {
    findings.good(fmt::format("{} files may be open at a time", files.rlim_cur));
  }
}

void check_server(Findings& findings, const CommandLine& line) {
  auto remote = Remote::connect(line);
  if (!remote.ok()) return findings.bad(remote.error().message(), "set --url or FIRN_URL");
  http::ClientRequest request;
  request.target = "/readyz";
  const auto ready = remote->send(std::move(request));
  if (!ready.ok()) {
    return findings.warn(ready.error().message(), "start it with firn serve, or ./dev run");
  }
  findings.good("the server is ready");
  const auto answer = remote->query("SELECT 42");
  if (!answer.ok()) {
    return findings.bad("a first query failed: " + answer.error().message(),
                        "the server's log says more");
  }
  findings.good("a first query was answered");
}

}  // namespace

Status command_doctor(const Arguments& arguments) {
  const CommandLine line = TRY(parse_command_line(arguments, {"data-dir"}, {}));
  Arguments serve_flags;
  if (line.has("data-dir")) serve_flags = {"--data-dir", line.value("data-dir", "")};
  Findings findings;
  fmt::print("firn {}\n", FIRN_VERSION);
  const auto settings = load_settings(serve_flags);
  if (!settings.ok()) findings.bad(settings.error().message(), "mend that setting");
  const Settings used = settings.ok() ? *settings : Settings{};
  check_files(findings);
  check_data(findings, used);
  check_kernel(findings, used);
  check_server(findings, line);
  if (findings.failures() > 0) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("{} thing{} must be mended", findings.failures(),
                             findings.failures() == 1 ? "" : "s"));
  }
  return {};
}

}  // namespace firn::app
