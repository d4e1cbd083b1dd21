#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "graphql/parser_internal.h"

namespace firn::graphql {
namespace {

struct Keyword {
  std::string_view word;
  NodeKind definition;
  NodeKind extension;
};

constexpr Keyword kTypeKeywords[] = {
    {"scalar", NodeKind::kScalarTypeDefinition, NodeKind::kScalarTypeExtension},
    {"type", NodeKind::kObjectTypeDefinition, NodeKind::kObjectTypeExtension},
    {"interface", NodeKind::kInterfaceTypeDefinition, NodeKind::kInterfaceTypeExtension},
    {"union", NodeKind::kUnionTypeDefinition, NodeKind::kUnionTypeExtension},
    {"enum", NodeKind::kEnumTypeDefinition, NodeKind::kEnumTypeExtension},
    {"input", NodeKind::kInputObjectTypeDefinition, NodeKind::kInputObjectTypeExtension},
};

constexpr std::array<std::string_view, 20> kDirectiveLocations = {
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
    "DIRECTIVE_DEFINITION",
};

}  // namespace

// Null where the keyword begins nothing of the type system.
Node* Parser::parse_type_system(std::string_view keyword) {
  if (keyword == "schema") return parse_schema_definition();
  if (keyword == "directive") return parse_directive_definition();
  for (const Keyword& known : kTypeKeywords) {
    if (known.word == keyword) return parse_type_definition(known.definition, known.word);
  }
  return nullptr;
}

Node* Parser::parse_schema_definition() {
  Node* node = begin(NodeKind::kSchemaDefinition);
  node->description = parse_description();
  expect_keyword("schema");
  node->directives = parse_directives(true);
  node->items =
      many(TokenKind::kBraceLeft, &Parser::parse_operation_type_definition, TokenKind::kBraceRight);
  return finish(node);
}

Node* Parser::parse_operation_type_definition() {
  Node* node = begin(NodeKind::kOperationTypeDefinition);
  parse_operation_type(node);
  expect(TokenKind::kColon);
  node->type = parse_named_type();
  return finish(node);
}

Node* Parser::parse_type_definition(NodeKind kind, std::string_view keyword) {
  Node* node = begin(kind);
  node->description = parse_description();
  expect_keyword(keyword);
  node->name = parse_name();
  parse_type_body(node, kind);
  return finish(node);
}

// What follows the name, of a definition or of an extension.
void Parser::parse_type_body(Node* node, NodeKind definition_kind) {
  const bool has_fields = definition_kind == NodeKind::kObjectTypeDefinition ||
                          definition_kind == NodeKind::kInterfaceTypeDefinition;
  if (has_fields) node->interfaces = parse_interfaces();
  node->directives = parse_directives(true);
  if (has_fields) {
    node->items = optional_many(TokenKind::kBraceLeft, &Parser::parse_field_definition,
                                TokenKind::kBraceRight);
  } else if (definition_kind == NodeKind::kUnionTypeDefinition) {
    if (accept(TokenKind::kEquals)) {
      node->items = delimited(TokenKind::kPipe, &Parser::parse_named_type);
    }
  } else if (definition_kind == NodeKind::kEnumTypeDefinition) {
    node->items = optional_many(TokenKind::kBraceLeft, &Parser::parse_enum_value_definition,
                                TokenKind::kBraceRight);
  } else if (definition_kind == NodeKind::kInputObjectTypeDefinition) {
    node->items = optional_many(TokenKind::kBraceLeft, &Parser::parse_input_value_definition,
                                TokenKind::kBraceRight);
  }
}

NodeList Parser::parse_interfaces() {
  if (!accept_keyword("implements")) return {};
  return delimited(TokenKind::kAmp, &Parser::parse_named_type);
}

Node* Parser::parse_field_definition() {
  Node* node = begin(NodeKind::kFieldDefinition);
  node->description = parse_description();
  node->name = parse_name();
  node->arguments = optional_many(TokenKind::kParenLeft, &Parser::parse_input_value_definition,
                                  TokenKind::kParenRight);
  expect(TokenKind::kColon);
  node->type = parse_type();
  node->directives = parse_directives(true);
  return finish(node);
}

Node* Parser::parse_input_value_definition() {
  Node* node = begin(NodeKind::kInputValueDefinition);
  node->description = parse_description();
  node->name = parse_name();
  expect(TokenKind::kColon);
  node->type = parse_type();
  if (accept(TokenKind::kEquals)) node->value = parse_const_value();
  node->directives = parse_directives(true);
  return finish(node);
}

Node* Parser::parse_enum_value_definition() {
  Node* node = begin(NodeKind::kEnumValueDefinition);
  node->description = parse_description();
  if (peek_keyword("true") || peek_keyword("false") || peek_keyword("null")) {
    fail(token_.start, fmt::format("{} is reserved and cannot be used for an enum value.",
                                   describe_token(token_)));
  }
  node->name = parse_name();
  node->directives = parse_directives(true);
  return finish(node);
}

Node* Parser::parse_directive_definition() {
  Node* node = begin(NodeKind::kDirectiveDefinition);
  node->description = parse_description();
  expect_keyword("directive");
  expect(TokenKind::kAt);
  node->name = parse_name();
  node->arguments = optional_many(TokenKind::kParenLeft, &Parser::parse_input_value_definition,
                                  TokenKind::kParenRight);
  node->directives = parse_directives(true);
  node->flag = accept_keyword("repeatable");
  expect_keyword("on");
  node->items = delimited(TokenKind::kPipe, &Parser::parse_directive_location);
  return finish(node);
}

Node* Parser::parse_directive_location() {
  const Token token = token_;
  Node* node = parse_name();
  if (!failed() && std::find(kDirectiveLocations.begin(), kDirectiveLocations.end(), node->text) ==
                       kDirectiveLocations.end()) {
    unexpected(token);
  }
  return node;
}

Node* Parser::parse_extension() {
  const Token keyword = look_ahead();
  if (keyword.kind == TokenKind::kName && !failed()) {
    for (const Keyword& known : kTypeKeywords) {
      if (known.word == keyword.text) return parse_type_extension(known.extension, known.word);
    }
    if (keyword.text == "schema") {
      Node* node = begin(NodeKind::kSchemaExtension);
      advance();
      advance();
      node->directives = parse_directives(true);
      node->items = optional_many(TokenKind::kBraceLeft, &Parser::parse_operation_type_definition,
                                  TokenKind::kBraceRight);
      if (node->directives.empty() && node->items.empty()) unexpected(token_);
      return finish(node);
    }
    if (keyword.text == "directive") {
      Node* node = begin(NodeKind::kDirectiveExtension);
      advance();
      advance();
      expect(TokenKind::kAt);
      node->name = parse_name();
      node->directives = parse_directives(true);
      if (node->directives.empty()) unexpected(token_);
      return finish(node);
    }
  }
  unexpected(keyword);
  return begin(NodeKind::kDocument);
}

Node* Parser::parse_type_extension(NodeKind kind, std::string_view keyword) {
  Node* node = begin(kind);
  advance();
  expect_keyword(keyword);
  node->name = parse_name();
  const auto offset = static_cast<int>(kind) - static_cast<int>(NodeKind::kScalarTypeExtension);
  parse_type_body(node, kTypeKeywords[offset].definition);
  if (node->interfaces.empty() && node->directives.empty() && node->items.empty()) {
    unexpected(token_);
  }
  return finish(node);
}

}  // namespace firn::graphql
