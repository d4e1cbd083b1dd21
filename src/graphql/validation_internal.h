#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "graphql/document.h"
#include "graphql/graphql_error.h"
#include "graphql/schema.h"
#include "graphql/type_info.h"
#include "graphql/validation.h"

namespace firn::graphql {

using Nodes = std::vector<const Node*>;

// What all rules share: the document's fragments, and where errors go.
class ValidationContext {
 public:
  ValidationContext(const Schema& schema, const Document& document,
                    const ValidationOptions& options);

  const Schema& schema() const { return schema_; }
  const Document& document() const { return document_; }
  void report(std::string message, const Nodes& nodes);
  void report(std::string message, const Node& node) { report(std::move(message), Nodes{&node}); }
  // Ends validation: the document is too much work.
  void abort();
  bool aborted() const { return aborted_; }
  std::vector<GraphqlError> take_errors() { return std::move(errors_); }

  // Of several with one name the last; null where there is none.
  const Node* fragment(std::string_view name) const;
  // Spreads within a selection set at any depth, fragments not followed.
  const Nodes& spreads(const Node& selection_set);
  // Fragments that the selection sets reach, each once.
  Nodes reachable_fragments(const Nodes& operations);
  // Work on fragments is bounded: documents may combine them at will.
  void spend_fragment_work(size_t amount);

 private:
  const Schema& schema_;
  const Document& document_;
  const ValidationOptions& options_;
  std::unordered_map<std::string_view, const Node*> fragments_;
  std::unordered_map<const Node*, std::unique_ptr<Nodes>> spreads_;
  std::vector<GraphqlError> errors_;
  size_t fragment_work_left_ = 50'000;
  bool aborted_ = false;
};

// Section 5.3.2, fields that share a response key can be merged: the one rule with much state.
class OverlappingFields;
struct OverlappingFieldsDeleter {
  void operator()(OverlappingFields* rule) const;
};
std::unique_ptr<OverlappingFields, OverlappingFieldsDeleter> make_overlapping_fields(
    ValidationContext& context);
void check_overlapping_fields(OverlappingFields& rule, const NamedType* parent,
                              const Node& selection_set);

// Walks a document once; at each node the rules look at it one after another.
class Validator {
 public:
  explicit Validator(ValidationContext& context);
  void run();

 private:
  struct VariableUsage {
    const Node* node = nullptr;
    const Type* type = nullptr;
    const Type* parent_type = nullptr;
    bool has_default = false;
  };
  struct DirectiveRules {
    std::vector<std::string_view> locations;
    std::vector<std::string_view> arguments;
    std::vector<std::pair<std::string_view, std::string>> required;  // and their types
    bool is_repeatable = false;
  };

  void visit(const Node& node);
  void enter(const Node& node);
  void leave(const Node& node);
  void enter_operation(const Node& node);
  void enter_fragment(const Node& node);
  void enter_inline_fragment(const Node& node);
  void enter_spread(const Node& node);
  void enter_field(const Node& node);
  void enter_directive(const Node& node);
  void enter_variable_definition(const Node& node);
  void enter_value(const Node& node);
  const Node* parent() const { return ancestors_.empty() ? nullptr : ancestors_.back(); }

  // rules_documents.cc: definitions, operations and fragments as such.
  void executable_definitions();
  void known_operation_types(const Node& operation);
  void unique_operation_names(const Node& operation);
  void lone_anonymous_operation(const Node& operation);
  void single_field_subscriptions(const Node& operation);
  void collect_root_fields(const Node& selection_set, const NamedType& root,
                           std::vector<std::pair<std::string_view, Nodes>>& groups,
                           Nodes& forbidden, std::unordered_set<std::string_view>& visited);
  void unique_fragment_names(const Node& fragment);
  void no_unused_fragments();
  void no_fragment_cycles(const Node& fragment);

  // rules_fields.cc: types, fields and fragments against the schema.
  void known_type_names(const Node& named_type);
  void fragments_on_composite_types(const Node& fragment);
  void fields_on_correct_type(const Node& field);
  void scalar_leafs(const Node& field);
  void known_fragment_names(const Node& spread);
  void possible_fragment_spreads(const Node& spread);
  void max_introspection_depth(const Node& field);
  bool exceeds_introspection(const Node& node, std::unordered_map<std::string_view, int>& visited,
                             int depth);

  // rules_arguments.cc: directives, arguments and values.
  const DirectiveRules* directive_rules(std::string_view name) const;
  void known_directives(const Node& directive);
  void unique_directives(const Node& node);
  void known_argument_names_on_directive(const Node& directive);
  void known_argument_names(const Node& argument);
  void unique_argument_names(const Node& node);
  void values_of_correct_type(const Node& value);
  void provided_required_arguments(const Node& field);
  void provided_required_arguments_on_directive(const Node& directive);
  void unique_input_field_names(const Node& object);

  // rules_variables.cc
  void variables_are_input_types(const Node& definition);
  void unique_variable_names(const Node& operation);
  void no_undefined_variables(const Node& operation);
  void no_unused_variables(const Node& operation);
  void variables_in_allowed_position(const Node& operation);
  const std::vector<VariableUsage>& usages_in(const Node& definition);
  std::vector<VariableUsage> recursive_usages(const Node& operation);
  void collect_usages(const Node& node, TypeInfo& info, std::vector<VariableUsage>& usages);

  ValidationContext& context_;
  const Schema& schema_;
  TypeInfo info_;
  Nodes ancestors_;
  size_t operation_count_ = 0;
  std::unordered_map<std::string_view, const Node*> operation_names_;
  std::unordered_map<std::string_view, const Node*> fragment_names_;
  std::unordered_set<std::string_view> defined_types_;
  std::unordered_map<std::string_view, DirectiveRules> directives_;
  std::unordered_map<std::string_view, std::unordered_map<std::string_view, const Node*>>
      seen_on_types_;
  std::unordered_map<const Node*, std::unique_ptr<std::vector<VariableUsage>>> usages_;
  std::unordered_set<std::string_view> cycles_visited_;
  std::unordered_map<std::string_view, int> introspection_checked_;
  std::unordered_map<std::string_view, int> introspection_exceeded_;
  std::unique_ptr<OverlappingFields, OverlappingFieldsDeleter> overlapping_;
  size_t inside_value_ = 0;  // of a value that was looked at as a whole
  size_t inside_directive_ = 0;
  size_t inside_introspection_ = 0;  // of a field that was reported
};

}  // namespace firn::graphql
