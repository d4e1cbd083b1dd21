#include <algorithm>

#include <fmt/format.h>

#include "graphql/coercion.h"
#include "graphql/input_check.h"
#include "graphql/schema_builder_internal.h"

namespace firn::graphql {
namespace {

std::optional<std::string> deprecation_of(const std::vector<AppliedDirective>& directives) {
  for (const AppliedDirective& directive : directives) {
    if (directive.name != "deprecated") continue;
    const Value* reason = directive.arguments.field("reason");
    return reason == nullptr ? std::string() : reason->text;
  }
  return std::nullopt;
}

bool is_applied(const std::vector<AppliedDirective>& directives, std::string_view name) {
  return std::any_of(directives.begin(), directives.end(),
                     [&](const AppliedDirective& directive) { return directive.name == name; });
}

}  // namespace

void SchemaBuilder::apply(NodeList nodes, uint32_t source, std::string_view location,
                          std::vector<AppliedDirective>& into) {
  for (const Node* node : nodes) {
    const SourcePlace place{source, node->start};
    const DirectiveDefinition* directive = schema_.directive(node->name_text());
    if (directive == nullptr) {
      errors_.add(place, fmt::format("Unknown directive \"@{}\".", node->name_text()));
      continue;
    }
    if (!directive->allows(location)) {
      errors_.add(place, fmt::format("Directive \"@{}\" may not be used on {}.", directive->name,
                                     location));
    }
    if (!directive->is_repeatable && is_applied(into, directive->name)) {
      errors_.add(place,
                  fmt::format("The directive \"@{}\" can only be used once at this location.",
                              directive->name));
    }
    for (const Node* argument : node->arguments) {
      const InputValue* definition = directive->argument(argument->name_text());
      if (definition == nullptr) {
        errors_.add({source, argument->start},
                    fmt::format("Unknown argument \"{}\" on directive \"@{}\".",
                                argument->name_text(), directive->name));
        continue;
      }
      check_literal(*argument->value, *definition->type, nullptr,
                    [&](const Node& wrong, std::string message) {
                      errors_.add({source, wrong.start}, std::move(message));
                    });
    }
    if (!errors_.empty()) continue;
    auto arguments = coerce_arguments(directive->arguments, node->arguments, nullptr);
    if (arguments.ok()) {
      into.push_back({directive->name, std::move(*arguments)});
    } else {
      errors_.add(place, arguments.error().message());
    }
  }
}

void SchemaBuilder::apply_to_inputs(std::vector<InputValue>& values, NodeList nodes,
                                    uint32_t source, std::string_view location) {
  for (const Node* node : nodes) {
    for (InputValue& value : values) {
      if (value.place.source != source || value.place.offset != node->start) continue;
      apply(node->directives, source, location, value.directives);
      value.deprecation = deprecation_of(value.directives);
    }
  }
}

void SchemaBuilder::apply_directives() {
  for (const Definition& part : schema_parts_) {
    std::vector<AppliedDirective> unused;
    apply(part.node->directives, part.source, "SCHEMA", unused);
  }
  for (const Definition& part : directive_parts_) {
    auto& directive = *schema_.directive_by_name_.at(part.node->name_text());
    std::vector<AppliedDirective> applied;
    apply(part.node->directives, part.source, "DIRECTIVE_DEFINITION", applied);
    directive.deprecation = deprecation_of(applied);
    apply_to_inputs(directive.arguments, part.node->arguments, part.source, "ARGUMENT_DEFINITION");
  }
  for (auto& type : schema_.types_) apply_to_type(*type, type_parts_[type->name]);
}

void SchemaBuilder::apply_to_type(NamedType& type, const Parts& parts) {
  static constexpr std::string_view kLocations[] = {"SCALAR", "OBJECT", "INTERFACE",
                                                    "UNION",  "ENUM",   "INPUT_OBJECT"};
  for (const Definition& part : parts) {
    apply(part.node->directives, part.source, kLocations[static_cast<size_t>(type.kind)],
          type.directives);
    if (type.kind == TypeKind::kInputObject) {
      apply_to_inputs(type.input_fields, part.node->items, part.source, "INPUT_FIELD_DEFINITION");
    }
    for (const Node* node : part.node->items) {
      const auto is_it = [&](const auto& item) {
        return item.place.source == part.source && item.place.offset == node->start;
      };
      const auto field = std::find_if(type.fields.begin(), type.fields.end(), is_it);
      if (field != type.fields.end()) {
        apply(node->directives, part.source, "FIELD_DEFINITION", field->directives);
        field->deprecation = deprecation_of(field->directives);
        apply_to_inputs(field->arguments, node->arguments, part.source, "ARGUMENT_DEFINITION");
      }
      const auto value = std::find_if(type.values.begin(), type.values.end(), is_it);
      if (value != type.values.end()) {
        apply(node->directives, part.source, "ENUM_VALUE", value->directives);
        value->deprecation = deprecation_of(value->directives);
      }
    }
  }
  type.is_one_of = type.directive("oneOf") != nullptr;
  const AppliedDirective* specified = type.directive("specifiedBy");
  if (specified != nullptr) type.specified_by_url = specified->arguments.field("url")->text;
}

}  // namespace firn::graphql
