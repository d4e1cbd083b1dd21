#include "graphql/http/stored_documents.h"

#include <openssl/evp.h>

#include "base/bytes.h"

namespace firn::graphql {

std::string sha256_hex(std::string_view text) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return to_hex({digest, size});
}

std::optional<std::string> StoredDocuments::find(const std::string& hash) {
  {
    std::lock_guard lock(mutex_);
    const auto found = by_hash_.find(hash);
    if (found != by_hash_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->document;
    }
  }
  if (store_ == nullptr) return std::nullopt;
  auto document = store_->find(hash);
  if (document) remember(hash, *document);
  return document;
}

void StoredDocuments::store(const std::string& hash, const std::string& document) {
  remember(hash, document);
  if (store_ != nullptr) store_->store(hash, document);
}

void StoredDocuments::remember(const std::string& hash, const std::string& document) {
  std::lock_guard lock(mutex_);
  if (by_hash_.count(hash) > 0) return;
  entries_.push_front({hash, document});
  by_hash_.emplace(entries_.front().hash, entries_.begin());
  bytes_ += document.size() + hash.size();
  while (bytes_ > bytes_max_ && !entries_.empty()) {
    bytes_ -= entries_.back().document.size() + entries_.back().hash.size();
    by_hash_.erase(entries_.back().hash);
    entries_.pop_back();
  }
}

}  // namespace firn::graphql
