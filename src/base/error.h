#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace firn {

// The codes of schema/errors.def, which says how each looks on every surface.
enum class ErrorCode {
#define FIRN_ERROR(name, ...) k##name,
#include "schema/errors.def"
#undef FIRN_ERROR
};

// How one code appears outside the process.
struct ErrorCodeInfo {
  std::string_view wire_code;  // "commit-conflict"
  int http_status;
  std::string_view graphql_code;  // extensions.code
  int mcp_code;                   // JSON-RPC 2.0 error code
  std::string_view faktory_type;
  bool retryable;  // the same request may succeed later, unchanged
};

const ErrorCodeInfo& info_of(ErrorCode code);
std::optional<ErrorCode> error_code_from_wire(std::string_view wire_code);

// What went wrong. `message` is safe to show to whoever made the request; `detail` is for the log
// only (paths, errno, a library's own words).
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message, std::string detail = {})
      : code_(code), message_(std::move(message)), detail_(std::move(detail)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  const std::string& detail() const { return detail_; }
  // Where in the client's text, in bytes from 0; none where that means nothing.
  std::optional<size_t> position() const { return position_; }
  Error at(size_t position) && {
    position_ = position;
    return std::move(*this);
  }

  // The same error with `context: ` before its message.
  Error with_context(std::string_view context) const {
    Error made(code_, std::string(context) + ": " + message_, detail_);
    made.position_ = position_;
    return made;
  }
  // "commit-conflict: message (detail)", for logs.
  std::string to_log() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::string detail_;
  std::optional<size_t> position_;
};

}  // namespace firn
