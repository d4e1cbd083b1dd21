#pragma once

#include <memory>
#include <string>
#include <vector>

#include "graphql/schema.h"

namespace firn::mcp {

// One root field of the schema as a tool.
struct Tool {
  const graphql::FieldDefinition* field = nullptr;
  bool is_mutation = false;
  bool is_common = false;  // in the list that a client gets by default
  std::string toolset;     // the SDL file that it stands in: "catalog"
  std::string selection;   // with braces; empty for a leaf
  std::string document;    // up to the selection: "query(...) { field(...)"
  std::string listed;      // as tools/list shows it, JSON

  const std::string& name() const { return field->name; }
};

// Every query and mutation field but the hidden ones, in the order of their names. What a tool is
// called, says and takes is the schema's text and nothing else.
std::vector<Tool> make_tools(const graphql::Schema& schema);

}  // namespace firn::mcp
