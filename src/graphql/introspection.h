#pragma once

#include "graphql/plan.h"

namespace firn::graphql {

class Execution;

// Section 4: the value of `__schema` or `__type`.
bool write_introspection(Execution& x, const PlanField& field);

}  // namespace firn::graphql
