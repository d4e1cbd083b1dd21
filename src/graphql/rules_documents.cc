#include <algorithm>

#include <fmt/format.h>

#include "graphql/validation_internal.h"

namespace firn::graphql {

// 5.1.1 Executable definitions
void Validator::executable_definitions() {
  for (const Node* definition : context_.document().definitions()) {
    if (!is_type_system(definition->kind)) continue;
    const bool is_schema = definition->kind == NodeKind::kSchemaDefinition ||
                           definition->kind == NodeKind::kSchemaExtension;
    const std::string name = is_schema ? "schema" : fmt::format("\"{}\"", definition->name_text());
    context_.report(fmt::format("The {} definition is not executable.", name), *definition);
  }
}

// 5.2.1.1 Operation type existence
void Validator::known_operation_types(const Node& operation) {
  if (schema_.root(operation.operation) != nullptr) return;
  context_.report(
      fmt::format("The {} operation is not supported by the schema.", name_of(operation.operation)),
      operation);
}

// 5.2.2.1 Operation name uniqueness
void Validator::unique_operation_names(const Node& operation) {
  if (operation.name == nullptr) return;
  const auto [known, first] = operation_names_.emplace(operation.name_text(), operation.name);
  if (first) return;
  context_.report(
      fmt::format("There can be only one operation named \"{}\".", operation.name_text()),
      {known->second, operation.name});
}

// 5.2.3.1 Lone anonymous operation
void Validator::lone_anonymous_operation(const Node& operation) {
  if (operation.name != nullptr || operation_count_ <= 1) return;
  context_.report("This anonymous operation must be the only defined operation.", operation);
}

// CollectFields for a subscription's root, where neither @skip nor @include may be.
void Validator::collect_root_fields(const Node& selection_set, const NamedType& root,
                                    std::vector<std::pair<std::string_view, Nodes>>& groups,
                                    Nodes& forbidden,
                                    std::unordered_set<std::string_view>& visited) {
  context_.spend_fragment_work(selection_set.items.size());
  if (context_.aborted()) return;
  for (const Node* selection : selection_set.items) {
    const Node* skip = nullptr;
    const Node* include = nullptr;
    for (const Node* directive : selection->directives) {
      if (skip == nullptr && directive->name_text() == "skip") skip = directive;
      if (include == nullptr && directive->name_text() == "include") include = directive;
    }
    if (skip != nullptr || include != nullptr) {
      forbidden.push_back(skip != nullptr ? skip : include);
      continue;
    }
    if (selection->kind == NodeKind::kField) {
      const Node* key = selection->alias != nullptr ? selection->alias : selection->name;
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const auto& known) { return known.first == key->text; });
      if (group == groups.end()) group = groups.insert(groups.end(), {key->text, {}});
      group->second.push_back(selection);
      continue;
    }
    const Node* fragment = selection;
    if (selection->kind == NodeKind::kFragmentSpread) {
      fragment = context_.fragment(selection->name_text());
      if (fragment == nullptr) continue;
    }
    if (fragment->type != nullptr) {
      const NamedType* type = schema_.type(fragment->type->name_text());
      const bool applies = type != nullptr && (type == &root || schema_.is_possible(*type, root));
      if (!applies) continue;
    }
    if (fragment != selection && !visited.insert(selection->name_text()).second) continue;
    collect_root_fields(*fragment->selection_set, root, groups, forbidden, visited);
  }
}

// 5.2.4.1 Single root field
void Validator::single_field_subscriptions(const Node& operation) {
  const NamedType* root = schema_.root(OperationKind::kSubscription);
  if (operation.operation != OperationKind::kSubscription || root == nullptr) return;
  std::vector<std::pair<std::string_view, Nodes>> groups;
  Nodes forbidden;
  std::unordered_set<std::string_view> visited;
  collect_root_fields(*operation.selection_set, *root, groups, forbidden, visited);
  const std::string who = operation.name == nullptr
                              ? "Anonymous Subscription"
                              : fmt::format("Subscription \"{}\"", operation.name_text());
  if (!forbidden.empty()) {
    context_.report(who +
                        " must not use `@skip` or `@include` directives in the top level "
                        "selection.",
                    forbidden);
    return;
  }
  if (groups.empty()) {
    context_.report(who + " must select one top level field.", *operation.selection_set);
  } else if (groups.size() > 1) {
    Nodes extra;
    for (size_t i = 1; i < groups.size(); ++i) {
      extra.insert(extra.end(), groups[i].second.begin(), groups[i].second.end());
    }
    context_.report(who + " must select only one top level field.", extra);
  }
  for (const auto& [key, nodes] : groups) {
    if (!nodes[0]->name_text().starts_with("__")) continue;
    context_.report(who + " must not select an introspection top level field.", nodes);
  }
}

// 5.5.1.1 Fragment name uniqueness
void Validator::unique_fragment_names(const Node& fragment) {
  const auto [known, first] = fragment_names_.emplace(fragment.name_text(), fragment.name);
  if (first) return;
  context_.report(fmt::format("There can be only one fragment named \"{}\".", fragment.name_text()),
                  {known->second, fragment.name});
}

// 5.5.1.4 Fragments must be used
void Validator::no_unused_fragments() {
  Nodes operations;
  for (const Node* definition : context_.document().definitions()) {
    if (definition->kind == NodeKind::kOperationDefinition) operations.push_back(definition);
  }
  std::unordered_set<std::string_view> used;
  for (const Node* fragment : context_.reachable_fragments(operations)) {
    used.insert(fragment->name_text());
  }
  for (const Node* definition : context_.document().definitions()) {
    if (definition->kind != NodeKind::kFragmentDefinition) continue;
    if (used.count(definition->name_text()) > 0) continue;
    context_.report(fmt::format("Fragment \"{}\" is never used.", definition->name_text()),
                    *definition);
  }
}

// 5.5.2.2 Fragment spreads must not form cycles
void Validator::no_fragment_cycles(const Node& start) {
  // A depth-first search with a stack of its own: chains of fragments may be long.
  struct Frame {
    const Node* fragment;
    const Nodes* spreads;
    size_t next;
  };
  Nodes path;
  std::unordered_map<std::string_view, size_t> index_on_path;
  std::vector<Frame> frames;
  const auto open = [&](const Node& fragment) {
    if (!cycles_visited_.insert(fragment.name_text()).second) return false;
    const Nodes& spreads = context_.spreads(*fragment.selection_set);
    if (spreads.empty()) return false;
    index_on_path[fragment.name_text()] = path.size();
    frames.push_back({&fragment, &spreads, 0});
    return true;
  };
  open(start);
  while (!frames.empty()) {
    Frame& frame = frames.back();
    if (frame.next > 0) path.pop_back();
    if (frame.next == frame.spreads->size()) {
      index_on_path.erase(frame.fragment->name_text());
      frames.pop_back();
      continue;
    }
    const Node* spread = (*frame.spreads)[frame.next++];
    path.push_back(spread);
    const auto on_path = index_on_path.find(spread->name_text());
    if (on_path == index_on_path.end()) {
      if (const Node* fragment = context_.fragment(spread->name_text())) open(*fragment);
      continue;
    }
    const Nodes cycle(path.begin() + static_cast<ptrdiff_t>(on_path->second), path.end());
    std::string via;
    for (size_t i = 0; i + 1 < cycle.size() && i < 20; ++i) {
      via += fmt::format("{}\"{}\"", via.empty() ? "" : ", ", cycle[i]->name_text());
    }
    context_.report(fmt::format("Cannot spread fragment \"{}\" within itself{}.",
                                spread->name_text(), via.empty() ? "" : " via " + via),
                    cycle);
  }
}

}  // namespace firn::graphql
