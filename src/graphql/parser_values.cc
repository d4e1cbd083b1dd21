#include <fmt/format.h>

#include "graphql/parser_internal.h"

// Values, directives and type references of either kind of document.
namespace firn::graphql {

Node* Parser::parse_value() { return parse_value_of(false); }
Node* Parser::parse_const_value() { return parse_value_of(true); }

Node* Parser::parse_leaf(NodeKind kind) {
  Node* node = begin(kind);
  node->text = token_.text;
  node->flag = kind == NodeKind::kBoolean && token_.text == "true";
  advance();
  return finish(node);
}

Node* Parser::parse_value_of(bool is_const) {
  const Level level(*this);
  switch (token_.kind) {
    case TokenKind::kBracketLeft: {
      Node* node = begin(NodeKind::kList);
      node->items =
          any(TokenKind::kBracketLeft, is_const ? &Parser::parse_const_value : &Parser::parse_value,
              TokenKind::kBracketRight);
      return finish(node);
    }
    case TokenKind::kBraceLeft: {
      Node* node = begin(NodeKind::kObject);
      node->items = any(TokenKind::kBraceLeft,
                        is_const ? &Parser::parse_const_object_field : &Parser::parse_object_field,
                        TokenKind::kBraceRight);
      return finish(node);
    }
    case TokenKind::kInt: return parse_leaf(NodeKind::kInt);
    case TokenKind::kFloat: return parse_leaf(NodeKind::kFloat);
    case TokenKind::kString:
    case TokenKind::kBlockString: return parse_string();
    case TokenKind::kName:
      if (token_.text == "true" || token_.text == "false") return parse_leaf(NodeKind::kBoolean);
      if (token_.text == "null") return parse_leaf(NodeKind::kNull);
      return parse_leaf(NodeKind::kEnum);
    case TokenKind::kDollar: {
      if (!is_const) return parse_variable();
      const Token dollar = expect(TokenKind::kDollar);
      if (peek(TokenKind::kName)) {
        fail(dollar.start,
             fmt::format("Unexpected variable \"${}\" in constant value.", token_.text));
      } else {
        unexpected(dollar);
      }
      return begin(NodeKind::kNull);
    }
    default: unexpected(token_); return begin(NodeKind::kNull);
  }
}

Node* Parser::parse_object_field() { return parse_object_field_of(false); }
Node* Parser::parse_const_object_field() { return parse_object_field_of(true); }

Node* Parser::parse_object_field_of(bool is_const) {
  Node* node = begin(NodeKind::kObjectField);
  node->name = parse_name();
  expect(TokenKind::kColon);
  node->value = parse_value_of(is_const);
  return finish(node);
}

bool Parser::peek_string() const {
  return peek(TokenKind::kString) || peek(TokenKind::kBlockString);
}

Node* Parser::parse_string() {
  Node* node = begin(NodeKind::kString);
  node->text = token_.text;
  node->flag = peek(TokenKind::kBlockString);
  advance();
  return finish(node);
}

Node* Parser::parse_description() { return peek_string() ? parse_string() : nullptr; }

NodeList Parser::parse_directives(bool is_const) {
  std::vector<Node*> nodes;
  while (peek(TokenKind::kAt)) {
    Node* node = begin(NodeKind::kDirective);
    advance();
    node->name = parse_name();
    node->arguments = optional_many(
        TokenKind::kParenLeft, is_const ? &Parser::parse_const_argument : &Parser::parse_argument,
        TokenKind::kParenRight);
    nodes.push_back(finish(node));
  }
  return document_.arena_.copy(nodes);
}

Node* Parser::parse_type() {
  const Level level(*this);
  Node* type = nullptr;
  const uint32_t start = token_.start;
  if (peek(TokenKind::kBracketLeft)) {
    type = begin(NodeKind::kListType);
    advance();
    type->type = parse_type();
    expect(TokenKind::kBracketRight);
    finish(type);
  } else {
    type = parse_named_type();
  }
  if (!accept(TokenKind::kBang)) return type;
  Node* node = begin(NodeKind::kNonNullType);
  node->start = start;
  node->type = type;
  return finish(node);
}

Node* Parser::parse_named_type() {
  Node* node = begin(NodeKind::kNamedType);
  node->name = parse_name();
  return finish(node);
}

}  // namespace firn::graphql
