#pragma once

#include <vector>

#include "graphql/node.h"
#include "graphql/schema.h"

namespace firn::graphql {

// The types at the place in a document where a walk is: enter() each node before its children,
// leave() it after them. Null where the document does not fit the schema.
class TypeInfo {
 public:
  explicit TypeInfo(const Schema& schema) : schema_(schema) {}
  void enter(const Node& node);
  void leave(const Node& node);

  const Type* type() const { return top(types_); }
  const NamedType* parent_type() const { return top(parents_); }
  const Type* input_type() const { return top(inputs_); }
  const Type* parent_input_type() const {
    return inputs_.size() < 2 ? nullptr : inputs_[inputs_.size() - 2];
  }
  const FieldDefinition* field() const { return top(fields_); }
  // The value that is expected here has a default.
  bool has_default() const { return !defaults_.empty() && defaults_.back(); }
  const InputValue* argument() const { return argument_; }

 private:
  template <typename T>
  static const T* top(const std::vector<const T*>& stack) {
    return stack.empty() ? nullptr : stack.back();
  }
  void enter_argument(const Node& node);
  void enter_object_field(const Node& node);

  const Schema& schema_;
  std::vector<const Type*> types_;
  std::vector<const NamedType*> parents_;
  std::vector<const Type*> inputs_;
  std::vector<const FieldDefinition*> fields_;
  std::vector<bool> defaults_;
  const DirectiveDefinition* directive_ = nullptr;
  const InputValue* argument_ = nullptr;
};

// Calls `visit` for each child in the order in which rules look at them; descriptions are left out.
template <typename Visit>
void for_each_child(const Node& node, Visit visit) {
  if (node.alias != nullptr) visit(*node.alias);
  if (node.name != nullptr) visit(*node.name);
  if (node.variable != nullptr) visit(*node.variable);
  for (const Node* child : node.interfaces) visit(*child);
  for (const Node* child : node.variables) visit(*child);
  for (const Node* child : node.arguments) visit(*child);
  if (node.type != nullptr) visit(*node.type);
  if (node.value != nullptr) visit(*node.value);
  for (const Node* child : node.directives) visit(*child);
  for (const Node* child : node.items) visit(*child);
  if (node.selection_set != nullptr) visit(*node.selection_set);
}

}  // namespace firn::graphql
