#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/schema.h"

namespace firn::mcp {

// "tables(first: Int = 100, after: String): TableConnection!".
std::string field_text(const graphql::FieldDefinition& field);
// A type's definition in SDL, with descriptions.
std::string type_text(const graphql::NamedType& type);

// What a name stands for: a type with its fields, or a field ("tables", "Table.snapshots") with the
// types of its arguments and of its result. Empty where there is nothing of this name.
std::string describe_name(const graphql::Schema& schema, std::string_view name);

struct SchemaHit {
  std::string name;  // "dropTable", "Table", "Table.snapshots"
  std::string kind;  // "query", "mutation", "type", "field"
  std::string text;
  std::string description;
  int score = 0;
};
// Fields and types by the words of their names and descriptions, best first, at most `first`.
// Root fields that are not `usable` are left out.
std::vector<SchemaHit> search_names(
    const graphql::Schema& schema, std::string_view words, size_t first,
    const std::function<bool(const graphql::FieldDefinition&)>& usable);

}  // namespace firn::mcp
