#include "graphql/plan.h"

#include <algorithm>

#include "graphql/coercion.h"
#include "graphql/json.h"

namespace firn::graphql {
namespace {

enum class Inclusion { kAlways, kNever, kSometimes };

// What @skip and @include of a selection say; adds conditions where variables decide.
Inclusion read_conditions(const Node& selection, Conditions& conditions) {
  Inclusion inclusion = Inclusion::kAlways;
  for (const Node* directive : selection.directives) {
    const bool skip = directive->name_text() == "skip";
    if (!skip && directive->name_text() != "include") continue;
    for (const Node* argument : directive->arguments) {
      if (argument->name_text() != "if") continue;
      const Node& value = *argument->value;
      if (value.kind == NodeKind::kVariable) {
        const Condition condition{value.name_text(), !skip};
        if (std::find(conditions.begin(), conditions.end(), condition) == conditions.end()) {
          conditions.push_back(condition);
        }
        if (inclusion == Inclusion::kAlways) inclusion = Inclusion::kSometimes;
      } else if (value.flag == skip) {
        inclusion = Inclusion::kNever;
      }
    }
  }
  return inclusion;
}

bool uses_variables(const Node& value) {
  if (value.kind == NodeKind::kVariable) return true;
  if (value.value != nullptr && uses_variables(*value.value)) return true;
  return std::any_of(value.items.begin(), value.items.end(),
                     [](const Node* item) { return uses_variables(*item); });
}

}  // namespace

OperationPlan::OperationPlan(Parts parts) : parts_(std::move(parts)) {
  for (const Node* definition : parts_.document->definitions()) {
    if (definition->kind == NodeKind::kFragmentDefinition) {
      fragments_.emplace(definition->name_text(), definition);
    }
  }
  std::lock_guard lock(mutex_);
  root_ = compile(*parts_.schema->root(kind()), {{parts_.operation, {}}});
}

const Node* OperationPlan::fragment(std::string_view name) const {
  const auto found = fragments_.find(name);
  return found == fragments_.end() ? nullptr : found->second;
}

// Section 6.3.2, CollectFields, with conditions instead of variable values. `fragments` are those
// under way above: spreads of a fragment under other conditions count each.
void OperationPlan::collect(const NamedType& object, const Node& selection_set,
                            const Conditions& conditions, std::vector<const Node*>& fragments,
                            std::vector<Group>& groups) const {
  for (const Node* selection : selection_set.items) {
    if (++steps_ > kStepsMax) return;
    Conditions own = conditions;
    if (read_conditions(*selection, own) == Inclusion::kNever) continue;
    if (selection->kind == NodeKind::kField) {
      const Node* key = selection->alias != nullptr ? selection->alias : selection->name;
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const Group& g) { return g.response_name == key->text; });
      if (group == groups.end()) group = groups.insert(groups.end(), {key->text, {}});
      group->occurrences.push_back({selection, std::move(own)});
      continue;
    }
    const Node* inner = selection;
    if (selection->kind == NodeKind::kFragmentSpread) {
      inner = fragment(selection->name_text());
      if (inner == nullptr) continue;
      if (std::find(fragments.begin(), fragments.end(), inner) != fragments.end()) continue;
    }
    if (inner->type != nullptr) {
      const NamedType* condition = parts_.schema->type(inner->type->name_text());
      const bool applies = condition != nullptr &&
                           (condition == &object || parts_.schema->is_possible(*condition, object));
      if (!applies) continue;
    }
    // Without conditions of its own, a fragment adds nothing the second time.
    const bool again = inner != selection && own.empty();
    fragments.push_back(inner);
    collect(object, *inner->selection_set, own, fragments, groups);
    if (!again) fragments.pop_back();
  }
}

// With the mutex held.
const SelectionPlan* OperationPlan::compile(const NamedType& object,
                                            const std::vector<Occurrence>& parents) const {
  std::vector<Group> groups;
  std::vector<const Node*> fragments;
  for (const Occurrence& parent : parents) {
    if (parent.node->selection_set == nullptr) continue;
    collect(object, *parent.node->selection_set, parent.conditions, fragments, groups);
  }
  SelectionPlan& plan = selections_.emplace_back();
  plan.type = &object;
  for (Group& group : groups) {
    if (fields_.size() >= kFieldsMax || steps_ > kStepsMax) return nullptr;
    if (PlanField* field = make_field(object, std::move(group))) plan.fields.push_back(field);
  }
  return &plan;
}

PlanField* OperationPlan::make_field(const NamedType& object, Group group) const {
  const Node& node = *group.occurrences[0].node;
  const FieldDefinition* definition = parts_.schema->field(object, node.name_text());
  if (definition == nullptr) return nullptr;
  PlanField& field = fields_.emplace_back();
  field.index = static_cast<uint32_t>(fields_.size() - 1);
  field.ordinal = definition->ordinal;
  field.definition = definition;
  field.type = definition->type;
  field.parent = &object;
  if (definition == parts_.schema->typename_field()) field.meta = MetaField::kTypename;
  if (definition == parts_.schema->schema_field()) field.meta = MetaField::kSchema;
  if (definition == parts_.schema->type_field()) field.meta = MetaField::kType;
  field.response_name = group.response_name;
  field.key = ',';
  append_json_string(field.key, field.response_name);
  field.key += ':';
  field.key_bytes = field.key.size();
  field.key.append(TextBuffer::kPadding, '\0');
  field.guarded =
      std::any_of(parts_.guarding_directives.begin(), parts_.guarding_directives.end(),
                  [&](const std::string& name) { return definition->directive(name) != nullptr; });
  field.occurrences = std::move(group.occurrences);
  field.is_conditional =
      std::all_of(field.occurrences.begin(), field.occurrences.end(),
                  [](const Occurrence& occurrence) { return !occurrence.conditions.empty(); });
  make_arguments(field);
  const NamedType& named = *field.type->named;
  if (named.is_composite()) {
    const size_t slots = named.is_abstract() ? named.possible_types.size() : 1;
    field.selections = std::make_unique<std::atomic<const SelectionPlan*>[]>(slots);
    // Recursion ends with the document: a selection only compiles what is nested in it.
    if (!named.is_abstract()) field.selections[0] = compile(named, field.occurrences);
  }
  return &field;
}

void OperationPlan::make_arguments(PlanField& field) const {
  if (field.definition->arguments.empty()) return;
  const Node& node = *field.occurrences[0].node;
  field.has_variable_arguments =
      std::any_of(node.arguments.begin(), node.arguments.end(),
                  [](const Node* argument) { return uses_variables(*argument->value); });
  if (field.has_variable_arguments || field.meta != MetaField::kNone || field.parent->is_built_in) {
    return;
  }
  auto values = coerce_arguments(field.definition->arguments, node.arguments, nullptr);
  if (!values.ok()) {
    field.argument_error = values.error();
    return;
  }
  auto made = parts_.arguments->make_arguments(field.parent->id, field.ordinal, *values);
  if (made.ok()) {
    field.arguments = std::move(*made);
  } else {
    field.argument_error = made.error();
  }
}

const SelectionPlan* OperationPlan::selection(const PlanField& field,
                                              const NamedType& object) const {
  const NamedType& named = *field.type->named;
  size_t slot = 0;
  if (named.is_abstract()) {
    const auto& possible = named.possible_types;
    slot = static_cast<size_t>(std::find(possible.begin(), possible.end(), &object) -
                               possible.begin());
    if (slot == possible.size()) return nullptr;
  }
  if (const SelectionPlan* known = field.selections[slot].load(std::memory_order_acquire)) {
    return known;
  }
  std::lock_guard lock(mutex_);
  if (const SelectionPlan* known = field.selections[slot].load()) return known;
  const SelectionPlan* made = compile(object, field.occurrences);
  field.selections[slot].store(made, std::memory_order_release);
  return made;
}

}  // namespace firn::graphql
