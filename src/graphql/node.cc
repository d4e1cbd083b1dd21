#include "graphql/node.h"

namespace firn::graphql {

std::string_view name_of(OperationKind kind) {
  switch (kind) {
    case OperationKind::kMutation: return "mutation";
    case OperationKind::kSubscription: return "subscription";
    default: return "query";
  }
}

bool is_type_definition(NodeKind kind) {
  switch (kind) {
    case NodeKind::kScalarTypeDefinition:
    case NodeKind::kObjectTypeDefinition:
    case NodeKind::kInterfaceTypeDefinition:
    case NodeKind::kUnionTypeDefinition:
    case NodeKind::kEnumTypeDefinition:
    case NodeKind::kInputObjectTypeDefinition: return true;
    default: return false;
  }
}

bool is_type_extension(NodeKind kind) {
  return kind >= NodeKind::kScalarTypeExtension && kind <= NodeKind::kInputObjectTypeExtension;
}

bool is_type_system(NodeKind kind) {
  return is_type_definition(kind) || is_type_extension(kind) ||
         kind == NodeKind::kSchemaDefinition || kind == NodeKind::kSchemaExtension ||
         kind == NodeKind::kDirectiveDefinition || kind == NodeKind::kDirectiveExtension;
}

}  // namespace firn::graphql
