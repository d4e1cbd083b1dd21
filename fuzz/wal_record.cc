// Segments and frames of the write-ahead log, as recovery reads them from a damaged disk. The CRC
// is mended before the frame is read, or no input would ever get past it.
#include <arrow/record_batch.h>

#include <cstdlib>

#include "ingest/record.h"
#include "wal/wal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace firn;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto end = wal::read_frames(bytes, 0, 1, [](uint64_t, std::string_view payload) -> Status {
    (void)ingest::decode_frame(payload);
    return {};
  });
  if (end.ok() && *end > size) std::abort();
  const auto frame = ingest::decode_frame(bytes);
  if (frame.ok()) {
    for (const auto& rows : frame->rows) {
      if (!rows.batch->ValidateFull().ok()) std::abort();
    }
    const auto again = ingest::EncodedFrame::encode(*frame);
    if (!again.ok()) std::abort();
  }
  return 0;
}
