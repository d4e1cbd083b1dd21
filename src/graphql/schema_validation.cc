#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "graphql/schema_builder_internal.h"

namespace firn::graphql {
namespace {

class SchemaValidator {
 public:
  SchemaValidator(const Schema& schema, SchemaErrors& errors) : schema_(schema), errors_(errors) {}

  void run() {
    if (schema_.root(OperationKind::kQuery) == nullptr) {
      errors_.add({}, "Query root type must be provided.");
    }
    check_roots_differ();
    for (const auto& type : schema_.types()) {
      switch (type->kind) {
        case TypeKind::kObject:
        case TypeKind::kInterface: check_fields(*type); break;
        case TypeKind::kUnion:
          if (type->possible_types.empty()) {
            errors_.add(
                type->place,
                fmt::format("Union type {} must define one or more member types.", type->name));
          }
          break;
        case TypeKind::kEnum:
          if (type->values.empty()) {
            errors_.add(type->place,
                        fmt::format("Enum type {} must define one or more values.", type->name));
          }
          break;
        case TypeKind::kInputObject: check_input_object(*type); break;
        case TypeKind::kScalar: break;
      }
    }
    check_input_circles();
    for (const auto& directive : schema_.directives()) {
      for (const InputValue& argument : directive->arguments) check_deprecation(argument);
    }
  }

 private:
  void check_roots_differ() {
    const auto* query = schema_.root(OperationKind::kQuery);
    const auto* mutation = schema_.root(OperationKind::kMutation);
    const auto* subscription = schema_.root(OperationKind::kSubscription);
    const bool same = (mutation != nullptr && (mutation == query || mutation == subscription)) ||
                      (subscription != nullptr && subscription == query);
    if (same) errors_.add(query->place, "All root types must be different.");
  }

  void check_deprecation(const InputValue& value) {
    if (value.deprecation && value.is_required()) {
      errors_.add(value.place, fmt::format("Required \"{}\" cannot be deprecated.", value.name));
    }
  }

  void check_fields(const NamedType& type) {
    if (type.fields.empty()) {
      errors_.add(type.place, fmt::format("Type {} must define one or more fields.", type.name));
    }
    for (const FieldDefinition& field : type.fields) {
      for (const InputValue& argument : field.arguments) check_deprecation(argument);
    }
    for (const NamedType* interface : type.interfaces) {
      if (interface == &type) {
        errors_.add(type.place,
                    fmt::format("Type {} cannot implement itself because it would create "
                                "a circular reference.",
                                type.name));
        continue;
      }
      for (const NamedType* above : interface->interfaces) {
        if (std::find(type.interfaces.begin(), type.interfaces.end(), above) ==
            type.interfaces.end()) {
          errors_.add(type.place,
                      fmt::format("Type {} must implement {} because it is implemented by {}.",
                                  type.name, above->name, interface->name));
        }
      }
      for (const FieldDefinition& wanted : interface->fields)
        check_implements(type, *interface, wanted);
    }
  }

  void check_implements(const NamedType& type, const NamedType& interface,
                        const FieldDefinition& wanted) {
    const FieldDefinition* field = type.field(wanted.name);
    if (field == nullptr) {
      errors_.add(type.place,
                  fmt::format("Interface field {}.{} expected but {} does not provide it.",
                              interface.name, wanted.name, type.name));
      return;
    }
    if (!schema_.is_sub_type(*field->type, *wanted.type)) {
      errors_.add(field->place,
                  fmt::format("Interface field {}.{} expects type {} but {}.{} is type {}.",
                              interface.name, wanted.name, wanted.type->to_string(), type.name,
                              field->name, field->type->to_string()));
    }
    for (const InputValue& argument : wanted.arguments) {
      const InputValue* given = field->argument(argument.name);
      if (given == nullptr) {
        errors_.add(
            field->place,
            fmt::format("Interface field argument {}.{}({}:) expected but {}.{} does not "
                        "provide it.",
                        interface.name, wanted.name, argument.name, type.name, field->name));
      } else if (given->type != argument.type) {
        errors_.add(
            given->place,
            fmt::format("Interface field argument {}.{}({}:) expects type {} but {}.{}({}:) "
                        "is type {}.",
                        interface.name, wanted.name, argument.name, argument.type->to_string(),
                        type.name, field->name, given->name, given->type->to_string()));
      }
    }
    for (const InputValue& argument : field->arguments) {
      if (wanted.argument(argument.name) == nullptr && argument.is_required()) {
        errors_.add(argument.place,
                    fmt::format("Argument \"{}.{}({}:)\" must not be required type \"{}\" if not "
                                "provided by the Interface field \"{}.{}\".",
                                type.name, field->name, argument.name, argument.type->to_string(),
                                interface.name, wanted.name));
      }
    }
  }

  void check_input_object(const NamedType& type) {
    if (type.input_fields.empty()) {
      errors_.add(type.place,
                  fmt::format("Input Object type {} must define one or more fields.", type.name));
    }
    for (const InputValue& field : type.input_fields) {
      check_deprecation(field);
      if (!type.is_one_of) continue;
      if (field.type->is_non_null()) {
        errors_.add(field.place, fmt::format("OneOf input field {}.{} must be nullable.", type.name,
                                             field.name));
      }
      if (field.default_node != nullptr) {
        errors_.add(field.place, fmt::format("OneOf input field {}.{} cannot have a default value.",
                                             type.name, field.name));
      }
    }
  }

  // Input objects that hold themselves by non-null fields, or by defaults, could never be written.
  void check_input_circles() {
    std::vector<uint8_t> state(schema_.types().size(), 0);  // 1: under way, 2: done
    for (const auto& type : schema_.types()) {
      if (type->kind == TypeKind::kInputObject) visit(*type, state);
    }
  }

  void visit(const NamedType& type, std::vector<uint8_t>& state) {
    state[type.id] = 1;
    for (const InputValue& field : type.input_fields) {
      const Type* nullable = field.type->nullable();
      const NamedType& inner = *field.type->named;
      if (inner.kind != TypeKind::kInputObject) continue;
      const bool must = field.type->is_non_null() && !nullable->is_list();
      const bool by_default = field.default_value && holds_object(*field.default_value);
      if (!must && !by_default) continue;
      if (state[inner.id] == 1) {
        errors_.add(field.place,
                    fmt::format("Cannot reference Input Object {} within itself through "
                                "a series of non-null fields or defaults: {}.{}.",
                                inner.name, type.name, field.name));
      } else if (state[inner.id] == 0) {
        visit(inner, state);
      }
    }
    state[type.id] = 2;
  }

  static bool holds_object(const Value& value) {
    return value.kind == Value::Kind::kObject ||
           std::any_of(value.items.begin(), value.items.end(), holds_object);
  }

  const Schema& schema_;
  SchemaErrors& errors_;
};

}  // namespace

void validate_schema(const Schema& schema, SchemaErrors& errors) {
  SchemaValidator(schema, errors).run();
}

}  // namespace firn::graphql
