#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firn::llm {

struct SseEvent {
  std::string type;  // "message" where the stream names none
  std::string data;  // lines joined by \n
};

struct SseLimits {
  size_t line_bytes_max = 4U << 20;
  size_t event_bytes_max = 8U << 20;
  size_t events_max = 1'000'000;
};

// Server-sent events, as the HTML standard has them (9.2.6), from bytes in whatever pieces they
// come. Ids and retry times are of no interest here. One thread's.
class SseReader {
 public:
  explicit SseReader(SseLimits limits = {}) : limits_(limits) {}
  // Each event that these bytes complete goes to `take`, whose error ends it. InvalidData beyond a
  // limit.
  Status feed(std::string_view bytes, const std::function<Status(const SseEvent&)>& take);

 private:
  Status end_line(const std::function<Status(const SseEvent&)>& take);

  const SseLimits limits_;
  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool first_line_ = true;
  size_t events_ = 0;
};

}  // namespace firn::llm
