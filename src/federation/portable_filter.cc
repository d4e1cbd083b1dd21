#include "federation/portable_filter.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace firn::federation {
namespace {

constexpr int kDepthMax = 50;
constexpr size_t kDigitsMax = 18;

struct Token {
  enum class Kind : uint8_t { kEnd, kWord, kQuotedName, kText, kNumber, kSign };
  Kind kind = Kind::kEnd;
  std::string text;  // of a word: in lower case; of a string or a quoted name: what it stands for
};

Error unsupported(const std::string& what) {
  return Error(ErrorCode::kUnsupported,
               "a policy's row filter has " + what + ", which Trino may evaluate in another way");
}

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> all() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
      tokens.push_back(TRY(next()));
      if (tokens.back().kind == Token::Kind::kEnd) return tokens;
    }
  }

 private:
  Result<Token> next() {
    if (at_ >= text_.size()) return Token{};
    const char c = text_[at_];
    if (c == '\'' || c == '"') return string(c);
    if (is_letter(c)) {
      const size_t from = at_;
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
      // E'...', X'...', U&'...': strings with rules of their own.
      if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"' || text_[at_] == '&')) {
        return unsupported("a string with a prefix");
      }
      return Token{Token::Kind::kWord, lower(text_.substr(from, at_ - from))};
    }
    if (is_digit(c)) return number();
    for (const std::string_view sign :
         {"<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", ",", "-"}) {
      if (text_.substr(at_).starts_with(sign)) {
        at_ += sign.size();
        // A second minus begins a comment.
        if (sign == "-" && at_ < text_.size() && text_[at_] == '-') break;
        return Token{Token::Kind::kSign, std::string(sign == "!=" ? "<>" : sign)};
      }
    }
    return unsupported("the character " + std::string(1, c));
  }

  Result<Token> string(char quote) {
    Token token{quote == '"' ? Token::Kind::kQuotedName : Token::Kind::kText, {}};
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != quote) {
        token.text += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
        token.text += text_[at_++];
      } else {
        ++at_;
        if (token.text.find('\0') != std::string::npos) return unsupported("a zero byte");
        return token;
      }
    }
    return unsupported("a quote that does not end");
  }

  // Digits, with a point among them: an exact number for both engines.
  Result<Token> number() {
    const size_t from = at_;
    size_t points = 0;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) {
      points += text_[at_++] == '.';
    }
    const std::string digits(text_.substr(from, at_ - from));
    const bool goes_on = at_ < text_.size() && is_letter(text_[at_]);
    if (points > 1 || digits.back() == '.' || digits.size() > kDigitsMax + points || goes_on) {
      return unsupported("the number " + digits);
    }
    return Token{Token::Kind::kNumber, digits};
  }

  const std::string_view text_;
  size_t at_ = 0;
};

// Words that are no names of columns, quoted ones aside: they have a meaning of their own
// somewhere.
bool is_reserved(std::string_view word) {
  static constexpr std::array kWords = {"and",
                                        "or",
                                        "not",
                                        "is",
                                        "null",
                                        "in",
                                        "between",
                                        "like",
                                        "escape",
                                        "true",
                                        "false",
                                        "case",
                                        "select",
                                        "exists",
                                        "all",
                                        "any",
                                        "some",
                                        "user",
                                        "current_user",
                                        "session_user",
                                        "current_role",
                                        "current_date",
                                        "current_time",
                                        "current_timestamp",
                                        "current_catalog",
                                        "current_schema",
                                        "current_path",
                                        "localtime",
                                        "localtimestamp",
                                        "rowid",
                                        "interval",
                                        "cast",
                                        "row",
                                        "array",
                                        "distinct",
                                        "collate",
                                        "similar",
                                        "ilike",
                                        "glob",
                                        "default"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

struct Operand {
  std::string sql;
  FilterType type = FilterType::kOther;
  bool is_literal = false;
};

class Translator {
 public:
  Translator(std::vector<Token> tokens, const std::vector<FilterColumn>& columns,
             const query::Caller& caller)
      : tokens_(std::move(tokens)), columns_(columns), caller_(caller) {}

  Result<std::string> all() {
    auto sql = TRY(any_of());
    if (peek().kind != Token::Kind::kEnd) return unexpected();
    return sql;
  }

 private:
  const Token& peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool is_word(std::string_view word, size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::kWord && peek(ahead).text == word;
  }
  bool is_sign(std::string_view sign, size_t ahead = 0) const {
    return peek(ahead).kind == Token::Kind::kSign && peek(ahead).text == sign;
  }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    ++at_;
    return true;
  }
  bool take_sign(std::string_view sign) {
    if (!is_sign(sign)) return false;
    ++at_;
    return true;
  }
  Error unexpected() const {
    if (peek().kind == Token::Kind::kEnd) return unsupported("an end too early");
    return unsupported("'" + peek().text + "' at a place of its own");
  }

  Result<std::string> any_of() {
    if (++depth_ > kDepthMax) return unsupported("too many parentheses");
    std::string sql = TRY(all_of());
    while (take_word("or")) sql += " OR " + TRY(all_of());
    --depth_;
    return "(" + sql + ")";
  }

  Result<std::string> all_of() {
    std::string sql = TRY(negated());
    while (take_word("and")) sql += " AND " + TRY(negated());
    return sql;
  }

  Result<std::string> negated() {
    std::string prefix;
    for (int i = 0; take_word("not"); ++i) {
      if (i == kDepthMax) return unsupported("too many NOTs");
      prefix += "NOT ";
    }
    return prefix + TRY(condition());
  }

  Result<std::string> condition() {
    if (take_sign("(")) {
      auto inner = TRY(any_of());
      if (!take_sign(")")) return unexpected();
      return inner;
    }
    const Operand left = TRY(operand());
    if (take_word("is")) {
      const std::string negation = take_word("not") ? "NOT " : "";
      if (!take_word("null")) return unexpected();
      return "(" + left.sql + " IS " + negation + "NULL)";
    }
    for (const std::string_view sign : {"=", "<>", "<=", ">=", "<", ">"}) {
      if (!take_sign(sign)) continue;
      const Operand right = TRY(like(left));
      return "(" + left.sql + " " + std::string(sign) + " " + right.sql + ")";
    }
    const std::string negation = take_word("not") ? "NOT " : "";
    if (take_word("in")) return in_list(left, negation);
    if (take_word("between")) return between(left, negation);
    if (take_word("like")) return matches(left, negation);
    if (!negation.empty() || left.type != FilterType::kBoolean) return unexpected();
    return left.sql;
  }

  Result<std::string> in_list(const Operand& left, const std::string& negation) {
    if (!take_sign("(")) return unexpected();
    std::string sql = "(" + left.sql + " " + negation + "IN (";
    do {
      const Operand value = TRY(like(left));
      if (!value.is_literal) return unsupported("IN with a column in its list");
      sql += (sql.back() == '(' ? "" : ", ") + value.sql;
    } while (take_sign(","));
    if (!take_sign(")")) return unexpected();
    return sql + "))";
  }

  Result<std::string> between(const Operand& left, const std::string& negation) {
    const Operand low = TRY(like(left));
    if (!take_word("and")) return unexpected();
    const Operand high = TRY(like(left));
    return "(" + left.sql + " " + negation + "BETWEEN " + low.sql + " AND " + high.sql + ")";
  }

  Result<std::string> matches(const Operand& left, const std::string& negation) {
    if (left.type != FilterType::kText || peek().kind != Token::Kind::kText) {
      return unsupported("LIKE of something else than text");
    }
    const Operand pattern = TRY(operand());
    if (is_word("escape")) return unexpected();
    return "(" + left.sql + " " + negation + "LIKE " + pattern.sql + ")";
  }

  // An operand that compares with that one without a cast.
  Result<Operand> like(const Operand& other) {
    auto right = TRY(operand());
    if (right.type != other.type) return unsupported("a comparison of two types");
    if (right.type == FilterType::kOther) {
      return unsupported("a comparison of a type that has no order, or a time zone, or NaN");
    }
    return right;
  }

  Result<Operand> operand() {
    const Token token = peek();
    ++at_;
    switch (token.kind) {
      case Token::Kind::kText: return Operand{quoted(token.text, '\''), FilterType::kText, true};
      case Token::Kind::kNumber: return Operand{token.text, FilterType::kNumber, true};
      case Token::Kind::kQuotedName: return column(lower(token.text));
      case Token::Kind::kWord: return word(token.text);
      case Token::Kind::kSign:
        if (token.text == "-" && peek().kind == Token::Kind::kNumber) {
          return Operand{"-" + tokens_[at_++].text, FilterType::kNumber, true};
        }
        break;
      case Token::Kind::kEnd: break;
    }
    --at_;
    return unexpected();
  }

  Result<Operand> word(const std::string& text) {
    if (text == "true" || text == "false") return Operand{text, FilterType::kBoolean, true};
    if (text == "date" && peek().kind == Token::Kind::kText) {
      const std::string day = tokens_[at_++].text;
      if (!is_day(day)) return unsupported("the date '" + day + "'");
      return Operand{"DATE '" + day + "'", FilterType::kDate, true};
    }
    if (is_sign("(") && is_sign(")", 1)) {
      const std::string* value = text == "caller_id"      ? &caller_.id
                                 : text == "caller_email" ? &caller_.email
                                 : text == "caller_role"  ? &caller_.role
                                                          : nullptr;
      if (value == nullptr) return unsupported("the function " + text);
      at_ += 2;
      return Operand{quoted(*value, '\''), FilterType::kText, true};
    }
    if (is_sign("(")) return unsupported("the function " + text);
    if (is_reserved(text)) return unsupported("the word " + text);
    return column(text);
  }

  static bool is_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    for (const size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
      if (!is_digit(text[i])) return false;
    }
    return true;
  }

  Result<Operand> column(const std::string& name) {
    const FilterColumn* found = nullptr;
    for (const auto& column : columns_) {
      if (lower(column.name) != name) continue;
      if (found != nullptr) return unsupported("a column whose name stands twice");
      found = &column;
    }
    if (found == nullptr) return unsupported("'" + name + "', which is no column");
    std::string sql = quoted(found->name, '"');
    if (found->needs_cast) sql = "CAST(" + sql + " AS varchar)";
    return Operand{std::move(sql), found->type, false};
  }

  const std::vector<Token> tokens_;
  const std::vector<FilterColumn>& columns_;
  const query::Caller& caller_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<std::string> portable_filter(std::string_view filter,
                                    const std::vector<FilterColumn>& columns,
                                    const query::Caller& caller) {
  auto tokens = TRY(Lexer(filter).all());
  return Translator(std::move(tokens), columns, caller).all();
}

}  // namespace firn::federation
