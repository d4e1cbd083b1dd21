#include "api/ids.h"

namespace firn::api {

std::string global_id(std::string_view kind, std::string_view id) {
  return std::string(kind) + ':' + std::string(id);
}

Result<std::string> local_id(std::string_view kind, std::string_view id) {
  constexpr size_t kIdBytesMax = 512;
  if (id.size() <= kIdBytesMax && id.size() > kind.size() + 1 && id.starts_with(kind) &&
      id[kind.size()] == ':') {
    return std::string(id.substr(kind.size() + 1));
  }
  return Error(ErrorCode::kNotFound, "there is no such " + std::string(kind));
}

std::string_view kind_of(std::string_view id) {
  const size_t colon = id.find(':');
  return colon == std::string_view::npos ? std::string_view() : id.substr(0, colon);
}

}  // namespace firn::api
