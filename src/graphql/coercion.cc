#include "graphql/coercion.h"

#include <cmath>

#include <fmt/format.h>

#include "graphql/json.h"
#include "graphql/suggestions.h"

namespace firn::graphql {
namespace {

Error wrong(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Result<Value> coerce_int(Value value, InputOrigin origin) {
  // 1.0 is a whole number in JSON, which has no other, but not in a document.
  const bool fraction = origin == InputOrigin::kLiteral && value.kind == Value::Kind::kFloat &&
                        value.text.find_first_of(".eE") != std::string::npos;
  if (!value.is_number() || fraction) {
    return wrong(fmt::format("Int cannot represent non-integer value: {}", value.to_json()));
  }
  if (value.kind == Value::Kind::kFloat && std::trunc(value.number) != value.number) {
    return wrong(fmt::format("Int cannot represent non-integer value: {}", value.to_json()));
  }
  if (!(value.number >= INT32_MIN && value.number <= INT32_MAX)) {
    return wrong(
        fmt::format("Int cannot represent non 32-bit signed integer value: {}", value.to_json()));
  }
  return Value::of_int(static_cast<int64_t>(value.number));
}

Result<Value> coerce_float(Value value, InputOrigin origin) {
  // graphql-js takes 1e400 in a document for a number; resolvers never see it (ScalarTraits).
  const bool finite = std::isfinite(value.number) || origin == InputOrigin::kLiteral;
  if (!value.is_number() || !finite) {
    return wrong(fmt::format("Float cannot represent non numeric value: {}", value.to_json()));
  }
  return value;
}

Result<Value> coerce_id(Value value, InputOrigin origin) {
  if (value.kind == Value::Kind::kInt) return Value::of_string(std::to_string(value.integer));
  // An integer of any size may be an ID; a fraction may not.
  if (value.kind == Value::Kind::kFloat &&
      value.text.find_first_not_of("-0123456789") == std::string::npos) {
    return Value::of_string(value.text);
  }
  if (value.kind == Value::Kind::kString) return value;
  const std::string_view what =
      origin == InputOrigin::kLiteral ? "a non-string and non-integer value" : "value";
  return wrong(fmt::format("ID cannot represent {}: {}", what, value.to_json()));
}

Result<Value> coerce_enum(Value value, const NamedType& type, InputOrigin origin) {
  const auto expected = origin == InputOrigin::kLiteral ? Value::Kind::kEnum : Value::Kind::kString;
  if (value.kind != expected) {
    return wrong(
        fmt::format("Enum \"{}\" cannot represent non-{} value: {}.{}", type.name,
                    origin == InputOrigin::kLiteral ? "enum" : "string", value.to_json(),
                    value.kind == Value::Kind::kString
                        ? did_you_mean("the enum value", suggest_enum_values(type, value.text))
                        : ""));
  }
  if (type.value(value.text) == nullptr) {
    return wrong(
        fmt::format("Value \"{}\" does not exist in \"{}\" enum.{}", value.text, type.name,
                    did_you_mean("the enum value", suggest_enum_values(type, value.text))));
  }
  value.kind = Value::Kind::kEnum;
  return value;
}

Result<bool> coerce_object(const Node& node, const NamedType& type, const Variables* variables,
                           Value& into) {
  into = Value();
  into.kind = Value::Kind::kObject;
  for (const InputValue& field : type.input_fields) {
    const Node* given = nullptr;
    for (const Node* candidate : node.items) {
      if (candidate->name_text() == field.name) given = candidate;
    }
    Value value;
    bool present = false;
    if (given != nullptr) {
      present = TRY(coerce_literal(*given->value, *field.type, variables, value));
    }
    if (present) {
      into.fields.emplace_back(field.name, std::move(value));
    } else if (field.default_value) {
      into.fields.emplace_back(field.name, *field.default_value);
    } else if (field.type->is_non_null()) {
      return wrong(fmt::format("Expected value of type \"{}\" to include required field \"{}\".",
                               type.name, field.name));
    }
  }
  if (type.is_one_of && (into.fields.size() != 1 || into.fields[0].second.is_null())) {
    return wrong(
        fmt::format("Within OneOf Input Object type \"{}\", exactly one field must be specified, "
                    "and the value for that field must be non-null.",
                    type.name));
  }
  return true;
}

}  // namespace

Value untyped_value(const Node& node, const Variables* variables) {
  switch (node.kind) {
    case NodeKind::kInt:
    case NodeKind::kFloat: return Value::of_number(node.text);
    case NodeKind::kString: return Value::of_string(std::string(node.text));
    case NodeKind::kBoolean: return Value::of_boolean(node.flag);
    case NodeKind::kEnum: return Value::of_enum(std::string(node.text));
    case NodeKind::kVariable: {
      const Value* value = variables == nullptr ? nullptr : variables->field(node.name_text());
      return value == nullptr ? Value() : *value;
    }
    case NodeKind::kList: {
      Value list = Value::list();
      for (const Node* item : node.items) list.items.push_back(untyped_value(*item, variables));
      return list;
    }
    case NodeKind::kObject: {
      Value object = Value::object();
      for (const Node* field : node.items) {
        object.set(std::string(field->name_text()), untyped_value(*field->value, variables));
      }
      return object;
    }
    default: return {};
  }
}

Result<Value> coerce_leaf(Value value, const NamedType& type, InputOrigin origin) {
  if (type.kind == TypeKind::kEnum) return coerce_enum(std::move(value), type, origin);
  if (!type.is_built_in) {
    if (type.check) TRY(type.check(value));
    return value;
  }
  if (type.name == "Int") return coerce_int(std::move(value), origin);
  if (type.name == "Float") return coerce_float(std::move(value), origin);
  if (type.name == "ID") return coerce_id(std::move(value), origin);
  if (type.name == "Boolean") {
    if (value.kind == Value::Kind::kBoolean) return value;
    return wrong(fmt::format("Boolean cannot represent a non boolean value: {}", value.to_json()));
  }
  if (value.kind == Value::Kind::kString) return value;
  return wrong(fmt::format("String cannot represent a non string value: {}", value.to_json()));
}

Status check_leaf(const Value& value, const NamedType& type, InputOrigin origin) {
  const auto coerced = coerce_leaf(value, type, origin);
  return coerced.ok() ? Status() : coerced.error();
}

// A list, or the one item of it.
static Result<bool> coerce_list(const Node& node, const Type& item, const Variables* variables,
                                Value& into) {
  Value list = Value::list();
  if (node.kind != NodeKind::kList) {
    const bool present = TRY(coerce_literal(node, item, variables, list.items.emplace_back()));
    into = std::move(list);
    return present;
  }
  for (const Node* inner : node.items) {
    Value value;
    const bool present = TRY(coerce_literal(*inner, item, variables, value));
    // An absent variable in a list is null, where null is allowed.
    if (!present && item.is_non_null()) {
      return wrong(
          fmt::format("Expected variable \"${}\" provided to type \"{}\" to provide a "
                      "runtime value.",
                      inner->name_text(), item.to_string()));
    }
    list.items.push_back(std::move(value));
  }
  into = std::move(list);
  return true;
}

Result<bool> coerce_literal(const Node& node, const Type& type, const Variables* variables,
                            Value& into) {
  if (node.kind == NodeKind::kVariable) {
    const Value* value = variables == nullptr ? nullptr : variables->field(node.name_text());
    if (value == nullptr) return false;
    if (value->is_null() && type.is_non_null()) {
      return wrong(
          fmt::format("Expected variable \"${}\" provided to non-null type \"{}\" not to be "
                      "null.",
                      node.name_text(), type.to_string()));
    }
    into = *value;
    return true;
  }
  if (node.kind == NodeKind::kNull) {
    if (type.is_non_null()) {
      return wrong(
          fmt::format("Expected value of non-null type \"{}\" not to be null.", type.to_string()));
    }
    into = Value();
    return true;
  }
  const Type& nullable = *type.nullable();
  if (nullable.is_list()) return coerce_list(node, *nullable.of, variables, into);
  const NamedType& named = *nullable.named;
  if (named.kind == TypeKind::kInputObject) {
    if (node.kind != NodeKind::kObject) {
      return wrong(fmt::format("Expected value of type \"{}\" to be an object.", named.name));
    }
    return coerce_object(node, named, variables, into);
  }
  into = TRY(coerce_leaf(untyped_value(node, variables), named, InputOrigin::kLiteral));
  return true;
}

Result<Value> coerce_arguments(const std::vector<InputValue>& definitions, NodeList given,
                               const Variables* variables) {
  Value object = Value::object();
  for (const InputValue& definition : definitions) {
    const Node* node = nullptr;
    for (const Node* candidate : given) {
      if (candidate->name_text() == definition.name) node = candidate;
    }
    Value value;
    bool present = false;
    if (node != nullptr) {
      auto coerced = coerce_literal(*node->value, *definition.type, variables, value);
      if (!coerced.ok()) {
        return coerced.error().with_context(
            fmt::format("Argument \"{}\" has invalid value", definition.name));
      }
      present = *coerced;
    }
    if (present) {
      object.fields.emplace_back(definition.name, std::move(value));
    } else if (definition.default_value) {
      object.fields.emplace_back(definition.name, *definition.default_value);
    } else if (definition.type->is_non_null()) {
      return wrong(fmt::format("Argument \"{}\" of required type \"{}\" was not provided.",
                               definition.name, definition.type->to_string()));
    }
  }
  return object;
}

}  // namespace firn::graphql
