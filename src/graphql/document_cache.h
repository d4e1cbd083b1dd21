#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "graphql/service.h"

namespace firn::graphql {

// Prepared documents by their text; the longest unused go first when they take more than so many
// bytes. Thread-safe.
class DocumentCache {
 public:
  explicit DocumentCache(size_t bytes_max) : bytes_max_(bytes_max) {}
  std::shared_ptr<const PreparedDocument> find(std::string_view text);
  void insert(std::shared_ptr<const PreparedDocument> document);

 private:
  using Entries = std::list<std::shared_ptr<const PreparedDocument>>;
  const size_t bytes_max_;
  std::mutex mutex_;
  Entries entries_;  // used last first
  std::unordered_map<std::string_view, Entries::iterator> by_text_;
  size_t bytes_ = 0;
};

}  // namespace firn::graphql
