#include <fmt/format.h>

#include "graphql/printer.h"
#include "graphql/validation_internal.h"

namespace firn::graphql {
namespace {

// AreTypesCompatible() of section 5.8.5, with what defaults allow.
bool is_allowed(const Schema& schema, const Type& variable, const Node* variable_default,
                const Type& location, bool location_has_default) {
  if (location.is_non_null() && !variable.is_non_null()) {
    const bool has_value = variable_default != nullptr && variable_default->kind != NodeKind::kNull;
    if (!has_value && !location_has_default) return false;
    return schema.is_sub_type(variable, *location.of);
  }
  return schema.is_sub_type(variable, location);
}

}  // namespace

// 5.8.2 Variables are input types
void Validator::variables_are_input_types(const Node& definition) {
  const Type* type = schema_.type_of(*definition.type);
  if (type == nullptr || type->named->is_input()) return;
  context_.report(fmt::format("Variable \"${}\" cannot be non-input type \"{}\".",
                              definition.variable->name_text(), print(*definition.type)),
                  *definition.type);
}

// 5.8.1 Variable uniqueness
void Validator::unique_variable_names(const Node& operation) {
  std::vector<std::pair<std::string_view, Nodes>> groups;
  std::unordered_map<std::string_view, size_t> index;
  for (const Node* definition : operation.variables) {
    const std::string_view name = definition->variable->name_text();
    const auto [known, first] = index.emplace(name, groups.size());
    if (first) groups.emplace_back(name, Nodes());
    groups[known->second].second.push_back(definition->variable->name);
  }
  for (const auto& [name, nodes] : groups) {
    if (nodes.size() < 2) continue;
    context_.report(fmt::format("There can be only one variable named \"${}\".", name), nodes);
  }
}

void Validator::collect_usages(const Node& node, TypeInfo& info,
                               std::vector<VariableUsage>& usages) {
  if (node.kind == NodeKind::kVariableDefinition) return;
  info.enter(node);
  if (node.kind == NodeKind::kVariable) {
    usages.push_back({&node, info.input_type(), info.parent_input_type(), info.has_default()});
  }
  for_each_child(node, [&](const Node& child) { collect_usages(child, info, usages); });
  info.leave(node);
}

const std::vector<Validator::VariableUsage>& Validator::usages_in(const Node& definition) {
  auto& known = usages_[&definition];
  if (known == nullptr) {
    known = std::make_unique<std::vector<VariableUsage>>();
    TypeInfo info(schema_);
    collect_usages(definition, info, *known);
  }
  return *known;
}

std::vector<Validator::VariableUsage> Validator::recursive_usages(const Node& operation) {
  std::vector<VariableUsage> usages = usages_in(operation);
  const Nodes fragments = context_.reachable_fragments({&operation});
  context_.spend_fragment_work(fragments.size());
  for (const Node* fragment : fragments) {
    const auto& inner = usages_in(*fragment);
    context_.spend_fragment_work(inner.size());
    if (context_.aborted()) break;
    usages.insert(usages.end(), inner.begin(), inner.end());
  }
  return usages;
}

// 5.8.3 All variable uses defined
void Validator::no_undefined_variables(const Node& operation) {
  std::unordered_set<std::string_view> defined;
  for (const Node* definition : operation.variables) {
    defined.insert(definition->variable->name_text());
  }
  for (const VariableUsage& usage : recursive_usages(operation)) {
    const std::string_view name = usage.node->name_text();
    if (defined.count(name) > 0) continue;
    const std::string by =
        operation.name == nullptr ? "" : fmt::format(" by operation \"{}\"", operation.name_text());
    context_.report(fmt::format("Variable \"${}\" is not defined{}.", name, by),
                    {usage.node, &operation});
  }
}

// 5.8.4 All variables used
void Validator::no_unused_variables(const Node& operation) {
  std::unordered_set<std::string_view> used;
  for (const VariableUsage& usage : recursive_usages(operation)) {
    used.insert(usage.node->name_text());
  }
  for (const Node* definition : operation.variables) {
    const std::string_view name = definition->variable->name_text();
    if (used.count(name) > 0) continue;
    const std::string in =
        operation.name == nullptr ? "" : fmt::format(" in operation \"{}\"", operation.name_text());
    context_.report(fmt::format("Variable \"${}\" is never used{}.", name, in), *definition);
  }
}

// 5.8.5 All variable usages are allowed
void Validator::variables_in_allowed_position(const Node& operation) {
  std::unordered_map<std::string_view, const Node*> definitions;
  for (const Node* definition : operation.variables) {
    definitions[definition->variable->name_text()] = definition;
  }
  for (const VariableUsage& usage : recursive_usages(operation)) {
    const auto found = definitions.find(usage.node->name_text());
    if (found == definitions.end() || usage.type == nullptr) continue;
    const Node& definition = *found->second;
    const Type* type = schema_.type_of(*definition.type);
    const std::string_view name = usage.node->name_text();
    if (type != nullptr &&
        !is_allowed(schema_, *type, definition.value, *usage.type, usage.has_default)) {
      context_.report(fmt::format("Variable \"${}\" of type \"{}\" used in position expecting type "
                                  "\"{}\".",
                                  name, type->to_string(), usage.type->to_string()),
                      {&definition, usage.node});
    }
    const Type* parent = usage.parent_type;
    const bool in_one_of = parent != nullptr && parent->wrap == Type::Wrap::kNamed &&
                           parent->named->kind == TypeKind::kInputObject &&
                           parent->named->is_one_of;
    if (in_one_of && type != nullptr && !type->is_non_null()) {
      context_.report(
          fmt::format("Variable \"${}\" is of type \"{}\" but must be non-nullable to be "
                      "used for OneOf Input Object \"{}\".",
                      name, type->to_string(), parent->to_string()),
          {&definition, usage.node});
    }
  }
}

}  // namespace firn::graphql
