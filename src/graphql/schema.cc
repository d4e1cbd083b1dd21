#include "graphql/schema.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include <fmt/format.h>

namespace firn::graphql {

// The list and non-null types that were ever asked for: bounded by the nesting of a document times
// the types, since each is kept once.
struct Schema::Wrappers {
  std::mutex mutex;
  std::deque<Type> types;
};

Schema::Schema() : wrappers_(std::make_shared<Wrappers>()) {}

std::string Type::to_string() const {
  switch (wrap) {
    case Wrap::kList: return "[" + of->to_string() + "]";
    case Wrap::kNonNull: return of->to_string() + "!";
    default: return named->name;
  }
}

namespace {

template <typename T>
const T* find_named(const std::vector<T>& items, std::string_view name) {
  for (const T& item : items) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

}  // namespace

const InputValue* FieldDefinition::argument(std::string_view wanted) const {
  return find_named(arguments, wanted);
}
const AppliedDirective* FieldDefinition::directive(std::string_view wanted) const {
  return find_named(directives, wanted);
}
const AppliedDirective* NamedType::directive(std::string_view wanted) const {
  return find_named(directives, wanted);
}
const InputValue* DirectiveDefinition::argument(std::string_view wanted) const {
  return find_named(arguments, wanted);
}
bool DirectiveDefinition::allows(std::string_view location) const {
  return std::find(locations.begin(), locations.end(), location) != locations.end();
}

const FieldDefinition* NamedType::field(std::string_view wanted) const {
  const auto found = index_.find(wanted);
  return fields.empty() || found == index_.end() ? nullptr : &fields[found->second];
}
const InputValue* NamedType::input_field(std::string_view wanted) const {
  const auto found = index_.find(wanted);
  return input_fields.empty() || found == index_.end() ? nullptr : &input_fields[found->second];
}
const EnumValue* NamedType::value(std::string_view wanted) const {
  const auto found = index_.find(wanted);
  return values.empty() || found == index_.end() ? nullptr : &values[found->second];
}

const NamedType* Schema::type(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

bool Schema::is_standard_type(std::string_view name) const {
  return std::any_of(types_.begin(), types_.end(),
                     [&](const auto& type) { return type->is_built_in && type->name == name; });
}

const DirectiveDefinition* Schema::directive(std::string_view name) const {
  const auto found = directive_by_name_.find(name);
  return found == directive_by_name_.end() ? nullptr : found->second;
}

const FieldDefinition* Schema::field(const NamedType& parent, std::string_view name) const {
  if (name.starts_with("__")) {
    if (name == "__typename") return &typename_field_;
    if (&parent == roots_[0]) {
      if (name == "__schema") return &schema_field_;
      if (name == "__type") return &type_field_;
    }
  }
  return parent.field(name);
}

const Type* Schema::list_of(const Type* type) const {
  std::lock_guard lock(wrappers_->mutex);
  auto* mutable_type = const_cast<Type*>(type);
  if (type->list == nullptr) {
    mutable_type->list = &wrappers_->types.emplace_back(
        Type{Type::Wrap::kList, type, type->named, nullptr, nullptr});
  }
  return type->list;
}

const Type* Schema::non_null_of(const Type* type) const {
  std::lock_guard lock(wrappers_->mutex);
  auto* mutable_type = const_cast<Type*>(type);
  if (type->non_null == nullptr) {
    mutable_type->non_null = &wrappers_->types.emplace_back(
        Type{Type::Wrap::kNonNull, type, type->named, nullptr, nullptr});
  }
  return type->non_null;
}

const Type* Schema::type_of(const Node& node) const {
  if (node.kind == NodeKind::kNamedType) {
    const NamedType* named = type(node.name_text());
    return named == nullptr ? nullptr : &named->type;
  }
  const Type* inner = type_of(*node.type);
  if (inner == nullptr) return nullptr;
  return node.kind == NodeKind::kListType ? list_of(inner) : non_null_of(inner);
}

bool Schema::is_possible(const NamedType& abstract, const NamedType& object) const {
  return object.id < abstract.possible_.size() && abstract.possible_[object.id];
}

bool Schema::overlap(const NamedType& a, const NamedType& b) const {
  if (&a == &b) return true;
  if (a.is_abstract() && b.is_abstract()) {
    return std::any_of(a.possible_types.begin(), a.possible_types.end(),
                       [&](const NamedType* type) { return is_possible(b, *type); });
  }
  if (a.is_abstract()) return is_possible(a, b);
  return b.is_abstract() && is_possible(b, a);
}

bool Schema::is_sub_type(const Type& sub, const Type& super) const {
  if (&sub == &super) return true;
  if (super.is_non_null()) return sub.is_non_null() && is_sub_type(*sub.of, *super.of);
  if (sub.is_non_null()) return is_sub_type(*sub.of, super);
  if (super.is_list()) return sub.is_list() && is_sub_type(*sub.of, *super.of);
  if (sub.is_list()) return false;
  const NamedType& wanted = *super.named;
  const NamedType& given = *sub.named;
  if (!wanted.is_abstract()) return false;
  if (given.kind == TypeKind::kInterface) {
    return std::find(given.interfaces.begin(), given.interfaces.end(), &wanted) !=
           given.interfaces.end();
  }
  return given.kind == TypeKind::kObject && is_possible(wanted, given);
}

void Schema::set_scalar_check(std::string_view scalar, ScalarCheck check) {
  const auto found = by_name_.find(scalar);
  if (found != by_name_.end()) found->second->check = std::move(check);
}

std::string Schema::describe(SourcePlace place) const {
  const auto& [name, document] = documents_.at(place.source);
  const Location at = location_at(document->text(), place.offset);
  return fmt::format("{}:{}:{}", name, at.line, at.column);
}

}  // namespace firn::graphql
