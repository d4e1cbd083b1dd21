// What Trino's plugin reports of a query; whoever has its key may send anything.
#include <cstdint>
#include <string_view>

#include "federation/http/query_report.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto info = firn::federation::parse_query_report(text);
  if (!info.ok()) return 0;
  if (info->query_id.empty() || info->account.empty() || info->end_us < info->start_us) {
    __builtin_trap();
  }
  if (info->error && info->error->position() && *info->error->position() > size) __builtin_trap();
  return 0;
}
