#include "graphql/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "graphql/unicode.h"

namespace firn::graphql {
namespace {

// Each function leaves `at_` after what it read.
class JsonParser {
 public:
  JsonParser(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Result<Value> parse() {
    Value value;
    TRY(read(value, 0));
    skip_blanks();
    if (at_ != text_.size()) return wrong("there is more after the value");
    return value;
  }

 private:
  Error wrong(const char* what) const {
    return Error(ErrorCode::kInvalidArgument,
                 "the JSON is wrong at byte " + std::to_string(at_) + ": " + what);
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool take(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  Status read(Value& into, uint32_t depth) {
    if (depth > limits_.depth_max) return wrong("it is nested too deeply");
    if (++values_ > limits_.values_max) return wrong("it has too many values");
    skip_blanks();
    switch (peek()) {
      case '{': ++at_; return read_object(into, depth);
      case '[': ++at_; return read_list(into, depth);
      case '"': into.kind = Value::Kind::kString; return read_string(into.text);
      case 't': into = Value::of_boolean(true); return read_word("true");
      case 'f': into = Value::of_boolean(false); return read_word("false");
      case 'n': return read_word("null");
      default: return read_number(into);
    }
  }

  Status read_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return wrong("a value is expected");
    at_ += word.size();
    return {};
  }

  Status read_number(Value& into) {
    const size_t start = at_;
    if (peek() == '-') ++at_;
    if (!is_digit(static_cast<uint8_t>(peek()))) return wrong("a value is expected");
    if (peek() == '0') {
      ++at_;
    } else {
      skip_digits();
    }
    if (peek() == '.') {
      ++at_;
      if (!skip_digits()) return wrong("a digit is expected");
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!skip_digits()) return wrong("a digit is expected");
    }
    into = Value::of_number(text_.substr(start, at_ - start));
    return {};
  }

  bool skip_digits() {
    const size_t start = at_;
    while (is_digit(static_cast<uint8_t>(peek()))) ++at_;
    return at_ > start;
  }

  Status read_list(Value& into, uint32_t depth) {
    into.kind = Value::Kind::kList;
    if (take(']')) return {};
    do {
      TRY(read(into.items.emplace_back(), depth + 1));
    } while (take(','));
    if (!take(']')) return wrong("',' or ']' is expected");
    return {};
  }

  Status read_object(Value& into, uint32_t depth) {
    into.kind = Value::Kind::kObject;
    std::unordered_map<std::string, size_t> seen;  // for many fields: a search would be quadratic
    if (take('}')) return {};
    do {
      skip_blanks();
      if (peek() != '"') return wrong("a name is expected");
      std::string name;
      TRY(read_string(name));
      if (!take(':')) return wrong("':' is expected");
      Value value;
      TRY(read(value, depth + 1));
      const auto [found, added] = seen.emplace(name, into.fields.size());
      if (added) {
        into.fields.emplace_back(std::move(name), std::move(value));
      } else {
        into.fields[found->second].second = std::move(value);
      }
    } while (take(','));
    if (!take('}')) return wrong("',' or '}' is expected");
    return {};
  }

  Status read_string(std::string& into) {
    ++at_;
    into.clear();
    size_t chunk = at_;
    for (;;) {
      if (at_ >= text_.size()) return wrong("a string has no end");
      const auto c = static_cast<uint8_t>(text_[at_]);
      if (c == '"') {
        into.append(text_, chunk, at_ - chunk);
        ++at_;
        return {};
      }
      if (c < 0x20) return wrong("a control character is in a string");
      if (c == '\\') {
        into.append(text_, chunk, at_ - chunk);
        TRY(read_escape(into));
        chunk = at_;
      } else if (c < 0x80) {
        ++at_;
      } else {
        const CodePoint point = decode_utf8(text_, at_);
        if ((point.value == 0xfffd && point.length == 1) || is_surrogate(point.value)) {
          return wrong("it is not UTF-8");
        }
        at_ += point.length;
      }
    }
  }

  Status read_escape(std::string& into) {
    ++at_;
    const char c = peek();
    ++at_;
    switch (c) {
      case '"':
      case '\\':
      case '/': into += c; return {};
      case 'b': into += '\b'; return {};
      case 'f': into += '\f'; return {};
      case 'n': into += '\n'; return {};
      case 'r': into += '\r'; return {};
      case 't': into += '\t'; return {};
      case 'u': break;
      default: return wrong("there is no such escape");
    }
    uint32_t point = TRY(read_hex());
    if (point >= 0xd800 && point <= 0xdbff && text_.substr(at_, 2) == "\\u") {
      const size_t before = at_;
      at_ += 2;
      const uint32_t low = TRY(read_hex());
      if (low >= 0xdc00 && low <= 0xdfff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = before;
      }
    }
    append_utf8(into, point);
    return {};
  }

  Result<uint32_t> read_hex() {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = hex_digit(static_cast<uint8_t>(peek()));
      if (digit < 0) return wrong("four hexadecimal digits are expected");
      value = value << 4 | static_cast<uint32_t>(digit);
      ++at_;
    }
    return value;
  }

  std::string_view text_;
  const JsonLimits& limits_;
  size_t at_ = 0;
  size_t values_ = 0;
};

// Bytes that go into a JSON string as they are.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (size_t i = 0x20; i < 0x80; ++i) plain[i] = i != '"' && i != '\\';
  return plain;
}();

// Whether all eight bytes are plain.
bool all_plain(uint64_t bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x80 * kOnes;
  const auto has_zero = [](uint64_t x) { return (x - kOnes) & ~x & kHigh; };
  const uint64_t control = (bytes - 0x20 * kOnes) & ~bytes & kHigh;
  return (control | has_zero(bytes ^ '"' * kOnes) | has_zero(bytes ^ '\\' * kOnes) |
          (bytes & kHigh)) == 0;
}

// Copies plain bytes from `at` on; `out` has room for all of the text. Gives where they end.
size_t copy_plain(TextBuffer& out, std::string_view text, size_t at) {
  char* to = out.room(text.size() - at);
  const size_t start = at;
  uint64_t eight = 0;
  for (; text.size() - at >= sizeof eight; at += sizeof eight, to += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if (!all_plain(eight)) break;
    std::memcpy(to, &eight, sizeof eight);
  }
  for (; at < text.size() && kPlain[static_cast<uint8_t>(text[at])]; ++at) *to++ = text[at];
  out.wrote(at - start);
  return at;
}

// Up to sixteen bytes that are all plain, in one look at the first and one at the last eight (or
// four, or three): they may overlap. False: nothing is written.
bool copy_short(TextBuffer& out, std::string_view text) {
  const char* from = text.data();
  const size_t size = text.size();
  char* to = out.room(size);
  if (size >= 8) {
    uint64_t first = 0;
    uint64_t last = 0;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + size - 8, 8);
    if (!all_plain(first) || !all_plain(last)) return false;
    std::memcpy(to, &first, 8);
    std::memcpy(to + size - 8, &last, 8);
  } else if (size >= 4) {
    uint32_t first = 0;
    uint32_t last = 0;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    if (!all_plain(uint64_t{first} << 32 | last)) return false;
    std::memcpy(to, &first, 4);
    std::memcpy(to + size - 4, &last, 4);
  } else if (size > 0) {
    const char middle = from[size / 2];
    const char last = from[size - 1];
    if (!kPlain[static_cast<uint8_t>(from[0])] || !kPlain[static_cast<uint8_t>(middle)] ||
        !kPlain[static_cast<uint8_t>(last)]) {
      return false;
    }
    to[0] = from[0];
    to[size / 2] = middle;
    to[size - 1] = last;
  }
  out.wrote(size);
  return true;
}

// Many numbers have at most three decimals: those are `thousandths` / 1000, correctly rounded, and
// no shorter text reads as the same double, as there are fewer than sixteen digits.
bool append_short_decimal(TextBuffer& out, double value) {
  constexpr double kLimit = 1e9;
  if (!(std::abs(value) < kLimit)) return false;
  const auto thousandths = static_cast<int64_t>(value * 1000 + (value < 0 ? -0.5 : 0.5));
  if (static_cast<double>(thousandths) / 1000 != value) return false;
  if (thousandths == 0 && std::signbit(value)) return false;  // -0
  if (thousandths < 0) out += '-';
  const auto magnitude = static_cast<uint64_t>(thousandths < 0 ? -thousandths : thousandths);
  append_json_integer(out, static_cast<int64_t>(magnitude / 1000));
  const auto rest = static_cast<uint32_t>(magnitude % 1000);
  if (rest == 0) return true;
  const char digits[4] = {'.', static_cast<char>('0' + rest / 100),
                          static_cast<char>('0' + rest / 10 % 10),
                          static_cast<char>('0' + rest % 10)};
  out += std::string_view(digits, rest % 10 != 0 ? 4 : rest % 100 != 0 ? 3 : 2);
  return true;
}

// The character behind the backslash of a short escape; 0: the byte has none.
constexpr std::array<char, 128> kShortEscapes = [] {
  std::array<char, 128> escapes{};
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  return escapes;
}();

// Up to sixteen bytes from `at` on, escaped where they have to be, as far as they are ASCII. Gives
// where that ends.
size_t copy_escaped(TextBuffer& out, std::string_view text, size_t at) {
  constexpr char kHex[] = "0123456789abcdef";
  constexpr size_t kBytes = 16;
  constexpr size_t kEscapeMax = 6;
  const size_t end = std::min(text.size(), at + kBytes);
  char* to = out.room(kBytes * kEscapeMax);
  const char* const start = to;
  for (; at < end; ++at) {
    const auto c = static_cast<uint8_t>(text[at]);
    if (kPlain[c]) {
      *to++ = text[at];
    } else if (c >= 0x80) {
      break;
    } else if (kShortEscapes[c] != 0) {
      *to++ = '\\';
      *to++ = kShortEscapes[c];
    } else {
      std::memcpy(to, "\\u00", 4);
      to[4] = kHex[c >> 4];
      to[5] = kHex[c & 15];
      to += kEscapeMax;
    }
  }
  out.wrote(static_cast<size_t>(to - start));
  return at;
}

// A character beyond ASCII; gives its bytes.
size_t append_code_point(TextBuffer& out, std::string_view text, size_t at) {
  const CodePoint point = decode_utf8(text, at);
  if ((point.value == 0xfffd && point.length == 1) || is_surrogate(point.value)) {
    out += "\xEF\xBF\xBD";
  } else if (point.value == 0x2028 || point.value == 0x2029) {
    // Ends of lines for JavaScript: answers stay on one.
    out += point.value == 0x2028 ? "\\u2028" : "\\u2029";
  } else {
    out += text.substr(at, point.length);
  }
  return point.length;
}

}  // namespace

Result<Value> parse_json(std::string_view text, const JsonLimits& limits) {
  return JsonParser(text, limits).parse();
}

void append_json_string(TextBuffer& out, std::string_view text) {
  constexpr size_t kShort = 16;
  out += '"';
  size_t at = 0;
  if (text.size() <= kShort) {
    at = copy_short(out, text) ? text.size() : copy_escaped(out, text, 0);
  }
  while (at < text.size()) {
    at = copy_plain(out, text, at);
    if (at == text.size()) break;
    const bool is_ascii = static_cast<uint8_t>(text[at]) < 0x80;
    at = is_ascii ? copy_escaped(out, text, at) : at + append_code_point(out, text, at);
  }
  out += '"';
}

void append_json_string(std::string& out, std::string_view text) {
  TextBuffer buffer;
  append_json_string(buffer, text);
  out += buffer.view();
}

void append_json_integer(TextBuffer& out, int64_t value) {
  constexpr size_t kDigitsMax = 20;
  char* to = out.room(kDigitsMax);
  out.wrote(static_cast<size_t>(std::to_chars(to, to + kDigitsMax, value).ptr - to));
}

void append_json_number(TextBuffer& out, double value) {
  if (append_short_decimal(out, value)) return;
  constexpr size_t kNumberMax = 40;
  char* to = out.room(kNumberMax);
  out.wrote(static_cast<size_t>(std::to_chars(to, to + kNumberMax, value).ptr - to));
}

}  // namespace firn::graphql
