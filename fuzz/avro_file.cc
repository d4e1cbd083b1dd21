// Avro container files of any schema: read to their end or refused, within bounded time and memory.
#include <cstdlib>

#include "iceberg/avro.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn::iceberg;
  if (size > 1 << 16) return 0;
  auto reader = avro::FileReader::open({reinterpret_cast<const char*>(data), size});
  if (!reader.ok()) return 0;
  avro::Datum record;
  // A small block may unpack to a great many records.
  for (int i = 0; i < 10'000; ++i) {
    const auto more = reader->next(record);
    if (!more.ok() || !*more) break;
  }
  return 0;
}
