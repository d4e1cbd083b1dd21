// Manifest lists: what can be read can be written, and reads back the same.
#include <cstdlib>

#include "iceberg/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn::iceberg;
  if (size > 1 << 16) return 0;
  const auto manifests = read_manifest_list({reinterpret_cast<const char*>(data), size});
  if (!manifests.ok()) return 0;
  const auto bytes = write_manifest_list(*manifests, {1, 2, 3, 3, 4});
  if (!bytes.ok()) std::abort();
  const auto again = read_manifest_list(*bytes);
  if (!again.ok() || again->size() != manifests->size()) std::abort();
  for (size_t i = 0; i < manifests->size(); ++i) {
    if ((*manifests)[i].manifest_path != (*again)[i].manifest_path ||
        (*manifests)[i].partitions.size() != (*again)[i].partitions.size()) {
      std::abort();
    }
  }
  return 0;
}
