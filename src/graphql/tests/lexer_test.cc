#include "graphql/lexer.h"

#include <gtest/gtest.h>

#include <vector>

#include "graphql/location.h"

namespace firn::graphql {
namespace {

std::vector<Token> lex(std::string_view text, Arena& arena, std::optional<SyntaxError>& error) {
  Lexer lexer(text, arena);
  std::vector<Token> tokens;
  Token token;
  do {
    token = lexer.next(token);
    tokens.push_back(token);
  } while (token.kind != TokenKind::kEnd);
  error = lexer.error();
  return tokens;
}

std::string only_text(std::string_view text) {
  Arena arena;
  std::optional<SyntaxError> error;
  const auto tokens = lex(text, arena, error);
  if (error) return "error: " + error->message;
  return std::string(tokens.at(0).text);
}

TEST(LexerTest, strings_and_their_escapes) {
  EXPECT_EQ(only_text(R"("plain")"), "plain");
  EXPECT_EQ(only_text(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(only_text(R"("\u00e9 \u{1F600} \uD83D\uDE00")"), "é 😀 😀");
  EXPECT_EQ(only_text(R"("\uD83D")"), "error: Invalid Unicode escape sequence: \"\\uD83D\".");
  EXPECT_EQ(only_text(R"("\u{110000}")"),
            "error: Invalid Unicode escape sequence: \"\\u{110000}\".");
  EXPECT_EQ(only_text(R"("\x")"), "error: Invalid character escape sequence: \"\\x\".");
  EXPECT_EQ(only_text("\"a\nb\""), "error: Unterminated string.");
}

TEST(LexerTest, block_strings_lose_their_indentation) {
  EXPECT_EQ(only_text("\"\"\"\n    a\n      b\n\n    c\n  \"\"\""), "a\n  b\n\nc");
  EXPECT_EQ(only_text("\"\"\"one \\\"\"\" two\"\"\""), "one \"\"\" two");
  EXPECT_EQ(only_text("\"\"\"a\r\nb\rc\"\"\""), "a\nb\nc");
}

TEST(LexerTest, numbers) {
  EXPECT_EQ(only_text("-0.5e+10"), "-0.5e+10");
  EXPECT_EQ(only_text("00"), "error: Invalid number, unexpected digit after 0: \"0\".");
  EXPECT_EQ(only_text("1."), "error: Invalid number, expected digit but got: <EOF>.");
  EXPECT_EQ(only_text("1x"), "error: Invalid number, expected digit but got: \"x\".");
  EXPECT_EQ(only_text(".5"),
            "error: Invalid number, expected digit before \".\", did you mean \"0.5\"?");
}

TEST(LexerTest, places_are_counted_as_graphql_js_does) {
  // LF, CR and CRLF end lines, U+2028 does not; columns are UTF-16 code units.
  const std::string_view text = "a\nb\rc\r\n\xE2\x80\xA8 d \xF0\x9F\x98\x80 e";
  EXPECT_EQ(location_at(text, text.find('b')), (Location{2, 1}));
  EXPECT_EQ(location_at(text, text.find('c')), (Location{3, 1}));
  EXPECT_EQ(location_at(text, text.find('d')), (Location{4, 3}));
  EXPECT_EQ(location_at(text, text.find('e')), (Location{4, 8}));
}

}  // namespace
}  // namespace firn::graphql
