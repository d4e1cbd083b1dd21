#include "platform/fault.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>

namespace firn::platform {
namespace {

struct KillPlan {
  std::string name;
  std::atomic<long> remaining{0};

  KillPlan() {
    const char* text = std::getenv("FIRN_KILL_POINT");
    if (text == nullptr) return;
    name = text;
    long count = 1;
    if (const size_t colon = name.rfind(':'); colon != std::string::npos) {
      count = std::strtol(name.c_str() + colon + 1, nullptr, 10);
      name.resize(colon);
    }
    remaining = count;
  }
};

int errno_of(const std::string& name) {
  if (name == "ENOSPC") return ENOSPC;
  return EIO;
}

}  // namespace

int injected_fault(FaultPoint point) {
  static const char* const path = std::getenv("FIRN_FAULT_FILE");
  if (path == nullptr) return 0;
  std::ifstream file(path);
  std::string operation;
  std::string number;
  while (file >> operation >> number) {
    if (operation == (point == FaultPoint::kWrite ? "write" : "sync")) return errno_of(number);
  }
  return 0;
}

void kill_point(std::string_view name) {
  static KillPlan plan;
  if (plan.name.empty() || plan.name != name) return;
  if (plan.remaining.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace firn::platform
