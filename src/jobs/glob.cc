#include "jobs/glob.h"

#include <cstddef>
#include <utility>

namespace firn::jobs {
namespace {

// Whether `c` is in the class that begins behind '['; `at` moves behind its ']'.
bool in_class(std::string_view pattern, size_t& at, char c) {
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
    char low = pattern[at++];
    char high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      high = pattern[at + 1];
      at += 2;
    }
    if (low > high) std::swap(low, high);
    found = found || (low <= c && c <= high);
  }
  if (at < pattern.size()) ++at;  // the bracket
  return found != negated;
}

// Whether the one element of the pattern at `at` matches `c`; `at` moves behind it.
bool element_matches(std::string_view pattern, size_t& at, char c) {
  switch (pattern[at]) {
    case '?': ++at; return true;
    case '[': ++at; return in_class(pattern, at, c);
    case '\\':
      if (at + 1 < pattern.size()) ++at;
      [[fallthrough]];
    default: return pattern[at++] == c;
  }
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;  // behind the last star, where to try again from
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    size_t next = p;
    if (p < pattern.size() && element_matches(pattern, next, text[t])) {
      p = next;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace firn::jobs
