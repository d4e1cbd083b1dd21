#include "llm/sse.h"

namespace firn::llm {

Status SseReader::feed(std::string_view bytes, const std::function<Status(const SseEvent&)>& take) {
  while (!bytes.empty()) {
    // The second half of a CR LF, perhaps of another piece.
    if (after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
    after_cr_ = false;
    const size_t end = std::min(bytes.find_first_of("\r\n"), bytes.size());
    if (line_.size() + end > limits_.line_bytes_max) {
      return Error(ErrorCode::kInvalidData, "a line of the event stream is too long");
    }
    line_ += bytes.substr(0, end);
    if (end == bytes.size()) return {};
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    TRY(end_line(take));
    line_.clear();
  }
  return {};
}

Status SseReader::end_line(const std::function<Status(const SseEvent&)>& take) {
  std::string_view line = line_;
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (first_line_ && line.starts_with(kMark)) line.remove_prefix(kMark.size());
  first_line_ = false;
  if (line.empty()) {
    SseEvent event = std::move(event_);
    event_ = {};
    if (!has_data_) return {};
    has_data_ = false;
    if (event.type.empty()) event.type = "message";
    if (++events_ > limits_.events_max) {
      return Error(ErrorCode::kInvalidData, "the event stream has too many events");
    }
    return take(event);
  }
  const size_t colon = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    event_.type = value;
  } else if (field == "data") {
    if (event_.data.size() + value.size() > limits_.event_bytes_max) {
      return Error(ErrorCode::kInvalidData, "an event of the stream is too long");
    }
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  }
  return {};
}

}  // namespace firn::llm
