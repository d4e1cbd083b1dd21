#include "mcp/mirror/schema_text.h"

#include <algorithm>
#include <set>

#include "base/words.h"

namespace firn::mcp {
namespace {

using graphql::FieldDefinition;
using graphql::InputValue;
using graphql::NamedType;
using graphql::OperationKind;
using graphql::TypeKind;

std::string value_text(const InputValue& value) {
  std::string out = value.name + ": " + value.type->to_string();
  if (value.default_value) out += " = " + value.default_text;
  return out;
}

std::string commented(const std::string& indent, const std::string& description) {
  return description.empty() ? "" : indent + "# " + description + "\n";
}

const NamedType* root_of(const graphql::Schema& schema, const NamedType& type) {
  for (const auto kind :
       {OperationKind::kQuery, OperationKind::kMutation, OperationKind::kSubscription}) {
    if (schema.root(kind) == &type) return &type;
  }
  return nullptr;
}

void add_type(const NamedType& type, std::set<const NamedType*>& seen, std::string& out) {
  const bool is_scalar = type.kind == TypeKind::kScalar;
  if (is_scalar || type.is_built_in || !seen.insert(&type).second) return;
  out += "\n" + type_text(type);
  if (type.kind != TypeKind::kInputObject) return;
  for (const InputValue& value : type.input_fields) add_type(*value.type->named, seen, out);
}

std::string field_with_types(const FieldDefinition& field) {
  std::string out = commented("", field.description) + field_text(field) + "\n";
  std::set<const NamedType*> seen;
  for (const InputValue& value : field.arguments) {
    if (!value.description.empty()) out += "# " + value.name + ": " + value.description + "\n";
  }
  for (const InputValue& value : field.arguments) add_type(*value.type->named, seen, out);
  const NamedType& result = *field.type->named;
  add_type(result, seen, out);
  // A connection says nothing by itself: its nodes do.
  const auto* edges = result.field("edges");
  const auto* node = edges != nullptr ? edges->type->named->field("node") : nullptr;
  if (node != nullptr) add_type(*node->type->named, seen, out);
  return out;
}

}  // namespace

std::string field_text(const FieldDefinition& field) {
  std::string arguments;
  for (const InputValue& value : field.arguments) {
    if (value.deprecation) continue;
    arguments += (arguments.empty() ? "" : ", ") + value_text(value);
  }
  return field.name + (arguments.empty() ? "" : "(" + arguments + ")") + ": " +
         field.type->to_string();
}

std::string type_text(const NamedType& type) {
  static constexpr std::string_view kKeywords[] = {"scalar", "type", "interface",
                                                   "union",  "enum", "input"};
  std::string out = commented("", type.description) +
                    std::string(kKeywords[static_cast<size_t>(type.kind)]) + " " + type.name;
  if (type.is_one_of) out += " @oneOf";
  if (type.kind == TypeKind::kScalar) return out + "\n";
  if (type.kind == TypeKind::kUnion) {
    for (size_t i = 0; i < type.possible_types.size(); ++i) {
      out += (i == 0 ? " = " : " | ") + type.possible_types[i]->name;
    }
    return out + "\n";
  }
  out += " {\n";
  for (const FieldDefinition& field : type.fields) {
    if (!field.deprecation)
      out += commented("  ", field.description) + "  " + field_text(field) + "\n";
  }
  for (const InputValue& value : type.input_fields) {
    if (!value.deprecation)
      out += commented("  ", value.description) + "  " + value_text(value) + "\n";
  }
  for (const auto& value : type.values)
    out += commented("  ", value.description) + "  " + value.name + "\n";
  return out + "}\n";
}

std::string describe_name(const graphql::Schema& schema, std::string_view name) {
  if (const NamedType* type = schema.type(name)) return type_text(*type);
  const size_t dot = name.find('.');
  if (dot != std::string_view::npos) {
    const NamedType* type = schema.type(name.substr(0, dot));
    const FieldDefinition* field = type != nullptr ? type->field(name.substr(dot + 1)) : nullptr;
    return field != nullptr ? field_with_types(*field) : "";
  }
  std::string out;
  for (const auto kind :
       {OperationKind::kQuery, OperationKind::kMutation, OperationKind::kSubscription}) {
    const NamedType* root = schema.root(kind);
    const FieldDefinition* field = root != nullptr ? root->field(name) : nullptr;
    if (field != nullptr) {
      out += "# a " + std::string(graphql::name_of(kind)) + "\n" + field_with_types(*field);
    }
  }
  return out;
}

std::vector<SchemaHit> search_names(const graphql::Schema& schema, std::string_view words,
                                    size_t first,
                                    const std::function<bool(const FieldDefinition&)>& usable) {
  const auto wanted = words_of(words);
  std::vector<SchemaHit> hits;
  const auto add = [&](SchemaHit hit, int more) {
    hit.score = word_score(wanted, hit.name, hit.description);
    if (hit.score == 0) return;
    hit.score += more;
    hits.push_back(std::move(hit));
  };
  for (const auto& type : schema.types()) {
    if (type->is_built_in || type->name.starts_with("__")) continue;
    const NamedType* root = root_of(schema, *type);
    if (root == nullptr && !type->name.ends_with("Edge") && !type->name.ends_with("Connection")) {
      add({type->name, "type", type->name, type->description}, 0);
    }
    for (const FieldDefinition& field : type->fields) {
      if (root != nullptr && !usable(field)) continue;
      const bool mutation = root == schema.root(OperationKind::kMutation);
      if (root != nullptr) {
        add({field.name, mutation ? "mutation" : "query", field_text(field), field.description}, 2);
      } else if (!field.description.empty()) {
        add({type->name + "." + field.name, "field", field_text(field), field.description}, -1);
      }
    }
  }
  std::sort(hits.begin(), hits.end(), [](const SchemaHit& a, const SchemaHit& b) {
    return a.score != b.score ? a.score > b.score : a.name < b.name;
  });
  if (hits.size() > first) hits.resize(first);
  return hits;
}

}  // namespace firn::mcp
