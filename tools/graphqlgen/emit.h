#pragma once

#include <string>
#include <vector>

#include "tools/graphqlgen/model.h"

namespace firn::graphqlgen {

// What the hub implements and uses: enums, inputs, values, classes.
std::string emit_types_header(const Model& model);
// make_service() and the SDL.
std::string emit_service_header(const Model& model);
std::string emit_service_source(const Model& model,
                                const std::vector<graphql::SchemaSource>& sources);
// How values of the schema's types are written; shared by the sources below.
std::string emit_dispatch_header(const Model& model);
std::string emit_inputs_source(const Model& model);
// The classes' and values' fields, a part of them each.
std::string emit_dispatch_source(const Model& model, size_t part, size_t parts);
constexpr size_t kDispatchParts = 3;

}  // namespace firn::graphqlgen
