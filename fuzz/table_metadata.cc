// Table metadata: what can be read can be written, and its text is a fixed point.
#include <cstdlib>

#include "iceberg/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn::iceberg;
  if (size > 1 << 16) return 0;
  const auto metadata = parse_table_metadata({reinterpret_cast<const char*>(data), size});
  if (!metadata.ok()) return 0;
  (void)metadata->schema().highest_field_id();
  (void)metadata->spec();
  (void)metadata->current_snapshot();
  const std::string text = table_metadata_to_json(*metadata);
  const auto again = parse_table_metadata(text);
  if (!again.ok() || table_metadata_to_json(*again) != text) std::abort();
  return 0;
}
