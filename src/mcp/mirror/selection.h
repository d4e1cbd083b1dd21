#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "graphql/node.h"
#include "graphql/schema.h"

namespace firn::mcp {

// What a tool selects where its caller does not say: the type's scalars, its plain records, and of
// the objects one level below their ids and names; a connection is its nodes and its page. With
// braces; empty for a leaf. Fields that take arguments or cost something are left to the caller.
std::string default_selection(const graphql::NamedType& type);

// What a selection reads that comes from rows: a field or a type with @untrusted.
bool is_untrusted(const graphql::Schema& schema, const graphql::NamedType& parent,
                  const graphql::Node& selection_set);

// The same of a selection's text, with braces, on a type; false for what is no selection.
bool selects_untrusted(const graphql::Schema& schema, const graphql::NamedType& type,
                       const std::string& braced);

// InvalidArgument where a selection that a caller wrote has aliases: an answer's names are those of
// the schema, which the tool has promised. What is no GraphQL at all, the executor says.
Status check_selection(std::string_view braced);

}  // namespace firn::mcp
