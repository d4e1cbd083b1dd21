#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "graphql/arena.h"

namespace firn::graphql {

enum class TokenKind : uint8_t {
  kStart,
  kEnd,
  kBang,
  kDollar,
  kAmp,
  kParenLeft,
  kParenRight,
  kSpread,
  kColon,
  kEquals,
  kAt,
  kBracketLeft,
  kBracketRight,
  kBraceLeft,
  kPipe,
  kBraceRight,
  kName,
  kInt,
  kFloat,
  kString,
  kBlockString,
};

// How messages call a kind: `"{"`, `Name`.
std::string_view describe(TokenKind kind);

struct Token {
  TokenKind kind = TokenKind::kStart;
  uint32_t start = 0;  // byte offsets
  uint32_t end = 0;
  // Names and numbers: as written. Strings: decoded.
  std::string_view text;
  bool has_text() const { return kind >= TokenKind::kName; }
};

struct SyntaxError {
  size_t offset = 0;  // byte offset in the text
  std::string message;
};

// Section 2.1 of the specification: text to tokens; comments, commas and white space are skipped.
// Decoded strings go into the arena. Not thread-safe.
class Lexer {
 public:
  Lexer(std::string_view text, Arena& arena) : text_(text), arena_(arena) {}
  // The token after `previous`. On an error, one of kind kEnd, and error() says what is wrong.
  Token next(const Token& previous);
  const std::optional<SyntaxError>& error() const { return error_; }

 private:
  uint32_t at(size_t i) const { return i < text_.size() ? static_cast<uint8_t>(text_[i]) : 0; }
  Token fail(size_t offset, std::string message);
  std::string describe_at(size_t offset) const;
  Token make(TokenKind kind, size_t start, size_t end, std::string_view text = {}) const;
  size_t skip_comment(size_t start) const;
  Token read_punctuation(size_t start);
  Token read_number(size_t start);
  // The offset after the digits; 0 and an error where there are none.
  size_t read_digits(size_t start);
  Token read_string(size_t start);
  // Appends what the escape at `at` means to `value`; its length, or 0 and an error.
  size_t read_escape(size_t at, std::string& value);
  size_t read_unicode_escape(size_t at, std::string& value);
  int read_four_hex_digits(size_t at) const;
  Token read_block_string(size_t start);

  std::string_view text_;
  Arena& arena_;
  std::optional<SyntaxError> error_;
};

}  // namespace firn::graphql
