#pragma once

namespace firn {

// Prints where and what, then aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* what);

}  // namespace firn

// For what no input can falsify: a broken invariant of the program itself. Never for a client's
// data.
#define CHECK(condition) \
  (static_cast<bool>(condition) ? void(0) : ::firn::check_failed(__FILE__, __LINE__, #condition))
