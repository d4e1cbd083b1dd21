#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graphql/document.h"
#include "graphql/lexer.h"

namespace firn::graphql {

// A recursive descent parser. After the first error every token is kEnd and nothing is reported any
// more, so functions need not look for errors: loops end, and what was built is thrown away.
class Parser {
 public:
  static ParseOutcome run(std::string text, const ParseOptions& options);

 private:
  // One more level of nesting, for as long as it lives.
  class Level {
   public:
    explicit Level(Parser& parser);
    ~Level() { --parser_.nesting_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Parser& parser_;
  };

  Parser(Document& document, const ParseOptions& options)
      : document_(document), options_(options), lexer_(document.text_, document.arena_) {}

  // Tokens.
  bool failed() const { return error_.has_value(); }
  void fail(size_t offset, std::string message);
  void advance();
  const Token& look_ahead();
  bool peek(TokenKind kind) const { return token_.kind == kind; }
  bool peek_keyword(std::string_view word) const;
  bool accept(TokenKind kind);
  bool accept_keyword(std::string_view word);
  Token expect(TokenKind kind);
  void expect_keyword(std::string_view word);
  void unexpected(const Token& token);
  static std::string describe_token(const Token& token);

  // Nodes.
  Node* begin(NodeKind kind);
  Node* finish(Node* node);
  using ParseItem = Node* (Parser::*)();
  NodeList list(TokenKind close, ParseItem item);  // the opening token is behind us; one or more
  NodeList any(TokenKind open, ParseItem item, TokenKind close);
  NodeList many(TokenKind open, ParseItem item, TokenKind close);
  NodeList optional_many(TokenKind open, ParseItem item, TokenKind close);
  NodeList delimited(TokenKind delimiter, ParseItem item);

  // Executable documents (parser.cc).
  Node* parse_document();
  Node* parse_definition();
  Node* parse_name();
  Node* parse_fragment_name();
  Node* parse_operation();
  void parse_operation_type(Node* into);
  Node* parse_variable_definition();
  Node* parse_variable();
  Node* parse_selection_set();
  Node* parse_selection();
  Node* parse_field();
  Node* parse_argument();
  Node* parse_const_argument();
  Node* parse_spread();
  Node* parse_fragment_definition();
  Node* parse_value();
  Node* parse_const_value();
  Node* parse_value_of(bool is_const);
  Node* parse_leaf(NodeKind kind);
  Node* parse_object_field();
  Node* parse_const_object_field();
  Node* parse_object_field_of(bool is_const);
  Node* parse_string();
  Node* parse_description();
  bool peek_string() const;
  NodeList parse_directives(bool is_const);
  Node* parse_type();
  Node* parse_named_type();

  // Type system documents (parser_type_system.cc).
  Node* parse_type_system(std::string_view keyword);
  Node* parse_extension();
  Node* parse_type_extension(NodeKind kind, std::string_view keyword);
  Node* parse_schema_definition();
  Node* parse_operation_type_definition();
  Node* parse_type_definition(NodeKind kind, std::string_view keyword);
  void parse_type_body(Node* node, NodeKind definition_kind);
  NodeList parse_interfaces();
  Node* parse_field_definition();
  Node* parse_input_value_definition();
  Node* parse_enum_value_definition();
  Node* parse_directive_definition();
  Node* parse_directive_location();

  Document& document_;
  const ParseOptions& options_;
  Lexer lexer_;
  Token token_;
  Token ahead_;
  bool has_ahead_ = false;
  uint32_t last_end_ = 0;
  size_t tokens_ = 0;
  uint32_t nesting_ = 0;
  bool over_limit_ = false;
  std::optional<SyntaxError> error_;
};

}  // namespace firn::graphql
