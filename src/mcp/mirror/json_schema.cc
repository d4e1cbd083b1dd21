#include "mcp/mirror/json_schema.h"

#include <map>

namespace firn::mcp {
namespace {

using graphql::InputValue;
using graphql::NamedType;
using graphql::Type;
using graphql::TypeKind;

std::string described(std::string_view schema, std::string_view description) {
  std::string out(schema);
  if (description.empty()) return out;
  out.insert(out.size() - 1,
             (out.size() > 2 ? ",\"description\":" : "\"description\":") + quoted(description));
  return out;
}

std::string scalar_schema(const NamedType& type) {
  if (type.name == "Int") {
    return R"({"type":"integer","minimum":-2147483648,"maximum":2147483647})";
  }
  if (type.name == "Long") return R"({"type":"integer"})";
  if (type.name == "Float") return R"({"type":"number"})";
  if (type.name == "Boolean") return R"({"type":"boolean"})";
  if (type.name == "DateTime") return R"({"type":"string","format":"date-time"})";
  if (type.name == "String" || type.name == "ID") return R"({"type":"string"})";
  return "{}";  // JSON, and whatever else is free in form
}

std::string enum_schema(const NamedType& type) {
  std::string values;
  for (const auto& value : type.values) {
    if (!values.empty()) values += ',';
    values += quoted(value.name);
  }
  return R"({"type":"string","enum":[)" + values + "]}";
}

// Input types, each once.
class InputSchemas {
 public:
  std::string of(const Type& type) {
    const Type& inner = *type.nullable();
    if (inner.is_list()) return R"({"type":"array","items":)" + of(*inner.of) + "}";
    const NamedType& named = *inner.named;
    if (named.kind == TypeKind::kEnum) return enum_schema(named);
    if (named.kind == TypeKind::kScalar) return scalar_schema(named);
    if (!definitions_.contains(named.name)) {
      definitions_[named.name];  // before its members: a type may be part of itself
      definitions_[named.name] = object(named);
    }
    return "{\"$ref\":" + quoted("#/$defs/" + named.name) + "}";
  }

  std::string members(const std::vector<InputValue>& values, std::string& required) {
    std::string out;
    for (const InputValue& value : values) {
      if (value.deprecation) continue;
      std::string schema = described(of(*value.type), value.description);
      if (value.default_value && !value.default_value->is_null()) {
        schema.insert(schema.size() - 1, (schema.size() > 2 ? ",\"default\":" : "\"default\":") +
                                             value.default_value->to_json());
      }
      if (!out.empty()) out += ',';
      out += quoted(value.name) + ":" + schema;
      if (!value.is_required()) continue;
      if (!required.empty()) required += ',';
      required += quoted(value.name);
    }
    return out;
  }

  std::string definitions() const {
    std::string out;
    for (const auto& [name, schema] : definitions_) {
      if (!out.empty()) out += ',';
      out += quoted(name) + ":" + schema;
    }
    return out;
  }

 private:
  std::string object(const NamedType& type) {
    std::string required;
    std::string out = R"({"type":"object","properties":{)" + members(type.input_fields, required);
    out += R"(},"additionalProperties":false)";
    if (!required.empty()) out += ",\"required\":[" + required + "]";
    if (type.is_one_of) out += R"(,"minProperties":1,"maxProperties":1)";
    return described(out + "}", type.description);
  }
  std::map<std::string, std::string> definitions_;
};

// A value that may be null, as every GraphQL field may be under an error.
std::string nullable(const std::string& schema) {
  if (schema == "{}") return schema;
  return "{\"anyOf\":[" + schema + R"(,{"type":"null"}]})";
}

std::string output_schema(const Type& type, int depth) {
  if (!type.is_non_null()) {
    // The wrapper costs a model's tokens: only where a value may be null.
    const Type& inner = type;
    std::string schema;
    if (inner.is_list()) {
      schema = R"({"type":"array","items":)" + output_schema(*inner.of, depth) + "}";
      return nullable(schema);
    }
  }
  const Type& inner = *type.nullable();
  if (inner.is_list()) return R"({"type":"array","items":)" + output_schema(*inner.of, depth) + "}";
  const NamedType& named = *inner.named;
  std::string schema;
  if (named.kind == TypeKind::kEnum) {
    schema = enum_schema(named);
  } else if (named.kind == TypeKind::kScalar) {
    schema = scalar_schema(named);
    // Bounds are for input; an answer has what it has.
    if (named.name == "Int") schema = R"({"type":"integer"})";
  } else if (depth == 0 || named.is_abstract()) {
    schema = R"({"type":"object"})";
  } else {
    std::string members;
    for (const auto& field : named.fields) {
      if (field.deprecation) continue;
      if (!members.empty()) members += ',';
      members += quoted(field.name) + ":" + output_schema(*field.type, depth - 1);
    }
    schema = R"({"type":"object","properties":{)" + members + "}}";
  }
  return type.is_non_null() ? schema : nullable(schema);
}

}  // namespace

std::string arguments_schema(const graphql::FieldDefinition& field, const std::string& more) {
  InputSchemas schemas;
  std::string required;
  std::string members = schemas.members(field.arguments, required);
  if (!more.empty()) members += (members.empty() ? "" : ",") + more;
  std::string out =
      R"({"type":"object","properties":{)" + members + R"(},"additionalProperties":false)";
  if (!required.empty()) out += ",\"required\":[" + required + "]";
  const std::string definitions = schemas.definitions();
  if (!definitions.empty()) out += ",\"$defs\":{" + definitions + "}";
  return out + "}";
}

std::string result_schema(const graphql::FieldDefinition& field) {
  constexpr int kDepth = 2;
  return R"({"type":"object","properties":{)" + quoted(field.name) + ":" +
         output_schema(*field.type, kDepth) + "}}";
}

}  // namespace firn::mcp
