#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "graphql/printer.h"
#include "graphql/suggestions.h"
#include "graphql/validation_internal.h"

namespace firn::graphql {
namespace {

// Object types that `parent` may be and their interfaces that have the field, the most common
// first.
std::vector<std::string> suggest_types(const NamedType& parent, std::string_view field) {
  if (!parent.is_abstract()) return {};
  std::vector<std::pair<const NamedType*, int>> usage;
  const auto count = [&](const NamedType* type) {
    if (type->field(field) == nullptr) return;
    for (auto& [known, times] : usage) {
      if (known == type) {
        ++times;
        return;
      }
    }
    usage.emplace_back(type, 1);
  };
  for (const NamedType* possible : parent.possible_types) {
    if (possible->field(field) == nullptr) continue;
    count(possible);
    for (const NamedType* interface : possible->interfaces) count(interface);
  }
  std::sort(usage.begin(), usage.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first->name < b.first->name;
  });
  std::vector<std::string> names;
  for (size_t i = 0; i < usage.size() && i < 5; ++i) names.push_back(usage[i].first->name);
  return names;
}

}  // namespace

// 5.5.1.2 Fragment spread type existence, 5.8.2 and others: the type is known
void Validator::known_type_names(const Node& named) {
  const std::string_view name = named.name_text();
  if (schema_.type(name) != nullptr || defined_types_.count(name) > 0) return;
  const Node* definition = ancestors_.size() > 1 ? ancestors_[1] : parent();
  const bool in_type_system = definition != nullptr && is_type_system(definition->kind);
  if (in_type_system && schema_.is_standard_type(name)) return;
  std::vector<std::string_view> names;
  for (const auto& type : schema_.types()) {
    if (schema_.type(type->name) != nullptr) names.push_back(type->name);
  }
  names.insert(names.end(), defined_types_.begin(), defined_types_.end());
  context_.report(fmt::format("Unknown type \"{}\".{}", name, did_you_mean(suggest(name, names))),
                  named);
}

// 5.5.1.3 Fragments on object, interface or union types
void Validator::fragments_on_composite_types(const Node& fragment) {
  if (fragment.type == nullptr) return;
  const NamedType* type = schema_.type(fragment.type->name_text());
  if (type == nullptr || type->is_composite()) return;
  const std::string which = fragment.kind == NodeKind::kFragmentDefinition
                                ? fmt::format("Fragment \"{}\"", fragment.name_text())
                                : "Fragment";
  context_.report(
      fmt::format("{} cannot condition on non composite type \"{}\".", which, type->name),
      *fragment.type);
}

// 5.3.1 Field selections
void Validator::fields_on_correct_type(const Node& field) {
  const NamedType* parent_type = info_.parent_type();
  if (parent_type == nullptr || info_.field() != nullptr) return;
  const std::string_view name = field.name_text();
  std::string hint =
      did_you_mean("to use an inline fragment on", suggest_types(*parent_type, name));
  if (hint.empty()) {
    std::vector<std::string_view> names;
    for (const FieldDefinition& known : parent_type->fields) names.push_back(known.name);
    hint = did_you_mean(suggest(name, names));
  }
  context_.report(
      fmt::format("Cannot query field \"{}\" on type \"{}\".{}", name, parent_type->name, hint),
      field);
}

// 5.3.3 Leaf field selections
void Validator::scalar_leafs(const Node& field) {
  const Type* type = info_.type();
  if (type == nullptr) return;
  const std::string_view name = field.name_text();
  if (type->named->is_leaf()) {
    if (field.selection_set == nullptr) return;
    context_.report(fmt::format("Field \"{}\" must not have a selection since type \"{}\" has no "
                                "subfields.",
                                name, type->to_string()),
                    *field.selection_set);
  } else if (field.selection_set == nullptr) {
    context_.report(fmt::format("Field \"{0}\" of type \"{1}\" must have a selection of subfields. "
                                "Did you mean \"{0} {{ ... }}\"?",
                                name, type->to_string()),
                    field);
  }
}

// 5.5.2.1 Fragment spread target defined
void Validator::known_fragment_names(const Node& spread) {
  if (context_.fragment(spread.name_text()) != nullptr) return;
  context_.report(fmt::format("Unknown fragment \"{}\".", spread.name_text()), *spread.name);
}

// 5.5.2.3 Fragment spread is possible
void Validator::possible_fragment_spreads(const Node& spread) {
  const NamedType* fragment_type = nullptr;
  std::string which = "Fragment";
  if (spread.kind == NodeKind::kInlineFragment) {
    fragment_type = info_.type() == nullptr ? nullptr : info_.type()->named;
  } else if (const Node* fragment = context_.fragment(spread.name_text())) {
    fragment_type = schema_.type(fragment->type->name_text());
    which = fmt::format("Fragment \"{}\"", spread.name_text());
  }
  const NamedType* parent_type = info_.parent_type();
  if (fragment_type == nullptr || !fragment_type->is_composite() || parent_type == nullptr) return;
  if (schema_.overlap(*fragment_type, *parent_type)) return;
  context_.report(
      fmt::format("{} cannot be spread here as objects of type \"{}\" can never be of type \"{}\".",
                  which, parent_type->name, fragment_type->name),
      spread);
}

// Not in the specification: introspection's lists of lists of lists, which cost more than they say.
void Validator::max_introspection_depth(const Node& field) {
  if (inside_introspection_ > 0) {
    ++inside_introspection_;
    return;
  }
  if (field.name_text() != "__schema" && field.name_text() != "__type") return;
  std::unordered_map<std::string_view, int> visited;
  if (!exceeds_introspection(field, visited, 0)) return;
  context_.report("Maximum introspection depth exceeded", field);
  inside_introspection_ = 1;
}

bool Validator::exceeds_introspection(const Node& node,
                                      std::unordered_map<std::string_view, int>& visited,
                                      int depth) {
  constexpr int kListsDepthMax = 3;
  if (context_.aborted()) return false;
  if (node.kind == NodeKind::kFragmentSpread) {
    const std::string_view name = node.name_text();
    const auto exceeded = introspection_exceeded_.find(name);
    if (exceeded != introspection_exceeded_.end() && exceeded->second <= depth) return true;
    const auto seen = visited.find(name);
    if (seen != visited.end() && seen->second >= depth) return false;
    const auto checked = introspection_checked_.find(name);
    if (checked != introspection_checked_.end() && checked->second >= depth) return false;
    const Node* fragment = context_.fragment(name);
    if (fragment == nullptr) return false;
    visited[name] = depth;
    if (exceeds_introspection(*fragment, visited, depth)) {
      introspection_exceeded_[name] = depth;
      return true;
    }
    introspection_checked_[name] = depth;
    return false;
  }
  if (node.kind == NodeKind::kField) {
    const std::string_view name = node.name_text();
    if (name == "fields" || name == "interfaces" || name == "possibleTypes" ||
        name == "inputFields") {
      if (++depth >= kListsDepthMax) return true;
    }
  }
  if (node.selection_set == nullptr) return false;
  return std::any_of(
      node.selection_set->items.begin(), node.selection_set->items.end(),
      [&](const Node* child) { return exceeds_introspection(*child, visited, depth); });
}

}  // namespace firn::graphql
