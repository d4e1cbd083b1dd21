#include "base/error.h"

#include <array>

namespace firn {
namespace {

constexpr std::array kInfos = {
#define FIRN_ERROR(name, wire, http, graphql, mcp, faktory, retry) \
  ErrorCodeInfo{wire, http, graphql, mcp, faktory, retry},
#include "schema/errors.def"
#undef FIRN_ERROR
};

}  // namespace

const ErrorCodeInfo& info_of(ErrorCode code) { return kInfos[static_cast<size_t>(code)]; }

std::optional<ErrorCode> error_code_from_wire(std::string_view wire_code) {
  for (size_t i = 0; i < kInfos.size(); ++i) {
    if (kInfos[i].wire_code == wire_code) return static_cast<ErrorCode>(i);
  }
  return std::nullopt;
}

std::string Error::to_log() const {
  std::string text = std::string(info_of(code_).wire_code) + ": " + message_;
  if (!detail_.empty()) text += " (" + detail_ + ")";
  return text;
}

}  // namespace firn
