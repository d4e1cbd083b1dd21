#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace firn::graphql {

// Text under way, for writers that append a few bytes at a time: a string whose bytes are there
// before they are needed, so that appending is a comparison and a copy. One thread.
class TextBuffer {
 public:
  TextBuffer() = default;
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;

  size_t size() const { return size_; }
  char back() const { return data_[size_ - 1]; }
  std::string_view view() const { return {data_, size_}; }
  void reserve(size_t bytes) {
    if (bytes > capacity_) grow(bytes - size_);
  }
  // Takes back what is beyond `bytes`, which is at most size().
  void truncate(size_t bytes) { size_ = bytes; }

  [[gnu::always_inline]] TextBuffer& operator+=(char c) {
    *room(1) = c;
    ++size_;
    return *this;
  }
  [[gnu::always_inline]] TextBuffer& operator+=(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  [[gnu::always_inline]] TextBuffer& operator+=(const char* text) {
    return *this += std::string_view(text);
  }

  // The first `bytes` of a text after which kPadding more bytes can be read: copied in blocks.
  [[gnu::always_inline]] void append_padded(const char* text, size_t bytes) {
    char* to = room(bytes + kPadding);
    std::memcpy(to, text, kPadding);
    for (size_t at = kPadding; at < bytes; at += kPadding) {
      std::memcpy(to + at, text + at, kPadding);
    }
    size_ += bytes;
  }
  static constexpr size_t kPadding = 16;

  // Where `bytes` more can be written; wrote() says how many were.
  [[gnu::always_inline]] char* room(size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]]
      grow(bytes);
    return data_ + size_;
  }
  void wrote(size_t bytes) { size_ += bytes; }

  // Everything; the buffer is empty then.
  std::string take() {
    bytes_.resize(size_);
    data_ = nullptr;
    size_ = capacity_ = 0;
    return std::move(bytes_);
  }

 private:
  [[gnu::noinline]] void grow(size_t bytes) {
    constexpr size_t kFirst = 256;
    bytes_.resize(std::max({size_ + bytes, 2 * capacity_, kFirst}));
    data_ = bytes_.data();
    capacity_ = bytes_.size();
  }

  std::string bytes_;  // as long as the capacity
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace firn::graphql
