#include "graphql/input_check.h"

#include <unordered_map>

#include <fmt/format.h>

#include "graphql/coercion.h"
#include "graphql/printer.h"
#include "graphql/suggestions.h"

namespace firn::graphql {
namespace {

std::string one_of_message(const NamedType& type) {
  return fmt::format(
      "Within OneOf Input Object type \"{}\", exactly one field must be specified, and the value "
      "for that field must be non-null.",
      type.name);
}

std::string unknown_field(const NamedType& type, std::string_view field, std::string_view found) {
  std::vector<std::string_view> names;
  for (const InputValue& known : type.input_fields) names.push_back(known.name);
  const std::string hint = did_you_mean(suggest(field, names));
  return fmt::format("Expected value of type \"{}\" not to include unknown field \"{}\"{}: {}.",
                     type.name, field, hint.empty() ? ", found" : "." + hint + " Found", found);
}

void check_object(const Node& literal, const NamedType& type, const Value* variables,
                  const LiteralProblem& report) {
  if (literal.kind != NodeKind::kObject) {
    return report(literal, fmt::format("Expected value of type \"{}\" to be an object, found: {}.",
                                       type.name, print(literal)));
  }
  std::unordered_map<std::string_view, const Node*> given;  // of one name the last
  for (const Node* node : literal.items) given[node->name_text()] = node;
  for (const InputValue& field : type.input_fields) {
    const auto found = given.find(field.name);
    if (found != given.end()) {
      check_literal(*found->second->value, *field.type, variables, report);
    } else if (field.type->is_non_null() && field.default_node == nullptr) {
      report(literal, fmt::format("Expected value of type \"{}\" to include required field \"{}\", "
                                  "found: {}.",
                                  type.name, field.name, print(literal)));
    }
  }
  std::vector<const Node*> known;
  for (const Node* node : literal.items) {
    if (type.input_field(node->name_text()) == nullptr) {
      report(*node, unknown_field(type, node->name_text(), print(literal)));
    } else {
      known.push_back(node);
    }
  }
  if (!type.is_one_of) return;
  if (known.size() != 1 || known[0]->value->kind == NodeKind::kNull) {
    report(literal, one_of_message(type));
  }
}

}  // namespace

void check_literal(const Node& literal, const Type& type, const Value* variables,
                   const LiteralProblem& report) {
  if (literal.kind == NodeKind::kVariable) return;
  if (literal.kind == NodeKind::kNull) {
    if (type.is_non_null()) {
      report(literal, fmt::format("Expected value of non-null type \"{}\" not to be null.",
                                  type.to_string()));
    }
    return;
  }
  const Type& nullable = *type.nullable();
  if (nullable.is_list()) {
    if (literal.kind != NodeKind::kList)
      return check_literal(literal, *nullable.of, variables, report);
    for (const Node* item : literal.items) check_literal(*item, *nullable.of, variables, report);
    return;
  }
  const NamedType& named = *nullable.named;
  if (named.kind == TypeKind::kInputObject) return check_object(literal, named, variables, report);
  if (!named.is_leaf()) return;
  const Status status = check_leaf(untyped_value(literal), named, InputOrigin::kLiteral);
  if (!status.ok()) report(literal, status.error().message());
}

namespace {

Value coerce_input_at(const Value& value, const Type& type, const std::string& path,
                      const ValueProblem& report);

Value coerce_input_object(const Value& value, const NamedType& type, const std::string& path,
                          const ValueProblem& report) {
  Value object = Value::object();
  if (value.kind != Value::Kind::kObject) {
    report(path, fmt::format("Expected value of type \"{}\" to be an object, found: {}.", type.name,
                             value.to_json()));
    return object;
  }
  for (const InputValue& field : type.input_fields) {
    if (const Value* given = value.field(field.name)) {
      object.fields.emplace_back(
          field.name, coerce_input_at(*given, *field.type, path + "." + field.name, report));
    } else if (field.default_value) {
      object.fields.emplace_back(field.name, *field.default_value);
    } else if (field.type->is_non_null()) {
      report(path, fmt::format("Expected value of type \"{}\" to include required field \"{}\", "
                               "found: {}.",
                               type.name, field.name, value.to_json()));
    }
  }
  for (const auto& [name, unused] : value.fields) {
    if (type.input_field(name) == nullptr) {
      report(path, unknown_field(type, name, value.to_json()));
    }
  }
  if (type.is_one_of && (object.fields.size() != 1 || object.fields[0].second.is_null())) {
    report(path, one_of_message(type));
  }
  return object;
}

Value coerce_input_at(const Value& value, const Type& type, const std::string& path,
                      const ValueProblem& report) {
  if (value.is_null()) {
    if (type.is_non_null()) {
      report(path, fmt::format("Expected value of non-null type \"{}\" not to be null.",
                               type.to_string()));
    }
    return {};
  }
  const Type& nullable = *type.nullable();
  if (nullable.is_list()) {
    Value list = Value::list();
    if (value.kind != Value::Kind::kList) {
      list.items.push_back(coerce_input_at(value, *nullable.of, path, report));
      return list;
    }
    for (size_t i = 0; i < value.items.size(); ++i) {
      list.items.push_back(
          coerce_input_at(value.items[i], *nullable.of, fmt::format("{}[{}]", path, i), report));
    }
    return list;
  }
  const NamedType& named = *nullable.named;
  if (named.kind == TypeKind::kInputObject) return coerce_input_object(value, named, path, report);
  auto coerced = coerce_leaf(value, named, InputOrigin::kJson);
  if (coerced.ok()) return std::move(*coerced);
  report(path, coerced.error().message());
  return {};
}

}  // namespace

Value coerce_input(const Value& value, const Type& type, const ValueProblem& report) {
  return coerce_input_at(value, type, {}, report);
}

}  // namespace firn::graphql
