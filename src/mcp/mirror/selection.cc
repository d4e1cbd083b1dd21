#include "mcp/mirror/selection.h"

#include <algorithm>
#include <array>

#include "graphql/document.h"

namespace firn::mcp {
namespace {

using graphql::FieldDefinition;
using graphql::NamedType;
using graphql::Node;
using graphql::NodeKind;

constexpr std::array<std::string_view, 5> kNames = {"id", "name", "title", "fullName", "email"};
constexpr int64_t kCheapMax = 1;

bool is_plain_record(const NamedType& type) { return type.directive("value") != nullptr; }

// Needs no arguments, and is not worth a thought.
bool comes_by_itself(const FieldDefinition& field) {
  if (field.deprecation) return false;
  const auto* cost = field.directive("cost");
  const auto* value = cost != nullptr ? cost->arguments.field("value") : nullptr;
  if (value != nullptr && value->integer > kCheapMax) return false;
  return std::none_of(field.arguments.begin(), field.arguments.end(),
                      [](const auto& argument) { return argument.is_required(); });
}

std::string leaves(const NamedType& type, bool names_only) {
  std::string out;
  for (const auto& field : type.fields) {
    if (!field.type->named->is_leaf() || !comes_by_itself(field)) continue;
    if (names_only && std::find(kNames.begin(), kNames.end(), field.name) == kNames.end()) continue;
    out += ' ' + field.name;
  }
  return out;
}

bool is_connection(const NamedType& type) {
  return type.name.ends_with("Connection") && type.field("edges") != nullptr &&
         type.field("pageInfo") != nullptr;
}

std::string members(const NamedType& type, int depth);

std::string below(const FieldDefinition& field, int depth) {
  const NamedType& type = *field.type->named;
  if (type.is_abstract()) return " __typename";
  if (is_connection(type)) return {};  // a list of its own: to be asked for
  return is_plain_record(type) && depth > 0 ? members(type, depth - 1) : leaves(type, true);
}

std::string members(const NamedType& type, int depth) {
  std::string out = leaves(type, false);
  for (const auto& field : type.fields) {
    if (field.type->named->is_leaf() || !comes_by_itself(field)) continue;
    const std::string inner = below(field, depth);
    if (!inner.empty()) out += ' ' + field.name + " {" + inner + " }";
  }
  return out;
}

}  // namespace

std::string default_selection(const NamedType& type) {
  if (type.is_leaf()) return {};
  if (type.is_abstract()) {
    std::string out = " __typename" + leaves(type, false);
    for (const NamedType* object : type.possible_types) {
      const std::string inner = leaves(*object, true);
      if (!inner.empty()) out += " ... on " + object->name + " {" + inner + " }";
    }
    return "{" + out + " }";
  }
  if (!is_connection(type)) return "{" + members(type, 1) + " }";
  const NamedType& node = *type.field("edges")->type->named->field("node")->type->named;
  std::string out = "{ edges { node {" + leaves(node, false) + " } }";
  out += " pageInfo { hasNextPage endCursor }";
  if (type.field("totalCount") != nullptr) out += " totalCount";
  return out + " }";
}

bool is_untrusted(const graphql::Schema& schema, const NamedType& parent,
                  const Node& selection_set) {
  if (parent.directive("untrusted") != nullptr) return true;
  return std::any_of(
      selection_set.items.begin(), selection_set.items.end(), [&](const Node* selection) {
        if (selection->kind == NodeKind::kFragmentSpread) return true;  // by name: not looked up
        const NamedType* inner = &parent;
        if (selection->kind == NodeKind::kField) {
          const FieldDefinition* field = schema.field(parent, selection->name_text());
          if (field == nullptr) return false;
          if (field->directive("untrusted") != nullptr) return true;
          inner = field->type->named;
        } else if (selection->type != nullptr) {
          inner = schema.type(selection->type->name_text());
        }
        return inner != nullptr && selection->selection_set != nullptr &&
               is_untrusted(schema, *inner, *selection->selection_set);
      });
}

bool selects_untrusted(const graphql::Schema& schema, const NamedType& type,
                       const std::string& braced) {
  if (type.directive("untrusted") != nullptr) return true;
  const auto parsed = graphql::parse(braced);
  return parsed.document != nullptr && !parsed.document->definitions().empty() &&
         is_untrusted(schema, type, *parsed.document->definitions()[0]->selection_set);
}

namespace {

Status check_aliases(const Node& selection_set) {
  for (const Node* selection : selection_set.items) {
    if (selection->alias != nullptr) {
      return Error(ErrorCode::kInvalidArgument,
                   "'fields' takes no aliases; run_query_document does");
    }
    if (selection->kind == NodeKind::kFragmentSpread) {
      return Error(ErrorCode::kInvalidArgument,
                   "'fields' takes no named fragments; run_query_document does");
    }
    if (selection->selection_set != nullptr) TRY(check_aliases(*selection->selection_set));
  }
  return {};
}

}  // namespace

Status check_selection(std::string_view braced) {
  const auto parsed = graphql::parse(std::string(braced));
  if (parsed.document == nullptr) {
    return Error(ErrorCode::kInvalidArgument,
                 "'fields' is no GraphQL selection: " + parsed.error.message);
  }
  // What closes a brace that it did not open would be something else than a selection.
  const auto definitions = parsed.document->definitions();
  if (definitions.size() != 1 || definitions[0]->kind != NodeKind::kOperationDefinition ||
      definitions[0]->start != 0 || braced.front() != '{') {
    return Error(ErrorCode::kInvalidArgument,
                 "'fields' is what stands between the braces of one field");
  }
  return check_aliases(*definitions[0]->selection_set);
}

}  // namespace firn::mcp
