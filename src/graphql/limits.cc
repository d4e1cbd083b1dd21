#include "graphql/limits.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include <fmt/format.h>

namespace firn::graphql {
namespace {

constexpr int64_t kFar = int64_t{1} << 40;

int64_t add(int64_t a, int64_t b) { return std::min(kFar, a + b); }
int64_t times(int64_t a, int64_t b) { return a != 0 && b > kFar / a ? kFar : a * b; }

GraphqlError refusal(std::string message, std::vector<Location> locations = {}) {
  GraphqlError error;
  error.message = std::move(message);
  error.locations = std::move(locations);
  error.extensions = R"({"code":"LIMIT_EXCEEDED"})";
  return error;
}

// What a selection amounts to, fragments put in.
struct Weight {
  int64_t depth = 0;
  int64_t cost = 0;
  int64_t fields = 0;
};

class Weigher {
 public:
  Weigher(const Schema& schema, const Document& document, const Limits& limits,
          const Value* variables)
      : schema_(schema), document_(document), limits_(limits), variables_(variables) {
    for (const Node* definition : document.definitions()) {
      if (definition->kind == NodeKind::kFragmentDefinition) {
        fragments_.emplace(definition->name_text(), definition);
      }
    }
  }

  Weight weigh(const Node& selection_set, const NamedType& parent) {
    Weight sum;
    for (const Node* selection : selection_set.items) {
      const Weight one = weigh_selection(*selection, parent);
      sum.depth = std::max(sum.depth, one.depth);
      sum.cost = add(sum.cost, one.cost);
      sum.fields = add(sum.fields, one.fields);
    }
    return sum;
  }

  bool needs_variables() const { return needs_variables_; }
  const std::optional<GraphqlError>& page_error() const { return page_error_; }

 private:
  Weight weigh_selection(const Node& selection, const NamedType& parent) {
    if (selection.kind == NodeKind::kField) return weigh_field(selection, parent);
    const Node* fragment = &selection;
    if (selection.kind == NodeKind::kFragmentSpread) {
      const auto found = fragments_.find(selection.name_text());
      if (found == fragments_.end()) return {};
      fragment = found->second;
    }
    const NamedType* type = &parent;
    if (fragment->type != nullptr) type = schema_.type(fragment->type->name_text());
    if (type == nullptr) return {};
    if (fragment == &selection) return weigh(*fragment->selection_set, *type);
    // Each fragment is weighed once: documents may spread them exponentially often.
    const auto known = weights_.find(fragment);
    if (known != weights_.end()) return known->second;
    const Weight weight = weigh(*fragment->selection_set, *type);
    weights_.emplace(fragment, weight);
    return weight;
  }

  Weight weigh_field(const Node& node, const NamedType& parent) {
    const FieldDefinition* field = schema_.field(parent, node.name_text());
    if (field == nullptr) return {};
    if (field->name.starts_with("__")) {
      // Free of depth and cost; rules of validation bound it.
      const Weight inside = node.selection_set == nullptr
                                ? Weight()
                                : weigh(*node.selection_set, *field->type->named);
      return {0, 0, add(inside.fields, 1)};
    }
    const bool composite = field->type->named->is_composite();
    Weight weight{1, composite ? 1 : 0, 1};
    if (parent.is_built_in) weight = {0, 0, 1};
    if (const AppliedDirective* cost = field->directive("cost")) {
      const Value* value = cost->arguments.field("value");
      if (value != nullptr) weight.cost = std::clamp<int64_t>(value->integer, 0, kFar);
    }
    const int64_t page = page_size(node, *field);
    if (node.selection_set == nullptr) return weight;
    const Weight inside = weigh(*node.selection_set, *field->type->named);
    weight.depth += inside.depth;
    weight.fields = add(weight.fields, inside.fields);
    weight.cost = add(weight.cost, times(page, inside.cost));
    return weight;
  }

  // How many items a field may give; 1 where it does not say.
  int64_t page_size(const Node& node, const FieldDefinition& field) {
    int64_t size = -1;
    bool paged = false;
    for (const InputValue& argument : field.arguments) {
      if (argument.name != "first" && argument.name != "last") continue;
      paged = true;
      const Node* given = nullptr;
      for (const Node* candidate : node.arguments) {
        if (candidate->name_text() == argument.name) given = candidate->value;
      }
      const int64_t value = size_of(given, argument);
      if (value > limits_.page_size_max && !page_error_) {
        page_error_ = refusal(fmt::format("\"{}\" of {} may be {} at most.", argument.name,
                                          field.name, limits_.page_size_max),
                              {document_.location_of(node)});
      }
      size = std::max(size, value);
    }
    if (!paged) return 1;
    return size < 0 ? limits_.page_size_default : size;
  }

  // -1 where it has no value.
  int64_t size_of(const Node* given, const InputValue& argument) {
    const Value* value = argument.default_value ? &*argument.default_value : nullptr;
    Value literal;
    if (given != nullptr && given->kind == NodeKind::kVariable) {
      if (variables_ == nullptr) {
        needs_variables_ = true;
        return 0;
      }
      if (const Value* variable = variables_->field(given->name_text())) value = variable;
    } else if (given != nullptr) {
      literal.kind = Value::Kind::kNull;
      if (given->kind == NodeKind::kInt) literal = Value::of_number(given->text);
      value = &literal;
    }
    if (value == nullptr || !value->is_number()) return -1;
    return value->number >= static_cast<double>(kFar) ? kFar : std::max<int64_t>(0, value->integer);
  }

  const Schema& schema_;
  const Document& document_;
  const Limits& limits_;
  const Value* variables_;
  std::unordered_map<std::string_view, const Node*> fragments_;
  std::unordered_map<const Node*, Weight> weights_;
  std::optional<GraphqlError> page_error_;
  bool needs_variables_ = false;
};

// Counts aliases by type and field.
class AliasCounter {
 public:
  explicit AliasCounter(const Schema& schema) : schema_(schema) {}

  // The first node that is one too many.
  const Node* count(const Node& selection_set, const NamedType& parent, size_t most) {
    for (const Node* selection : selection_set.items) {
      const NamedType* inner = &parent;
      if (selection->kind == NodeKind::kField) {
        const FieldDefinition* field = schema_.field(parent, selection->name_text());
        if (field == nullptr) continue;
        if (selection->alias != nullptr && ++counts_[{&parent, field}] > most) return selection;
        inner = field->type->named;
      } else if (selection->type != nullptr) {
        inner = schema_.type(selection->type->name_text());
      }
      if (selection->selection_set == nullptr || inner == nullptr) continue;
      if (const Node* over = count(*selection->selection_set, *inner, most)) return over;
    }
    return nullptr;
  }

 private:
  const Schema& schema_;
  std::map<std::pair<const NamedType*, const FieldDefinition*>, size_t> counts_;
};

}  // namespace

std::optional<GraphqlError> check_limits(const Schema& schema, const Document& document,
                                         const Node& operation, const Limits& limits,
                                         const Value* variables, bool& needs_variables) {
  const NamedType* root = schema.root(operation.operation);
  if (root == nullptr) return std::nullopt;
  Weigher weigher(schema, document, limits, variables);
  const Weight weight = weigher.weigh(*operation.selection_set, *root);
  needs_variables = weigher.needs_variables();
  if (weigher.page_error()) return weigher.page_error();
  if (weight.depth > limits.depth_max) {
    return refusal(fmt::format("The operation is nested {} fields deep; {} are allowed.",
                               weight.depth, limits.depth_max));
  }
  if (weight.fields > static_cast<int64_t>(limits.fields_max)) {
    return refusal(
        fmt::format("The operation selects too many fields; {} are allowed.", limits.fields_max));
  }
  if (weight.cost > limits.cost_max) {
    return refusal(fmt::format("The operation costs {}; {} is allowed. Ask for smaller pages.",
                               weight.cost, limits.cost_max));
  }
  return std::nullopt;
}

std::optional<GraphqlError> check_aliases(const Schema& schema, const Document& document,
                                          const Limits& limits) {
  AliasCounter counter(schema);
  for (const Node* definition : document.definitions()) {
    const NamedType* type = nullptr;
    if (definition->kind == NodeKind::kOperationDefinition) {
      type = schema.root(definition->operation);
    } else if (definition->kind == NodeKind::kFragmentDefinition) {
      type = schema.type(definition->type->name_text());
    }
    if (type == nullptr) continue;
    const Node* over = counter.count(*definition->selection_set, *type, limits.aliases_max);
    if (over != nullptr) {
      return refusal(fmt::format("\"{}\" has too many aliases; {} are allowed.", over->name_text(),
                                 limits.aliases_max),
                     {document.location_of(*over)});
    }
  }
  return std::nullopt;
}

}  // namespace firn::graphql
