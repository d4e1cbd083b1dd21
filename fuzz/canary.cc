// Fails on its corpus, on purpose: a fuzzer that cannot find this finds nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size >= 4 && std::memcmp(data, "firn", 4) == 0) std::abort();
  return 0;
}
