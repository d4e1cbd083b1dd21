// A question in words, of anybody: whatever it says, it stays within the quotes of the statement.
#include <cstdint>
#include <string_view>

#include "agents/ask/question.h"

namespace {

// What stands outside of quotes.
std::string bare(std::string_view sql) {
  std::string out;
  char quote = 0;
  for (const char c : sql) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else {
      out += c;
    }
  }
  if (quote != 0) __builtin_trap();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using firn::agents::KnownTable;
  static const std::vector<KnownTable> kTables = {
      {"lake.main.flights",
       "from New York",
       {{"dep_delay", "double", ""},
        {"arr_delay", "double", "minutes"},
        {"carrier", "string", ""},
        {"origin", "string", ""},
        {"dest", "string", ""},
        {"hour", "long", ""},
        {"is_late", "boolean", ""},
        {"time_hour", "timestamptz", ""}}},
      {"lake.main.ev\"il'; --", "", {{"a\"b; DROP", "double", ""}, {"it's", "string", ""}}}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto question = firn::agents::read_question(text, kTables);
  if (!question.ok()) return 0;
  for (auto& loose : question->loose) loose.column = loose.candidates.front();
  for (const auto& sql :
       {firn::agents::statement_of(*question), firn::agents::lookup_statement(*question)}) {
    const std::string outside = bare(sql);
    for (const char* mark : {";", "--", "/*", "\\"}) {
      if (outside.find(mark) != std::string::npos) __builtin_trap();
    }
  }
  if (firn::agents::axes_of(*question).empty()) __builtin_trap();
  (void)firn::agents::reading_of(*question);
  return 0;
}
