// Row filters of policies, as an admin writes them, on their way to Trino.
#include <cstdint>
#include <string_view>

#include "federation/portable_filter.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using firn::federation::FilterType;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto done = firn::federation::portable_filter(text,
                                                      {{"id", FilterType::kNumber, false},
                                                       {"name", FilterType::kText, true},
                                                       {"open", FilterType::kBoolean, false},
                                                       {"day", FilterType::kDate, false}},
                                                      {"a", "it's", "viewer"});
  if (!done.ok()) return 0;
  // Outside of quotes: parentheses that match, no comment, no second statement.
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i < done->size(); ++i) {
    const char c = (*done)[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    depth += (c == '(') - (c == ')');
    if (depth < 0 || c == ';' || done->compare(i, 2, "--") == 0 || done->compare(i, 2, "/*") == 0) {
      __builtin_trap();
    }
  }
  if (depth != 0 || quote != 0) __builtin_trap();
  return 0;
}
