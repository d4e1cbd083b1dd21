#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "workspace/workspace.h"

// The bodies of items. Readers take what writers of this and earlier versions wrote; anything else
// is Internal.
namespace firn::workspace {

std::string body_of(const SavedQuery& query);
std::string body_of(const Chart& chart);
std::string body_of(const Dashboard& dashboard);
std::string body_of(const Insight& insight);
Status read_body(std::string_view json, SavedQuery& query);
Status read_body(std::string_view json, Chart& chart);
Status read_body(std::string_view json, Dashboard& dashboard);
Status read_body(std::string_view json, Insight& insight);

}  // namespace firn::workspace
