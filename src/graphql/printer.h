#pragma once

#include <string>

#include "graphql/node.h"

namespace firn::graphql {

// A node as a document that reads as the same node: canonical white space, no comments.
std::string print(const Node& node);

}  // namespace firn::graphql
