// What a Trino, or whoever stands before it, answers; and statements on their way to it.
#include <cstdint>
#include <string_view>

#include "federation/spooled_segments.h"
#include "federation/trino_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto answer = firn::federation::parse_trino_answer(text);
  if (answer.ok() && !answer->next_path.empty() && !answer->next_path.starts_with("/v1/")) {
    __builtin_trap();
  }
  if (answer.ok() && !answer->error.empty()) {
    const auto error = firn::federation::trino_error(answer->error, text);
    if (error.position() && *error.position() > size) __builtin_trap();
  }
  if (answer.ok() && !answer->spooled.empty()) {
    const auto segments = firn::federation::parse_spooled_data(answer->spooled);
    if (segments.ok()) {
      for (const auto& segment : *segments) {
        if (!segment.uri.empty() && !segment.ack_path.starts_with("/v1/")) __builtin_trap();
        if (segment.uri.empty()) (void)firn::federation::decode_segment(segment, segment.bytes);
      }
    }
  }
  const auto common = firn::federation::common_statement(text);
  // Nothing of it may be a comment, or moved.
  if (common.ok() && common->size() > size) __builtin_trap();
  return 0;
}
