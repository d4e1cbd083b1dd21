// What a worker says that a customer's database holds.
#include <cstdint>
#include <string_view>

#include "federation/tables_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto browsed = firn::federation::parse_browsed(text);
  if (!browsed.ok()) return 0;
  const auto again =
      firn::federation::parse_browsed(firn::federation::tables_json(browsed->tables));
  if (!again.ok() || again->tables.size() != browsed->tables.size()) __builtin_trap();
  return 0;
}
