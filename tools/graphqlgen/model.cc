#include "tools/graphqlgen/model.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tools/graphqlgen/names.h"

namespace firn::graphqlgen {
namespace {

using graphql::FieldDefinition;
using graphql::InputValue;
using graphql::NamedType;
using graphql::OperationKind;
using graphql::Type;
using graphql::TypeKind;

// Whether a struct with a member of this type holds it, rather than a vector or a pointer of it.
bool holds_by_value(const Type& type) {
  const Type& nullable = *type.nullable();
  if (nullable.is_list()) return false;
  const NamedType& named = *nullable.named;
  return named.kind == TypeKind::kUnion ||
         (named.kind == TypeKind::kObject && Model::is_value(named));
}

}  // namespace

Result<Model> Model::create(const graphql::Schema& schema, const Options& options) {
  Model model(schema, options);
  for (const auto& type : schema.types()) {
    if (type->is_built_in) continue;
    if (type->kind == TypeKind::kObject && !is_value(*type)) model.classes_.push_back(type.get());
  }
  TRY(model.check_scalars());
  TRY(model.check_roots());
  TRY(model.check_values());
  TRY(model.order_values());
  model.order_inputs();
  return model;
}

bool Model::is_value(const NamedType& type) { return type.directive("value") != nullptr; }

bool Model::is_root(const NamedType& type) const {
  return &type == schema_->root(OperationKind::kQuery) ||
         &type == schema_->root(OperationKind::kMutation) ||
         &type == schema_->root(OperationKind::kSubscription);
}

std::vector<const NamedType*> Model::of_kind(TypeKind kind) const {
  std::vector<const NamedType*> found;
  for (const auto& type : schema_->types()) {
    if (!type->is_built_in && type->kind == kind) found.push_back(type.get());
  }
  return found;
}

Status Model::check_scalars() const {
  for (const NamedType* type : of_kind(TypeKind::kScalar)) {
    if (options_->scalars.count(type->name) > 0) continue;
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{}: scalar {} has no C++ type; name one with --scalar {}=TYPE",
                             schema_->describe(type->place), type->name, type->name));
  }
  return {};
}

Status Model::check_roots() const {
  std::string problems;
  for (const NamedType* type : classes_) {
    if (!is_root(*type)) continue;
    for (const FieldDefinition& field : type->fields) {
      const auto wrong = [&](std::string_view what) {
        problems +=
            fmt::format("{}{}: the root field {}.{} has no {}", problems.empty() ? "" : "\n",
                        schema_->describe(field.place), type->name, field.name, what);
      };
      if (field.description.empty()) wrong("description");
      if (field.directive("auth") == nullptr) wrong("@auth directive");
    }
  }
  if (problems.empty()) return {};
  return Error(ErrorCode::kInvalidArgument, problems);
}

Status Model::check_values() const {
  for (const NamedType* type : of_kind(TypeKind::kObject)) {
    if (!is_value(*type)) continue;
    if (is_root(*type)) {
      return Error(ErrorCode::kInvalidArgument, fmt::format("{}: a root type cannot be a @value",
                                                            schema_->describe(type->place)));
    }
    for (const FieldDefinition& field : type->fields) {
      if (field.arguments.empty()) continue;
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: {}.{} takes arguments, which a field of a @value cannot",
                               schema_->describe(field.place), type->name, field.name));
    }
  }
  return {};
}

Status Model::order_values() {
  std::set<const NamedType*> done;
  std::vector<const NamedType*> under_way;
  const auto visit = [&](auto& self, const NamedType& type) -> Status {
    if (done.count(&type) > 0) return {};
    if (std::find(under_way.begin(), under_way.end(), &type) != under_way.end()) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: the @value {} holds itself; a list of it would do",
                               schema_->describe(type.place), type.name));
    }
    under_way.push_back(&type);
    for (const FieldDefinition& field : type.fields) {
      if (holds_by_value(*field.type)) TRY(self(self, *field.type->named));
    }
    if (type.kind == TypeKind::kUnion) {
      for (const NamedType* member : type.possible_types) {
        if (is_value(*member)) TRY(self(self, *member));
      }
    }
    under_way.pop_back();
    done.insert(&type);
    values_.push_back(&type);
    return {};
  };
  for (const auto& type : schema_->types()) {
    if (type->is_built_in) continue;
    const bool value = type->kind == TypeKind::kObject && is_value(*type);
    if (value || type->kind == TypeKind::kUnion) TRY(visit(visit, *type));
  }
  return {};
}

bool Model::is_recursive(const NamedType& input) const {
  std::set<const NamedType*> seen;
  const auto reaches = [&](auto& self, const NamedType& type) -> bool {
    for (const InputValue& field : type.input_fields) {
      const Type& nullable = *field.type->nullable();
      if (nullable.is_list() || nullable.named->kind != TypeKind::kInputObject) continue;
      if (nullable.named == &input) return true;
      if (seen.insert(nullable.named).second && self(self, *nullable.named)) return true;
    }
    return false;
  };
  return reaches(reaches, input);
}

void Model::order_inputs() {
  std::set<const NamedType*> seen;
  const auto visit = [&](auto& self, const NamedType& type) -> void {
    if (!seen.insert(&type).second) return;
    for (const InputValue& field : type.input_fields) {
      if (field.type->named->kind == TypeKind::kInputObject) self(self, *field.type->named);
    }
    inputs_.push_back(&type);
  };
  for (const NamedType* type : of_kind(TypeKind::kInputObject)) visit(visit, *type);
}

std::string Model::scalar_type(const NamedType& type) const {
  if (type.kind == TypeKind::kEnum) return type.name;
  if (type.name == "Int") return "int32_t";
  if (type.name == "Float") return "double";
  if (type.name == "Boolean") return "bool";
  if (type.is_built_in) return "std::string";
  return options_->scalars.at(type.name);
}

std::string Model::item_type(const Type& type) const {
  const NamedType& named = *type.named;
  if (named.is_leaf()) return scalar_type(named);
  return named.name;
}

std::string Model::output_type(const Type& type) const {
  const Type& nullable = *type.nullable();
  std::string name;
  if (nullable.is_list()) {
    name = fmt::format("std::vector<{}>", output_type(*nullable.of));
  } else {
    const NamedType& named = *nullable.named;
    if (named.kind == TypeKind::kObject && !is_value(named)) {
      return fmt::format("std::shared_ptr<const {}>", named.name);
    }
    name = item_type(nullable);
  }
  return type.is_non_null() ? name : fmt::format("std::optional<{}>", name);
}

std::string Model::input_type(const InputValue& value) const {
  const auto bare = [&](auto& self, const Type& nullable) -> std::string {
    if (!nullable.is_list()) {
      const NamedType& named = *nullable.named;
      if (named.kind == TypeKind::kInputObject && is_recursive(named)) {
        return fmt::format("std::shared_ptr<const {}>", named.name);
      }
      return item_type(nullable);
    }
    const Type& item = *nullable.of;
    if (item.nullable()->named->kind == TypeKind::kInputObject && !item.nullable()->is_list() &&
        item.is_non_null()) {
      return fmt::format("std::vector<{}>", item.named->name);
    }
    const std::string inner = self(self, *item.nullable());
    return item.is_non_null() ? fmt::format("std::vector<{}>", inner)
                              : fmt::format("std::vector<std::optional<{}>>", inner);
  };
  const std::string name = bare(bare, *value.type->nullable());
  const bool plain = value.type->is_non_null() || value.default_value.has_value();
  return plain ? name : fmt::format("graphql::Optional<{}>", name);
}

std::string Model::arguments_name(const FieldDefinition& field) {
  return field.parent->name + capitalized(field.name) + "Args";
}

}  // namespace firn::graphqlgen
