#include "graphql/lexer.h"

#include <fmt/format.h>

#include "graphql/block_string.h"
#include "graphql/unicode.h"

namespace firn::graphql {

std::string_view describe(TokenKind kind) {
  static constexpr std::string_view kNames[] = {
      "<SOF>",   "<EOF>", "\"!\"", "\"$\"", "\"&\"", "\"(\"",  "\")\"",
      "\"...\"", "\":\"", "\"=\"", "\"@\"", "\"[\"", "\"]\"",  "\"{\"",
      "\"|\"",   "\"}\"", "Name",  "Int",   "Float", "String", "BlockString"};
  return kNames[static_cast<size_t>(kind)];
}

Token Lexer::fail(size_t offset, std::string message) {
  if (!error_) error_ = SyntaxError{offset, std::move(message)};
  return make(TokenKind::kEnd, text_.size(), text_.size());
}

Token Lexer::make(TokenKind kind, size_t start, size_t end, std::string_view text) const {
  return {kind, static_cast<uint32_t>(start), static_cast<uint32_t>(end), text};
}

std::string Lexer::describe_at(size_t offset) const {
  if (offset >= text_.size()) return "<EOF>";
  const uint32_t value = decode_utf8(text_, offset).value;
  if (value == '"') return "'\"'";
  if (value >= 0x20 && value <= 0x7e) return fmt::format("\"{}\"", static_cast<char>(value));
  return fmt::format("U+{:04X}", value);
}

size_t Lexer::skip_comment(size_t start) const {
  size_t i = start + 1;
  while (i < text_.size() && text_[i] != '\n' && text_[i] != '\r') {
    const CodePoint point = decode_utf8(text_, i);
    if (is_surrogate(point.value)) break;
    i += point.length;
  }
  return i;
}

Token Lexer::next(const Token& previous) {
  if (error_) return make(TokenKind::kEnd, text_.size(), text_.size());
  size_t i = previous.end;
  while (i < text_.size()) {
    const uint32_t c = at(i);
    if (c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r') {
      ++i;
    } else if (c == '#') {
      i = skip_comment(i);
    } else if (c == 0xef && at(i + 1) == 0xbb && at(i + 2) == 0xbf) {
      i += 3;  // a byte order mark, anywhere
    } else if (c == '"') {
      return at(i + 1) == '"' && at(i + 2) == '"' ? read_block_string(i) : read_string(i);
    } else if (is_digit(c) || c == '-') {
      return read_number(i);
    } else if (is_name_start(c)) {
      size_t end = i + 1;
      while (is_name_continue(at(end))) ++end;
      return make(TokenKind::kName, i, end, text_.substr(i, end - i));
    } else {
      return read_punctuation(i);
    }
  }
  return make(TokenKind::kEnd, text_.size(), text_.size());
}

Token Lexer::read_punctuation(size_t start) {
  const auto one = [&](TokenKind kind) { return make(kind, start, start + 1); };
  switch (text_[start]) {
    case '!': return one(TokenKind::kBang);
    case '$': return one(TokenKind::kDollar);
    case '&': return one(TokenKind::kAmp);
    case '(': return one(TokenKind::kParenLeft);
    case ')': return one(TokenKind::kParenRight);
    case ':': return one(TokenKind::kColon);
    case '=': return one(TokenKind::kEquals);
    case '@': return one(TokenKind::kAt);
    case '[': return one(TokenKind::kBracketLeft);
    case ']': return one(TokenKind::kBracketRight);
    case '{': return one(TokenKind::kBraceLeft);
    case '|': return one(TokenKind::kPipe);
    case '}': return one(TokenKind::kBraceRight);
    case '\'':
      return fail(start,
                  "Unexpected single quote character ('), did you mean to use a double quote "
                  "(\")?");
    case '.':
      if (at(start + 1) == '.' && at(start + 2) == '.') {
        return make(TokenKind::kSpread, start, start + 3);
      }
      if (at(start + 1) == '.') return fail(start, "Unexpected \"..\", did you mean \"...\"?");
      if (is_digit(at(start + 1))) {
        size_t end = start + 1;
        while (is_digit(at(end))) ++end;
        return fail(start, fmt::format("Invalid number, expected digit before \".\", did you mean "
                                       "\"0.{}\"?",
                                       text_.substr(start + 1, end - start - 1)));
      }
      break;
    default: break;
  }
  const bool valid = !is_surrogate(decode_utf8(text_, start).value);
  return fail(start, fmt::format("{} character: {}.", valid ? "Unexpected" : "Invalid",
                                 describe_at(start)));
}

size_t Lexer::read_digits(size_t start) {
  if (start >= text_.size() || !is_digit(at(start))) {
    fail(start, fmt::format("Invalid number, expected digit but got: {}.", describe_at(start)));
    return 0;
  }
  size_t i = start + 1;
  while (is_digit(at(i))) ++i;
  return i;
}

Token Lexer::read_number(size_t start) {
  const Token failed = make(TokenKind::kEnd, text_.size(), text_.size());
  size_t i = start;
  bool is_float = false;
  if (at(i) == '-') ++i;
  if (at(i) == '0') {
    ++i;
    if (is_digit(at(i))) {
      return fail(i, fmt::format("Invalid number, unexpected digit after 0: {}.", describe_at(i)));
    }
  } else {
    i = read_digits(i);
    if (i == 0) return failed;
  }
  if (at(i) == '.') {
    is_float = true;
    i = read_digits(i + 1);
    if (i == 0) return failed;
  }
  if (at(i) == 'e' || at(i) == 'E') {
    is_float = true;
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    i = read_digits(i);
    if (i == 0) return failed;
  }
  if (at(i) == '.' || is_name_start(at(i))) {
    return fail(i, fmt::format("Invalid number, expected digit but got: {}.", describe_at(i)));
  }
  return make(is_float ? TokenKind::kFloat : TokenKind::kInt, start, i,
              text_.substr(start, i - start));
}

Token Lexer::read_string(size_t start) {
  const Token failed = make(TokenKind::kEnd, text_.size(), text_.size());
  size_t i = start + 1;
  size_t chunk = i;
  bool escaped = false;
  std::string value;
  while (i < text_.size()) {
    const char c = text_[i];
    if (c == '"') {
      if (!escaped) return make(TokenKind::kString, start, i + 1, text_.substr(chunk, i - chunk));
      value.append(text_, chunk, i - chunk);
      return make(TokenKind::kString, start, i + 1, arena_.copy(value));
    }
    if (c == '\\') {
      escaped = true;
      value.append(text_, chunk, i - chunk);
      const size_t length = read_escape(i, value);
      if (length == 0) return failed;
      i += length;
      chunk = i;
      continue;
    }
    if (c == '\n' || c == '\r') break;
    const CodePoint point = decode_utf8(text_, i);
    if (is_surrogate(point.value)) {
      return fail(i, fmt::format("Invalid character within String: {}.", describe_at(i)));
    }
    i += point.length;
  }
  return fail(i, "Unterminated string.");
}

size_t Lexer::read_escape(size_t start, std::string& value) {
  switch (at(start + 1)) {
    case '"': value += '"'; return 2;
    case '\\': value += '\\'; return 2;
    case '/': value += '/'; return 2;
    case 'b': value += '\b'; return 2;
    case 'f': value += '\f'; return 2;
    case 'n': value += '\n'; return 2;
    case 'r': value += '\r'; return 2;
    case 't': value += '\t'; return 2;
    case 'u': return read_unicode_escape(start, value);
    default: break;
  }
  const size_t length = 1 + decode_utf8(text_, start + 1).length;
  fail(start,
       fmt::format("Invalid character escape sequence: \"{}\".", text_.substr(start, length)));
  return 0;
}

int Lexer::read_four_hex_digits(size_t start) const {
  int value = 0;
  for (size_t i = start; i < start + 4; ++i) {
    const int digit = hex_digit(at(i));
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

size_t Lexer::read_unicode_escape(size_t start, std::string& value) {
  const auto wrong = [&](size_t length) -> size_t {
    fail(start,
         fmt::format("Invalid Unicode escape sequence: \"{}\".", text_.substr(start, length)));
    return 0;
  };
  if (at(start + 2) == '{') {
    constexpr size_t kLongest = 12;  // \u{ and eight digits and }
    uint32_t point = 0;
    size_t size = 3;
    while (size < kLongest) {
      const uint32_t c = at(start + size++);
      if (c == '}') {
        if (size < 5 || point > 0x10ffff || is_surrogate(point)) break;
        append_utf8(value, point);
        return size;
      }
      const int digit = hex_digit(c);
      if (digit < 0 || point > 0x0fffffff) break;
      point = point << 4 | static_cast<uint32_t>(digit);
    }
    return wrong(size);
  }
  const int code = read_four_hex_digits(start + 2);
  if (code < 0) return wrong(6);
  const auto point = static_cast<uint32_t>(code);
  if (!is_surrogate(point)) {
    append_utf8(value, point);
    return 6;
  }
  if (point < 0xdc00 && at(start + 6) == '\\' && at(start + 7) == 'u') {
    const int low = read_four_hex_digits(start + 8);
    if (low >= 0xdc00 && low <= 0xdfff) {
      append_utf8(value, 0x10000 + ((point - 0xd800) << 10) + static_cast<uint32_t>(low - 0xdc00));
      return 12;
    }
  }
  return wrong(6);
}

Token Lexer::read_block_string(size_t start) {
  size_t i = start + 3;
  std::string raw;
  size_t chunk = i;
  while (i < text_.size()) {
    const char c = text_[i];
    if (c == '"' && at(i + 1) == '"' && at(i + 2) == '"') {
      raw.append(text_, chunk, i - chunk);
      return make(TokenKind::kBlockString, start, i + 3, arena_.copy(dedent_block_string(raw)));
    }
    if (c == '\\' && at(i + 1) == '"' && at(i + 2) == '"' && at(i + 3) == '"') {
      raw.append(text_, chunk, i - chunk);
      chunk = i + 1;
      i += 4;
      continue;
    }
    const CodePoint point = decode_utf8(text_, i);
    if (is_surrogate(point.value)) {
      return fail(i, fmt::format("Invalid character within String: {}.", describe_at(i)));
    }
    i += point.length;
  }
  return fail(i, "Unterminated string.");
}

}  // namespace firn::graphql
