#include "graphql/type_info.h"

namespace firn::graphql {
namespace {

const Type* as_output(const Type* type) {
  return type == nullptr || type->named->kind == TypeKind::kInputObject ? nullptr : type;
}
const Type* as_input(const Type* type) {
  return type == nullptr || !type->named->is_input() ? nullptr : type;
}

}  // namespace

void TypeInfo::enter(const Node& node) {
  switch (node.kind) {
    case NodeKind::kSelectionSet: {
      const NamedType* named = type() == nullptr ? nullptr : type()->named;
      parents_.push_back(named != nullptr && named->is_composite() ? named : nullptr);
      break;
    }
    case NodeKind::kField: {
      const FieldDefinition* field =
          parent_type() == nullptr ? nullptr : schema_.field(*parent_type(), node.name_text());
      fields_.push_back(field);
      types_.push_back(field == nullptr ? nullptr : as_output(field->type));
      break;
    }
    case NodeKind::kDirective: directive_ = schema_.directive(node.name_text()); break;
    case NodeKind::kOperationDefinition: {
      const NamedType* root = schema_.root(node.operation);
      types_.push_back(root == nullptr ? nullptr : &root->type);
      break;
    }
    case NodeKind::kInlineFragment:
    case NodeKind::kFragmentDefinition:
      if (node.type != nullptr) {
        types_.push_back(as_output(schema_.type_of(*node.type)));
      } else {
        types_.push_back(type() == nullptr ? nullptr : as_output(&type()->named->type));
      }
      break;
    case NodeKind::kVariableDefinition:
      inputs_.push_back(as_input(schema_.type_of(*node.type)));
      break;
    case NodeKind::kArgument: enter_argument(node); break;
    case NodeKind::kList: {
      const Type* list = input_type() == nullptr ? nullptr : input_type()->nullable();
      defaults_.push_back(false);
      inputs_.push_back(list != nullptr && list->is_list() ? list->of : nullptr);
      break;
    }
    case NodeKind::kObjectField: enter_object_field(node); break;
    default: break;
  }
}

void TypeInfo::enter_argument(const Node& node) {
  argument_ = nullptr;
  if (directive_ != nullptr) {
    argument_ = directive_->argument(node.name_text());
  } else if (field() != nullptr) {
    argument_ = field()->argument(node.name_text());
  }
  defaults_.push_back(argument_ != nullptr && argument_->default_value.has_value());
  inputs_.push_back(argument_ == nullptr ? nullptr : as_input(argument_->type));
}

void TypeInfo::enter_object_field(const Node& node) {
  const NamedType* object = input_type() == nullptr ? nullptr : input_type()->named;
  const InputValue* field = object != nullptr && object->kind == TypeKind::kInputObject
                                ? object->input_field(node.name_text())
                                : nullptr;
  defaults_.push_back(field != nullptr && field->default_value.has_value());
  inputs_.push_back(field == nullptr ? nullptr : as_input(field->type));
}

void TypeInfo::leave(const Node& node) {
  switch (node.kind) {
    case NodeKind::kSelectionSet: parents_.pop_back(); break;
    case NodeKind::kField:
      fields_.pop_back();
      types_.pop_back();
      break;
    case NodeKind::kDirective: directive_ = nullptr; break;
    case NodeKind::kOperationDefinition:
    case NodeKind::kInlineFragment:
    case NodeKind::kFragmentDefinition: types_.pop_back(); break;
    case NodeKind::kVariableDefinition: inputs_.pop_back(); break;
    case NodeKind::kArgument: argument_ = nullptr; [[fallthrough]];
    case NodeKind::kList:
    case NodeKind::kObjectField:
      defaults_.pop_back();
      inputs_.pop_back();
      break;
    default: break;
  }
}

}  // namespace firn::graphql
