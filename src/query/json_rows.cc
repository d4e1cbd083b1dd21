#include "query/json_rows.h"

#include <algorithm>

namespace firn::query {

Status JsonRows::head(const ResultHead& head) {
  columns_ = head.columns;
  return {};
}

Status JsonRows::rows(std::string_view encoded) {
  if (lines_.size() + encoded.size() > bytes_max_) {
    return Error(ErrorCode::kResourceExhausted, "these rows are too large: ask for fewer");
  }
  lines_ += encoded;
  return {};
}

JsonRows::Array JsonRows::take() {
  Array array;
  // A line ends each row: inside strings it is escaped.
  array.count = std::count(lines_.begin(), lines_.end(), '\n');
  if (!lines_.empty()) lines_.pop_back();
  std::replace(lines_.begin(), lines_.end(), '\n', ',');
  array.json = '[' + lines_ + ']';
  lines_.clear();
  return array;
}

}  // namespace firn::query
