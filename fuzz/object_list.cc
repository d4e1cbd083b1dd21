#include "federation/object_store.h"

// Answers of object stores, which are anybody's.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto page =
      firn::federation::parse_object_page(std::string(reinterpret_cast<const char*>(data), size));
  if (page.ok()) {
    for (const auto& object : page->objects) {
      if (object.key.empty() || object.etag.empty()) __builtin_trap();
    }
  }
  return 0;
}
