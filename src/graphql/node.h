#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace firn::graphql {

enum class NodeKind : uint8_t {
  kDocument,
  kName,
  kOperationDefinition,
  kVariableDefinition,
  kVariable,
  kSelectionSet,
  kField,
  kArgument,
  kFragmentSpread,
  kInlineFragment,
  kFragmentDefinition,
  kInt,
  kFloat,
  kString,
  kBoolean,
  kNull,
  kEnum,
  kList,
  kObject,
  kObjectField,
  kDirective,
  kNamedType,
  kListType,
  kNonNullType,
  kSchemaDefinition,
  kOperationTypeDefinition,
  kScalarTypeDefinition,
  kObjectTypeDefinition,
  kFieldDefinition,
  kInputValueDefinition,
  kInterfaceTypeDefinition,
  kUnionTypeDefinition,
  kEnumTypeDefinition,
  kEnumValueDefinition,
  kInputObjectTypeDefinition,
  kDirectiveDefinition,
  kSchemaExtension,
  kScalarTypeExtension,
  kObjectTypeExtension,
  kInterfaceTypeExtension,
  kUnionTypeExtension,
  kEnumTypeExtension,
  kInputObjectTypeExtension,
  kDirectiveExtension,
};

enum class OperationKind : uint8_t { kQuery, kMutation, kSubscription };
std::string_view name_of(OperationKind kind);

struct Node;
using NodeList = std::span<Node* const>;

// One node of a document's syntax tree; which members a kind uses is said beside them. Lives in its
// Document's arena, and points into its text.
struct Node {
  NodeKind kind;
  OperationKind operation = OperationKind::kQuery;  // operations and operation types
  // Boolean: its value. String: it is a block string. Directive definition: it is repeatable.
  bool flag = false;
  uint32_t start = 0;  // byte offsets in the text
  uint32_t end = 0;
  // Name: itself. Int, Float: as written. String: decoded. Enum: its name.
  std::string_view text;
  Node* description = nullptr;
  // Definitions, extensions, fields, arguments, object fields, directives, named types, spreads,
  // variables: their name.
  Node* name = nullptr;
  Node* alias = nullptr;  // fields
  // List and non-null types: what they wrap. Variable, field and input value definitions: their
  // type. Fragments: the type condition. Operation type definitions: the type.
  Node* type = nullptr;
  // Arguments, object fields: the value. Variable and input value definitions: the default.
  Node* value = nullptr;
  Node* variable = nullptr;  // variable definitions
  Node* selection_set = nullptr;
  // Document: definitions. Selection set: selections. List: values. Object: fields. Type
  // definitions: fields, values or members. Schema definition: operation types. Directive
  // definition: locations, as names.
  NodeList items;
  NodeList arguments;   // fields, directives; field and directive definitions: their arguments
  NodeList directives;  // wherever they are allowed
  NodeList variables;   // operations: variable definitions
  NodeList interfaces;  // object and interface types

  std::string_view name_text() const { return name == nullptr ? std::string_view() : name->text; }
};

bool is_type_definition(NodeKind kind);
bool is_type_extension(NodeKind kind);
// A definition or extension of the type system: not executable.
bool is_type_system(NodeKind kind);

}  // namespace firn::graphql
