#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace firn {

void check_failed(const char* file, int line, const char* what) {
  std::fprintf(stderr, "CHECK failed at %s:%d: %s\n", file, line, what);
  std::fflush(stderr);
  std::abort();
}

}  // namespace firn
