#include "graphql/introspection.h"

#include <vector>

#include "graphql/coercion.h"
#include "graphql/execution.h"
#include "graphql/json.h"

namespace firn::graphql {
namespace {

// The fields' ordinals are those of built_in_types.cc.
bool write_string(Execution& x, const std::string& text) {
  append_json_string(x.text(), text);
  return true;
}

bool write_null(Execution& x) {
  x.text() += "null";
  return true;
}

bool write_optional(Execution& x, const std::string& text) {
  return text.empty() ? write_null(x) : write_string(x, text);
}

bool write_boolean(Execution& x, bool value) {
  x.text() += value ? "true" : "false";
  return true;
}

bool write_reason(Execution& x, const std::optional<std::string>& reason) {
  return reason ? write_string(x, *reason) : write_null(x);
}

bool includes_deprecated(Execution& x, const PlanField& field) {
  const auto values = coerce_arguments(field.definition->arguments,
                                       field.occurrences[0].node->arguments, &x.variables());
  const Value* given = values.ok() ? values->field("includeDeprecated") : nullptr;
  return given != nullptr && given->boolean;
}

// `write(item)` for each item that `wanted` takes.
template <typename Items, typename Wanted, typename Write>
bool write_list(Execution& x, const PlanField& field, const Items& items, Wanted wanted,
                Write write) {
  Execution::Composite list(x, *field.type);
  Execution::PathStep step(x);
  x.text() += '[';
  uint32_t index = 0;
  for (const auto& item : items) {
    if (!wanted(item)) continue;
    if (index > 0) x.text() += ',';
    step.set_index(index++);
    if (!write(item)) return list.give_up();
  }
  x.text() += ']';
  return true;
}

constexpr auto kEverything = [](const auto&) { return true; };

bool write_object(Execution& x, const PlanField& field, const char* type,
                  Execution::Resolve resolve, const void* at) {
  const NamedType* named = x.schema().type(type);
  return x.object(field, named->type, named->id, resolve, at);
}

bool resolve_type(Execution& x, const void* at, const PlanField& field);

bool write_type(Execution& x, const PlanField& field, const Type& type) {
  return write_object(x, field, "__Type", &resolve_type, &type);
}

bool write_named(Execution& x, const PlanField& field, const NamedType* type) {
  return type == nullptr ? write_null(x) : write_type(x, field, type->type);
}

bool resolve_input_value(Execution& x, const void* at, const PlanField& field) {
  const auto& value = *static_cast<const InputValue*>(at);
  switch (field.ordinal) {
    case 0: return write_string(x, value.name);
    case 1: return write_optional(x, value.description);
    case 2: return write_type(x, field, *value.type);
    case 3: return value.default_value ? write_string(x, value.default_text) : write_null(x);
    case 4: return write_boolean(x, value.deprecation.has_value());
    default: return write_reason(x, value.deprecation);
  }
}

bool write_input_values(Execution& x, const PlanField& field,
                        const std::vector<InputValue>& values) {
  const bool all = includes_deprecated(x, field);
  return write_list(
      x, field, values, [&](const InputValue& value) { return all || !value.deprecation; },
      [&](const InputValue& value) {
        return write_object(x, field, "__InputValue", &resolve_input_value, &value);
      });
}

bool resolve_field(Execution& x, const void* at, const PlanField& field) {
  const auto& definition = *static_cast<const FieldDefinition*>(at);
  switch (field.ordinal) {
    case 0: return write_string(x, definition.name);
    case 1: return write_optional(x, definition.description);
    case 2: return write_input_values(x, field, definition.arguments);
    case 3: return write_type(x, field, *definition.type);
    case 4: return write_boolean(x, definition.deprecation.has_value());
    default: return write_reason(x, definition.deprecation);
  }
}

bool resolve_enum_value(Execution& x, const void* at, const PlanField& field) {
  const auto& value = *static_cast<const EnumValue*>(at);
  switch (field.ordinal) {
    case 0: return write_string(x, value.name);
    case 1: return write_optional(x, value.description);
    case 2: return write_boolean(x, value.deprecation.has_value());
    default: return write_reason(x, value.deprecation);
  }
}

bool resolve_directive(Execution& x, const void* at, const PlanField& field) {
  const auto& directive = *static_cast<const DirectiveDefinition*>(at);
  switch (field.ordinal) {
    case 0: return write_string(x, directive.name);
    case 1: return write_optional(x, directive.description);
    case 2: return write_boolean(x, directive.is_repeatable);
    case 3:
      return write_list(x, field, directive.locations, kEverything,
                        [&](const std::string& location) { return write_string(x, location); });
    case 4: return write_input_values(x, field, directive.arguments);
    case 5: return write_boolean(x, directive.deprecation.has_value());
    default: return write_reason(x, directive.deprecation);
  }
}

std::string_view kind_name(const Type& type) {
  if (type.is_list()) return "LIST";
  if (type.is_non_null()) return "NON_NULL";
  static constexpr std::string_view kNames[] = {"SCALAR", "OBJECT", "INTERFACE",
                                                "UNION",  "ENUM",   "INPUT_OBJECT"};
  return kNames[static_cast<size_t>(type.named->kind)];
}

bool write_fields(Execution& x, const PlanField& field, const NamedType& type) {
  if (type.kind != TypeKind::kObject && type.kind != TypeKind::kInterface) return write_null(x);
  const bool all = includes_deprecated(x, field);
  return write_list(
      x, field, type.fields, [&](const FieldDefinition& item) { return all || !item.deprecation; },
      [&](const FieldDefinition& item) {
        return write_object(x, field, "__Field", &resolve_field, &item);
      });
}

bool write_enum_values(Execution& x, const PlanField& field, const NamedType& type) {
  if (type.kind != TypeKind::kEnum) return write_null(x);
  const bool all = includes_deprecated(x, field);
  return write_list(
      x, field, type.values, [&](const EnumValue& item) { return all || !item.deprecation; },
      [&](const EnumValue& item) {
        return write_object(x, field, "__EnumValue", &resolve_enum_value, &item);
      });
}

bool write_types(Execution& x, const PlanField& field, const std::vector<const NamedType*>& types) {
  return write_list(x, field, types, kEverything,
                    [&](const NamedType* type) { return write_type(x, field, type->type); });
}

bool resolve_type(Execution& x, const void* at, const PlanField& field) {
  const auto& type = *static_cast<const Type*>(at);
  const bool wraps = type.wrap != Type::Wrap::kNamed;
  if (field.ordinal == 0) return write_string(x, std::string(kind_name(type)));
  if (field.ordinal == 9) return wraps ? write_type(x, field, *type.of) : write_null(x);
  if (wraps) return write_null(x);
  const NamedType& named = *type.named;
  switch (field.ordinal) {
    case 1: return write_string(x, named.name);
    case 2: return write_optional(x, named.description);
    case 3: return write_reason(x, named.specified_by_url);
    case 4: return write_fields(x, field, named);
    case 5:
      if (named.kind != TypeKind::kObject && named.kind != TypeKind::kInterface) {
        return write_null(x);
      }
      return write_types(x, field, named.interfaces);
    case 6:
      return named.is_abstract() ? write_types(x, field, named.possible_types) : write_null(x);
    case 7: return write_enum_values(x, field, named);
    case 8:
      if (named.kind != TypeKind::kInputObject) return write_null(x);
      return write_input_values(x, field, named.input_fields);
    default:
      if (named.kind != TypeKind::kInputObject) return write_null(x);
      return write_boolean(x, named.is_one_of);
  }
}

bool resolve_schema(Execution& x, const void* at, const PlanField& field) {
  const auto& schema = *static_cast<const Schema*>(at);
  switch (field.ordinal) {
    case 0: return write_optional(x, schema.description());
    case 1:
      return write_list(
          x, field, schema.types(),
          [&](const auto& type) { return schema.type(type->name) != nullptr; },
          [&](const auto& type) { return write_type(x, field, type->type); });
    case 2: return write_named(x, field, schema.root(OperationKind::kQuery));
    case 3: return write_named(x, field, schema.root(OperationKind::kMutation));
    case 4: return write_named(x, field, schema.root(OperationKind::kSubscription));
    default: {
      const bool all = includes_deprecated(x, field);
      return write_list(
          x, field, schema.directives(),
          [&](const auto& directive) { return all || !directive->deprecation; },
          [&](const auto& directive) {
            return write_object(x, field, "__Directive", &resolve_directive, directive.get());
          });
    }
  }
}

}  // namespace

bool write_introspection(Execution& x, const PlanField& field) {
  if (field.meta == MetaField::kSchema) {
    return write_object(x, field, "__Schema", &resolve_schema, &x.schema());
  }
  const auto values = coerce_arguments(field.definition->arguments,
                                       field.occurrences[0].node->arguments, &x.variables());
  if (!values.ok()) return x.fail(field, values.error());
  return write_named(x, field, x.schema().type(values->field("name")->text));
}

}  // namespace firn::graphql
