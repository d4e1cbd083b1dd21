#include "graphql/document_cache.h"

namespace firn::graphql {

std::shared_ptr<const PreparedDocument> DocumentCache::find(std::string_view text) {
  std::lock_guard lock(mutex_);
  const auto found = by_text_.find(text);
  if (found == by_text_.end()) return nullptr;
  if (found->second != entries_.begin()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  }
  return *found->second;
}

void DocumentCache::insert(std::shared_ptr<const PreparedDocument> document) {
  if (document->bytes() > bytes_max_) return;
  std::lock_guard lock(mutex_);
  if (by_text_.count(document->text()) > 0) return;
  bytes_ += document->bytes();
  entries_.push_front(std::move(document));
  by_text_.emplace(entries_.front()->text(), entries_.begin());
  while (bytes_ > bytes_max_) {
    bytes_ -= entries_.back()->bytes();
    by_text_.erase(entries_.back()->text());
    entries_.pop_back();
  }
}

}  // namespace firn::graphql
