#pragma once

#include "agents/analyst/finding.h"
#include "agents/claims.h"
#include "agents/proposals.h"
#include "api/schema/types.h"
#include "base/result.h"

namespace firn::api {

schema::ChartSpec spec_of(const agents::FindingChart& chart);
schema::Finding to_schema(const agents::Finding& finding);
std::vector<schema::UnverifiedClaim> to_schema(const std::vector<agents::UnverifiedClaim>& claims);
// Errors: Internal, where what is stored is no JSON.
Result<schema::Proposal> to_schema(const agents::Proposal& proposal);

}  // namespace firn::api
