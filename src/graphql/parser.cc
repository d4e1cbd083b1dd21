#include <fmt/format.h>

#include "graphql/parser_internal.h"

namespace firn::graphql {

Location Document::location_of(const Node& node) const { return location_at(text_, node.start); }

ParseOutcome parse(std::string text, const ParseOptions& options) {
  return Parser::run(std::move(text), options);
}

ParseOutcome Parser::run(std::string text, const ParseOptions& options) {
  std::shared_ptr<Document> document(new Document());
  document->text_ = std::move(text);
  Parser parser(*document, options);
  ParseOutcome outcome;
  if (document->text_.size() > UINT32_MAX / 2) {
    parser.fail(0, "Syntax Error: The document is too large.");
  }
  document->root_ = parser.parse_document();
  document->token_count_ = parser.tokens_;
  outcome.over_limit = parser.over_limit_;
  if (parser.failed()) {
    outcome.error.message = "Syntax Error: " + parser.error_->message;
    outcome.error.locations = {location_at(document->text_, parser.error_->offset)};
  } else {
    outcome.document = std::move(document);
  }
  return outcome;
}

// --- Tokens

void Parser::fail(size_t offset, std::string message) {
  if (!error_) error_ = SyntaxError{offset, std::move(message)};
  token_ = {TokenKind::kEnd, token_.end, token_.end, {}};
  has_ahead_ = false;
}

void Parser::advance() {
  if (failed()) return;
  last_end_ = token_.end;
  token_ = has_ahead_ ? ahead_ : lexer_.next(token_);
  has_ahead_ = false;
  if (lexer_.error()) return fail(lexer_.error()->offset, lexer_.error()->message);
  if (token_.kind == TokenKind::kEnd || ++tokens_ <= options_.tokens_max) return;
  over_limit_ = true;
  fail(token_.start,
       fmt::format("Document contains more than {} tokens. Parsing aborted.", options_.tokens_max));
}

const Token& Parser::look_ahead() {
  if (!has_ahead_ && !failed()) {
    ahead_ = lexer_.next(token_);
    has_ahead_ = true;
    if (lexer_.error()) fail(lexer_.error()->offset, lexer_.error()->message);
  }
  return failed() ? token_ : ahead_;
}

std::string Parser::describe_token(const Token& token) {
  if (!token.has_text()) return std::string(describe(token.kind));
  return fmt::format("{} \"{}\"", describe(token.kind), token.text);
}

void Parser::unexpected(const Token& token) {
  fail(token.start, fmt::format("Unexpected {}.", describe_token(token)));
}

bool Parser::peek_keyword(std::string_view word) const {
  return token_.kind == TokenKind::kName && token_.text == word;
}

bool Parser::accept(TokenKind kind) {
  if (token_.kind != kind || failed()) return false;
  advance();
  return true;
}

bool Parser::accept_keyword(std::string_view word) {
  if (!peek_keyword(word)) return false;
  advance();
  return true;
}

Token Parser::expect(TokenKind kind) {
  const Token token = token_;
  if (token.kind == kind && !failed()) {
    advance();
  } else {
    fail(token.start, fmt::format("Expected {}, found {}.", describe(kind), describe_token(token)));
  }
  return token;
}

void Parser::expect_keyword(std::string_view word) {
  if (accept_keyword(word)) return;
  fail(token_.start, fmt::format("Expected \"{}\", found {}.", word, describe_token(token_)));
}

Parser::Level::Level(Parser& parser) : parser_(parser) {
  if (++parser_.nesting_ <= parser_.options_.nesting_max || parser_.failed()) return;
  parser_.over_limit_ = true;
  parser_.fail(parser_.token_.start, "Document is nested too deeply. Parsing aborted.");
}

// --- Nodes

Node* Parser::begin(NodeKind kind) {
  Node* node = document_.arena_.make<Node>();
  node->kind = kind;
  node->start = token_.start;
  return node;
}

Node* Parser::finish(Node* node) {
  node->end = last_end_;
  return node;
}

NodeList Parser::list(TokenKind close, ParseItem item) {
  std::vector<Node*> nodes;
  do {
    nodes.push_back((this->*item)());
  } while (!failed() && !accept(close));
  return document_.arena_.copy(nodes);
}

NodeList Parser::any(TokenKind open, ParseItem item, TokenKind close) {
  expect(open);
  if (failed() || accept(close)) return {};
  return list(close, item);
}

NodeList Parser::many(TokenKind open, ParseItem item, TokenKind close) {
  expect(open);
  return failed() ? NodeList() : list(close, item);
}

NodeList Parser::optional_many(TokenKind open, ParseItem item, TokenKind close) {
  return accept(open) ? list(close, item) : NodeList();
}

NodeList Parser::delimited(TokenKind delimiter, ParseItem item) {
  std::vector<Node*> nodes;
  accept(delimiter);
  do {
    nodes.push_back((this->*item)());
  } while (!failed() && accept(delimiter));
  return document_.arena_.copy(nodes);
}

// --- Documents

Node* Parser::parse_document() {
  Node* node = begin(NodeKind::kDocument);
  advance();
  std::vector<Node*> definitions;
  do {
    definitions.push_back(parse_definition());
  } while (!failed() && !peek(TokenKind::kEnd));
  node->items = document_.arena_.copy(definitions);
  node->end = static_cast<uint32_t>(document_.text_.size());
  return node;
}

Node* Parser::parse_definition() {
  if (peek(TokenKind::kBraceLeft)) return parse_operation();
  const bool described = peek_string();
  const Token keyword = described ? look_ahead() : token_;
  if (described && keyword.kind == TokenKind::kBraceLeft) {
    fail(token_.start,
         "Unexpected description, descriptions are not supported on shorthand queries.");
  }
  if (keyword.kind == TokenKind::kName && !failed()) {
    if (Node* node = parse_type_system(keyword.text)) return node;
    if (keyword.text == "query" || keyword.text == "mutation" || keyword.text == "subscription") {
      return parse_operation();
    }
    if (keyword.text == "fragment") return parse_fragment_definition();
    if (described) {
      fail(token_.start, "Unexpected description, only GraphQL definitions support descriptions.");
    }
    if (keyword.text == "extend") return parse_extension();
  }
  unexpected(keyword);
  return begin(NodeKind::kDocument);
}

Node* Parser::parse_name() {
  Node* node = begin(NodeKind::kName);
  node->text = expect(TokenKind::kName).text;
  return finish(node);
}

Node* Parser::parse_fragment_name() {
  if (peek_keyword("on")) unexpected(token_);
  return parse_name();
}

Node* Parser::parse_operation() {
  Node* node = begin(NodeKind::kOperationDefinition);
  if (!peek(TokenKind::kBraceLeft)) {
    node->description = parse_description();
    parse_operation_type(node);
    if (peek(TokenKind::kName)) node->name = parse_name();
    node->variables = optional_many(TokenKind::kParenLeft, &Parser::parse_variable_definition,
                                    TokenKind::kParenRight);
    node->directives = parse_directives(false);
  }
  node->selection_set = parse_selection_set();
  return finish(node);
}

void Parser::parse_operation_type(Node* into) {
  const Token token = expect(TokenKind::kName);
  if (token.text == "mutation") {
    into->operation = OperationKind::kMutation;
  } else if (token.text == "subscription") {
    into->operation = OperationKind::kSubscription;
  } else if (token.text != "query") {
    unexpected(token);
  }
}

Node* Parser::parse_variable_definition() {
  Node* node = begin(NodeKind::kVariableDefinition);
  node->description = parse_description();
  node->variable = parse_variable();
  expect(TokenKind::kColon);
  node->type = parse_type();
  if (accept(TokenKind::kEquals)) node->value = parse_const_value();
  node->directives = parse_directives(true);
  return finish(node);
}

Node* Parser::parse_variable() {
  Node* node = begin(NodeKind::kVariable);
  expect(TokenKind::kDollar);
  node->name = parse_name();
  return finish(node);
}

Node* Parser::parse_selection_set() {
  const Level level(*this);
  Node* node = begin(NodeKind::kSelectionSet);
  node->items = options_.empty_selections
                    ? any(TokenKind::kBraceLeft, &Parser::parse_selection, TokenKind::kBraceRight)
                    : many(TokenKind::kBraceLeft, &Parser::parse_selection, TokenKind::kBraceRight);
  return finish(node);
}

Node* Parser::parse_selection() {
  return peek(TokenKind::kSpread) ? parse_spread() : parse_field();
}

Node* Parser::parse_field() {
  Node* node = begin(NodeKind::kField);
  node->name = parse_name();
  if (accept(TokenKind::kColon)) {
    node->alias = node->name;
    node->name = parse_name();
  }
  node->arguments =
      optional_many(TokenKind::kParenLeft, &Parser::parse_argument, TokenKind::kParenRight);
  node->directives = parse_directives(false);
  if (peek(TokenKind::kBraceLeft)) node->selection_set = parse_selection_set();
  return finish(node);
}

Node* Parser::parse_argument() {
  Node* node = begin(NodeKind::kArgument);
  node->name = parse_name();
  expect(TokenKind::kColon);
  node->value = parse_value();
  return finish(node);
}

Node* Parser::parse_const_argument() {
  Node* node = begin(NodeKind::kArgument);
  node->name = parse_name();
  expect(TokenKind::kColon);
  node->value = parse_const_value();
  return finish(node);
}

Node* Parser::parse_spread() {
  Node* node = begin(NodeKind::kInlineFragment);
  expect(TokenKind::kSpread);
  const bool conditioned = accept_keyword("on");
  if (!conditioned && peek(TokenKind::kName)) {
    node->kind = NodeKind::kFragmentSpread;
    node->name = parse_fragment_name();
    node->directives = parse_directives(false);
    return finish(node);
  }
  if (conditioned) node->type = parse_named_type();
  node->directives = parse_directives(false);
  node->selection_set = parse_selection_set();
  return finish(node);
}

Node* Parser::parse_fragment_definition() {
  Node* node = begin(NodeKind::kFragmentDefinition);
  node->description = parse_description();
  expect_keyword("fragment");
  node->name = parse_fragment_name();
  expect_keyword("on");
  node->type = parse_named_type();
  node->directives = parse_directives(false);
  node->selection_set = parse_selection_set();
  return finish(node);
}

}  // namespace firn::graphql
