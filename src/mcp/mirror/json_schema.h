#pragma once

#include <string>

#include "graphql/schema.h"
#include "mcp/json_rpc.h"

namespace firn::mcp {

// JSON Schema 2020-12 of what a field takes: an object with a member an argument, input types in
// $defs. Without the $schema key, which some editors refuse. `more` are members beside the
// arguments, as JSON members without braces; may be empty.
std::string arguments_schema(const graphql::FieldDefinition& field, const std::string& more);

// JSON Schema of what a field gives, as the member `field.name` of an object. A caller may select
// any of its fields, so none is required.
std::string result_schema(const graphql::FieldDefinition& field);

}  // namespace firn::mcp
