#include "mcp/mirror/tool.h"

#include <algorithm>

#include "mcp/json_rpc.h"
#include "mcp/mirror/json_schema.h"
#include "mcp/mirror/selection.h"

namespace firn::mcp {
namespace {

using graphql::FieldDefinition;
using graphql::OperationKind;

bool flag(const graphql::AppliedDirective* directive, std::string_view name) {
  const auto* value = directive != nullptr ? directive->arguments.field(name) : nullptr;
  return value != nullptr && value->boolean;
}

std::string text(const graphql::AppliedDirective* directive, std::string_view name) {
  const auto* value = directive != nullptr ? directive->arguments.field(name) : nullptr;
  return value != nullptr && !value->is_null() ? value->text : std::string();
}

// "dropTable" is "Drop table".
std::string title_of(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) out += ' ';
    out += upper ? static_cast<char>(c + 32) : c;
  }
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 32);
  return out;
}

// "schema/catalog.graphql:208:3" is "catalog".
std::string toolset_of(const graphql::Schema& schema, const FieldDefinition& field) {
  std::string place = schema.describe(field.place);
  place.resize(std::min(place.find(".graphql"), place.size()));
  const size_t slash = place.rfind('/');
  return slash == std::string::npos ? place : place.substr(slash + 1);
}

// The operation that the tool runs, up to the selection. A variable whose place has a default may
// be left out, and then the default holds.
std::string document_of(const FieldDefinition& field, bool is_mutation) {
  std::string variables;
  std::string arguments;
  for (const auto& argument : field.arguments) {
    const auto* type = argument.default_value ? argument.type->nullable() : argument.type;
    variables += (variables.empty() ? "$" : ", $") + argument.name + ": " + type->to_string();
    arguments += (arguments.empty() ? "" : ", ") + argument.name + ": $" + argument.name;
  }
  std::string out = is_mutation ? "mutation" : "query";
  if (!variables.empty()) out += "(" + variables + ")";
  out += " { " + field.name;
  if (!arguments.empty()) out += "(" + arguments + ")";
  return out;
}

std::string annotations_of(const Tool& tool, const graphql::AppliedDirective* directive) {
  const auto boolean = [](bool value) { return value ? "true" : "false"; };
  std::string out = std::string("{\"readOnlyHint\":") + boolean(!tool.is_mutation);
  if (tool.is_mutation) {
    out += std::string(",\"destructiveHint\":") + boolean(flag(directive, "destructive"));
    out += std::string(",\"idempotentHint\":") + boolean(flag(directive, "idempotent"));
  }
  return out + ",\"openWorldHint\":" + boolean(flag(directive, "open")) + "}";
}

std::string list_entry(const Tool& tool, const graphql::AppliedDirective* directive) {
  const FieldDefinition& field = *tool.field;
  std::string title = text(directive, "title");
  if (title.empty()) title = title_of(field.name);
  std::string more;
  if (!tool.selection.empty()) {
    more = R"("fields":{"type":"string","description":"GraphQL selection of what to get of each )" +
           field.type->named->name + R"(; else its plain fields"})";
  }
  if (!tool.is_mutation) {
    more += more.empty() ? "" : ",";
    more += R"("cursor":{"type":"string","description":"nextCursor of a cut answer, to go on"})";
  }
  return "{\"name\":" + quoted(field.name) + ",\"title\":" + quoted(title) +
         ",\"description\":" + quoted(field.description) +
         ",\"inputSchema\":" + arguments_schema(field, more) +
         ",\"outputSchema\":" + result_schema(field) +
         ",\"annotations\":" + annotations_of(tool, directive) + "}";
}

}  // namespace

std::vector<Tool> make_tools(const graphql::Schema& schema) {
  std::vector<Tool> tools;
  for (const auto kind : {OperationKind::kQuery, OperationKind::kMutation}) {
    if (schema.root(kind) == nullptr) continue;
    for (const FieldDefinition& field : schema.root(kind)->fields) {
      const auto* directive = field.directive("tool");
      if (flag(directive, "hidden")) continue;
      Tool tool;
      tool.field = &field;
      tool.is_mutation = kind == OperationKind::kMutation;
      tool.is_common = flag(directive, "common");
      tool.toolset = toolset_of(schema, field);
      const std::string fields = text(directive, "fields");
      tool.selection =
          fields.empty() ? default_selection(*field.type->named) : "{ " + fields + " }";
      tool.document = document_of(field, tool.is_mutation);
      tool.listed = list_entry(tool, directive);
      tools.push_back(std::move(tool));
    }
  }
  std::sort(tools.begin(), tools.end(),
            [](const Tool& a, const Tool& b) { return a.name() < b.name(); });
  return tools;
}

}  // namespace firn::mcp
