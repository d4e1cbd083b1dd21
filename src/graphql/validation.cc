#include "graphql/validation.h"

#include "graphql/printer.h"
#include "graphql/validation_internal.h"

namespace firn::graphql {

std::vector<GraphqlError> validate(const Schema& schema, const Document& document,
                                   const ValidationOptions& options) {
  ValidationContext context(schema, document, options);
  Validator(context).run();
  return context.take_errors();
}

// --- What rules share

ValidationContext::ValidationContext(const Schema& schema, const Document& document,
                                     const ValidationOptions& options)
    : schema_(schema), document_(document), options_(options) {
  for (const Node* definition : document.definitions()) {
    if (definition->kind == NodeKind::kFragmentDefinition) {
      fragments_[definition->name_text()] = definition;
    }
  }
}

void ValidationContext::report(std::string message, const Nodes& nodes) {
  if (aborted_) return;
  if (errors_.size() >= options_.errors_max) {
    aborted_ = true;
    errors_.push_back(
        {"Too many validation errors, error limit reached. Validation aborted.", {}, {}, {}});
    return;
  }
  GraphqlError error;
  error.message = std::move(message);
  for (const Node* node : nodes) error.locations.push_back(document_.location_of(*node));
  errors_.push_back(std::move(error));
}

void ValidationContext::abort() {
  if (aborted_) return;
  aborted_ = true;
  errors_.push_back({"Validation aborted.", {}, {}, {}});
}

const Node* ValidationContext::fragment(std::string_view name) const {
  const auto found = fragments_.find(name);
  return found == fragments_.end() ? nullptr : found->second;
}

const Nodes& ValidationContext::spreads(const Node& selection_set) {
  auto& known = spreads_[&selection_set];
  if (known != nullptr) return *known;
  known = std::make_unique<Nodes>();
  Nodes sets = {&selection_set};
  while (!sets.empty()) {
    const Node* set = sets.back();
    sets.pop_back();
    for (const Node* selection : set->items) {
      if (selection->kind == NodeKind::kFragmentSpread) {
        known->push_back(selection);
      } else if (selection->selection_set != nullptr) {
        sets.push_back(selection->selection_set);
      }
    }
  }
  return *known;
}

Nodes ValidationContext::reachable_fragments(const Nodes& operations) {
  std::vector<std::string_view> names;
  std::unordered_set<std::string_view> seen;
  for (const Node* operation : operations) {
    for (const Node* spread : spreads(*operation->selection_set)) {
      if (seen.insert(spread->name_text()).second) names.push_back(spread->name_text());
    }
  }
  spend_fragment_work(names.size());
  Nodes fragments;
  for (size_t i = 0; i < names.size() && !aborted_; ++i) {
    const Node* found = fragment(names[i]);
    if (found == nullptr) continue;
    fragments.push_back(found);
    const Nodes& inner = spreads(*found->selection_set);
    spend_fragment_work(inner.size());
    for (const Node* spread : inner) {
      if (seen.insert(spread->name_text()).second) names.push_back(spread->name_text());
    }
  }
  return fragments;
}

void ValidationContext::spend_fragment_work(size_t amount) {
  if (amount > fragment_work_left_) {
    abort();
  } else {
    fragment_work_left_ -= amount;
  }
}

// --- The walk

Validator::Validator(ValidationContext& context)
    : context_(context),
      schema_(context.schema()),
      info_(context.schema()),
      overlapping_(make_overlapping_fields(context)) {
  for (const auto& directive : schema_.directives()) {
    DirectiveRules& rules = directives_[directive->name];
    rules.locations.assign(directive->locations.begin(), directive->locations.end());
    rules.is_repeatable = directive->is_repeatable;
    for (const InputValue& argument : directive->arguments) {
      rules.arguments.push_back(argument.name);
      if (argument.is_required()) {
        rules.required.emplace_back(argument.name, argument.type->to_string());
      }
    }
  }
  for (const Node* definition : context.document().definitions()) {
    if (definition->kind == NodeKind::kOperationDefinition) ++operation_count_;
    if (is_type_definition(definition->kind)) defined_types_.insert(definition->name_text());
    if (definition->kind != NodeKind::kDirectiveDefinition) continue;
    DirectiveRules rules;
    rules.is_repeatable = definition->flag;
    for (const Node* location : definition->items) rules.locations.push_back(location->text);
    for (const Node* argument : definition->arguments) {
      rules.arguments.push_back(argument->name_text());
      if (argument->type->kind == NodeKind::kNonNullType && argument->value == nullptr) {
        rules.required.emplace_back(argument->name_text(), print(*argument->type));
      }
    }
    directives_[definition->name_text()] = std::move(rules);
  }
}

void Validator::run() { visit(context_.document().root()); }

void Validator::visit(const Node& node) {
  if (context_.aborted()) return;
  info_.enter(node);
  enter(node);
  ancestors_.push_back(&node);
  for_each_child(node, [this](const Node& child) { visit(child); });
  ancestors_.pop_back();
  leave(node);
  info_.leave(node);
}

// In each case the rules in the order in which graphql-js runs them.
void Validator::enter(const Node& node) {
  switch (node.kind) {
    case NodeKind::kDocument: executable_definitions(); break;
    case NodeKind::kOperationDefinition: enter_operation(node); break;
    case NodeKind::kFragmentDefinition: enter_fragment(node); break;
    case NodeKind::kInlineFragment: enter_inline_fragment(node); break;
    case NodeKind::kFragmentSpread: enter_spread(node); break;
    case NodeKind::kField: enter_field(node); break;
    case NodeKind::kDirective: enter_directive(node); break;
    case NodeKind::kVariableDefinition: enter_variable_definition(node); break;
    case NodeKind::kNamedType: known_type_names(node); break;
    case NodeKind::kArgument: known_argument_names(node); break;
    case NodeKind::kSelectionSet:
      if (parent()->kind != NodeKind::kInlineFragment) {
        check_overlapping_fields(*overlapping_, info_.parent_type(), node);
      }
      break;
    case NodeKind::kInt:
    case NodeKind::kFloat:
    case NodeKind::kString:
    case NodeKind::kBoolean:
    case NodeKind::kNull:
    case NodeKind::kEnum:
    case NodeKind::kList:
    case NodeKind::kObject: enter_value(node); break;
    default: unique_directives(node);
  }
}

void Validator::enter_operation(const Node& node) {
  known_operation_types(node);
  unique_operation_names(node);
  lone_anonymous_operation(node);
  single_field_subscriptions(node);
  unique_variable_names(node);
  no_undefined_variables(node);
  no_unused_variables(node);
  unique_directives(node);
}

void Validator::enter_fragment(const Node& node) {
  fragments_on_composite_types(node);
  unique_fragment_names(node);
  no_fragment_cycles(node);
  unique_directives(node);
}

void Validator::enter_inline_fragment(const Node& node) {
  fragments_on_composite_types(node);
  possible_fragment_spreads(node);
  unique_directives(node);
}

void Validator::enter_spread(const Node& node) {
  known_fragment_names(node);
  possible_fragment_spreads(node);
  unique_directives(node);
}

void Validator::enter_field(const Node& node) {
  scalar_leafs(node);
  fields_on_correct_type(node);
  unique_directives(node);
  unique_argument_names(node);
  max_introspection_depth(node);
}

void Validator::enter_directive(const Node& node) {
  known_directives(node);
  known_argument_names_on_directive(node);
  unique_argument_names(node);
  ++inside_directive_;
}

void Validator::enter_variable_definition(const Node& node) {
  variables_are_input_types(node);
  unique_directives(node);
}

void Validator::enter_value(const Node& node) {
  if (inside_value_++ == 0) values_of_correct_type(node);
  if (node.kind == NodeKind::kObject) unique_input_field_names(node);
}

void Validator::leave(const Node& node) {
  switch (node.kind) {
    case NodeKind::kDocument: no_unused_fragments(); break;
    case NodeKind::kOperationDefinition: variables_in_allowed_position(node); break;
    case NodeKind::kField:
      provided_required_arguments(node);
      if (inside_introspection_ > 0) --inside_introspection_;
      break;
    case NodeKind::kDirective:
      --inside_directive_;
      provided_required_arguments_on_directive(node);
      break;
    case NodeKind::kInt:
    case NodeKind::kFloat:
    case NodeKind::kString:
    case NodeKind::kBoolean:
    case NodeKind::kNull:
    case NodeKind::kEnum:
    case NodeKind::kList:
    case NodeKind::kObject: --inside_value_; break;
    default: break;
  }
}

}  // namespace firn::graphql
