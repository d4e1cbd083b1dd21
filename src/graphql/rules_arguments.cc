#include <algorithm>

#include <fmt/format.h>

#include "graphql/input_check.h"
#include "graphql/suggestions.h"
#include "graphql/validation_internal.h"

namespace firn::graphql {
namespace {

std::string_view location_name(const Node& applied_to, const Node* owner) {
  switch (applied_to.kind) {
    case NodeKind::kOperationDefinition:
      switch (applied_to.operation) {
        case OperationKind::kMutation: return "MUTATION";
        case OperationKind::kSubscription: return "SUBSCRIPTION";
        default: return "QUERY";
      }
    case NodeKind::kField: return "FIELD";
    case NodeKind::kFragmentSpread: return "FRAGMENT_SPREAD";
    case NodeKind::kInlineFragment: return "INLINE_FRAGMENT";
    case NodeKind::kFragmentDefinition: return "FRAGMENT_DEFINITION";
    case NodeKind::kVariableDefinition: return "VARIABLE_DEFINITION";
    case NodeKind::kSchemaDefinition:
    case NodeKind::kSchemaExtension: return "SCHEMA";
    case NodeKind::kScalarTypeDefinition:
    case NodeKind::kScalarTypeExtension: return "SCALAR";
    case NodeKind::kObjectTypeDefinition:
    case NodeKind::kObjectTypeExtension: return "OBJECT";
    case NodeKind::kFieldDefinition: return "FIELD_DEFINITION";
    case NodeKind::kInterfaceTypeDefinition:
    case NodeKind::kInterfaceTypeExtension: return "INTERFACE";
    case NodeKind::kUnionTypeDefinition:
    case NodeKind::kUnionTypeExtension: return "UNION";
    case NodeKind::kEnumTypeDefinition:
    case NodeKind::kEnumTypeExtension: return "ENUM";
    case NodeKind::kEnumValueDefinition: return "ENUM_VALUE";
    case NodeKind::kInputObjectTypeDefinition:
    case NodeKind::kInputObjectTypeExtension: return "INPUT_OBJECT";
    case NodeKind::kInputValueDefinition: {
      const bool field = owner != nullptr && (owner->kind == NodeKind::kInputObjectTypeDefinition ||
                                              owner->kind == NodeKind::kInputObjectTypeExtension);
      return field ? "INPUT_FIELD_DEFINITION" : "ARGUMENT_DEFINITION";
    }
    default: return "DIRECTIVE_DEFINITION";
  }
}

}  // namespace

const Validator::DirectiveRules* Validator::directive_rules(std::string_view name) const {
  const auto found = directives_.find(name);
  return found == directives_.end() ? nullptr : &found->second;
}

// 5.7.1 Directives are defined, 5.7.2 Directives are in valid locations
void Validator::known_directives(const Node& directive) {
  const std::string_view name = directive.name_text();
  const DirectiveRules* rules = directive_rules(name);
  if (rules == nullptr) {
    context_.report(fmt::format("Unknown directive \"@{}\".", name), directive);
    return;
  }
  const Node* owner = ancestors_.size() > 1 ? ancestors_[ancestors_.size() - 2] : nullptr;
  const std::string_view location = location_name(*parent(), owner);
  if (std::find(rules->locations.begin(), rules->locations.end(), location) ==
      rules->locations.end()) {
    context_.report(fmt::format("Directive \"@{}\" may not be used on {}.", name, location),
                    directive);
  }
}

// 5.7.3 Directives are unique per location
void Validator::unique_directives(const Node& node) {
  if (node.directives.empty()) return;
  std::unordered_map<std::string_view, const Node*> here;
  auto* seen = &here;
  const bool is_type = is_type_definition(node.kind) || is_type_extension(node.kind);
  if (is_type) seen = &seen_on_types_[node.name_text()];
  if (node.kind == NodeKind::kSchemaDefinition || node.kind == NodeKind::kSchemaExtension) {
    seen = &seen_on_types_["(schema)"];
  }
  for (const Node* directive : node.directives) {
    const DirectiveRules* rules = directive_rules(directive->name_text());
    if (rules == nullptr || rules->is_repeatable) continue;
    const auto [known, first] = seen->emplace(directive->name_text(), directive);
    if (first) continue;
    context_.report(fmt::format("The directive \"@{}\" can only be used once at this location.",
                                directive->name_text()),
                    {known->second, directive});
  }
}

// 5.4.1 Argument names
void Validator::known_argument_names_on_directive(const Node& directive) {
  const DirectiveRules* rules = directive_rules(directive.name_text());
  if (rules == nullptr) return;
  for (const Node* argument : directive.arguments) {
    const std::string_view name = argument->name_text();
    if (std::find(rules->arguments.begin(), rules->arguments.end(), name) !=
        rules->arguments.end()) {
      continue;
    }
    context_.report(
        fmt::format("Unknown argument \"{}\" on directive \"@{}\".{}", name, directive.name_text(),
                    did_you_mean(suggest(name, rules->arguments))),
        *argument);
  }
}

void Validator::known_argument_names(const Node& argument) {
  const FieldDefinition* field = info_.field();
  if (inside_directive_ > 0 || info_.argument() != nullptr || field == nullptr) return;
  std::vector<std::string_view> names;
  for (const InputValue& known : field->arguments) names.push_back(known.name);
  const std::string owner = field->parent == nullptr ? "" : field->parent->name + ".";
  context_.report(
      fmt::format("Unknown argument \"{}\" on field \"{}{}\".{}", argument.name_text(), owner,
                  field->name, did_you_mean(suggest(argument.name_text(), names))),
      argument);
}

// 5.4.2 Argument uniqueness
void Validator::unique_argument_names(const Node& node) {
  std::vector<std::pair<std::string_view, Nodes>> groups;
  std::unordered_map<std::string_view, size_t> index;
  for (const Node* argument : node.arguments) {
    const auto [known, first] = index.emplace(argument->name_text(), groups.size());
    if (first) groups.emplace_back(argument->name_text(), Nodes());
    groups[known->second].second.push_back(argument->name);
  }
  for (const auto& [name, nodes] : groups) {
    if (nodes.size() < 2) continue;
    context_.report(fmt::format("There can be only one argument named \"{}\".", name), nodes);
  }
}

// 5.6.1 Values of correct type, 5.6.2 to 5.6.4 Input objects
void Validator::values_of_correct_type(const Node& value) {
  // A list has put its items' type on top of its own.
  const Type* type = value.kind == NodeKind::kList ? info_.parent_input_type() : info_.input_type();
  if (type == nullptr) return;
  check_literal(value, *type, nullptr, [this](const Node& node, std::string message) {
    context_.report(std::move(message), node);
  });
}

// 5.4.3 Required arguments
void Validator::provided_required_arguments(const Node& node) {
  const FieldDefinition* field = info_.field();
  if (field == nullptr) return;
  for (const InputValue& definition : field->arguments) {
    if (!definition.is_required()) continue;
    const bool given =
        std::any_of(node.arguments.begin(), node.arguments.end(),
                    [&](const Node* argument) { return argument->name_text() == definition.name; });
    if (given) continue;
    const std::string owner = field->parent == nullptr ? "" : field->parent->name + ".";
    context_.report(fmt::format("Argument \"{}{}({}:)\" of type \"{}\" is required, but it was not "
                                "provided.",
                                owner, field->name, definition.name, definition.type->to_string()),
                    node);
  }
}

void Validator::provided_required_arguments_on_directive(const Node& directive) {
  const DirectiveRules* rules = directive_rules(directive.name_text());
  if (rules == nullptr) return;
  for (const auto& [name, type] : rules->required) {
    const bool given = std::any_of(
        directive.arguments.begin(), directive.arguments.end(),
        [&, wanted = name](const Node* argument) { return argument->name_text() == wanted; });
    if (given) continue;
    context_.report(fmt::format("Argument \"@{}({}:)\" of type \"{}\" is required, but it was not "
                                "provided.",
                                directive.name_text(), name, type),
                    directive);
  }
}

// 5.6.3 Input object field uniqueness
void Validator::unique_input_field_names(const Node& object) {
  std::unordered_map<std::string_view, const Node*> seen;
  for (const Node* field : object.items) {
    const auto [known, first] = seen.emplace(field->name_text(), field->name);
    if (first) continue;
    context_.report(
        fmt::format("There can be only one input field named \"{}\".", field->name_text()),
        {known->second, field->name});
  }
}

}  // namespace firn::graphql
