#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

namespace firn::graphql {

// Where stored documents outlive the process. Thread-safe; called on I/O threads: it must answer
// from memory, and write later.
class DocumentStore {
 public:
  virtual ~DocumentStore() = default;
  virtual std::optional<std::string> find(const std::string& sha256_hex) = 0;
  virtual void store(const std::string& sha256_hex, const std::string& document) = 0;
};

// In lower-case hexadecimal.
std::string sha256_hex(std::string_view text);

// Documents by their hash: the ones used lately in memory, the rest in the store, if there is one.
// Thread-safe.
class StoredDocuments {
 public:
  StoredDocuments(size_t bytes_max, std::shared_ptr<DocumentStore> store)
      : bytes_max_(bytes_max), store_(std::move(store)) {}
  std::optional<std::string> find(const std::string& hash);
  void store(const std::string& hash, const std::string& document);

 private:
  struct Entry {
    std::string hash;
    std::string document;
  };
  void remember(const std::string& hash, const std::string& document);

  const size_t bytes_max_;
  const std::shared_ptr<DocumentStore> store_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // used last first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_hash_;
  size_t bytes_ = 0;
};

}  // namespace firn::graphql
