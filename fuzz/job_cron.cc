// Schedules, limits and arguments of jobs. A schedule's next time is later, and on a whole minute.
#include <cstdlib>
#include <string>

#include "jobs/arguments.h"
#include "jobs/cron.h"
#include "jobs/glob.h"
#include "jobs/limits.h"

namespace {

struct Arguments {
  std::string text;
  int64_t number = 0;
  double part = 0;
  bool flag = false;
  std::vector<std::string> list;
  std::optional<int64_t> maybe;
  template <typename Visit>
  static void members(Visit&& visit) {
    visit("text", &Arguments::text, firn::jobs::kRequired);
    visit("number", &Arguments::number);
    visit("part", &Arguments::part);
    visit("flag", &Arguments::flag);
    visit("list", &Arguments::list);
    visit("maybe", &Arguments::maybe);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn::jobs;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(text.find('\n'), text.size());
  const std::string_view first = text.substr(0, line);
  const std::string_view rest = text.substr(std::min(line + 1, text.size()));
  for (const std::string_view zone : {"", "Europe/Berlin"}) {
    const auto cron = Cron::parse(first, zone);
    if (!cron.ok()) break;
    constexpr int64_t kStart = 1'774'659'600'000'000;  // the night before a clock goes forward
    const auto next = cron->next_after(kStart);
    if (next.ok() && (*next <= kStart || *next % 60'000'000 != 0)) std::abort();
  }
  (void)glob_matches(first, rest);
  if (const auto limit = parse_limit(text); limit.ok()) {
    if (!parse_limit(limit_json(*limit)).ok()) std::abort();
  }
  if (const auto arguments = decode_arguments<Arguments>(text); arguments.ok()) {
    const std::string json = encode_arguments(*arguments);
    const auto again = decode_arguments<Arguments>(json);
    if (!again.ok() || encode_arguments(*again) != json) std::abort();
  }
  return 0;
}
