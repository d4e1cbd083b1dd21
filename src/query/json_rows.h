#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine.h"

namespace firn::query {

// Takes an answer in the default format into memory. ResourceExhausted where its rows are more than
// `bytes_max`. Not thread-safe.
class JsonRows final : public ResultSink {
 public:
  explicit JsonRows(size_t bytes_max, std::function<bool()> cancelled = {})
      : bytes_max_(bytes_max), cancelled_(std::move(cancelled)) {}

  Status head(const ResultHead& head) override;
  Status rows(std::string_view encoded) override;
  bool cancelled() override { return cancelled_ && cancelled_(); }

  // Once the query has ended.
  const std::vector<ResultColumn>& columns() const { return columns_; }
  struct Array {
    std::string json;  // an array of arrays
    int64_t count = 0;
  };
  Array take();

 private:
  const size_t bytes_max_;
  const std::function<bool()> cancelled_;
  std::vector<ResultColumn> columns_;
  std::string lines_;
};

}  // namespace firn::query
