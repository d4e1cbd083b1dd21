#pragma once

#include <memory>

#include "app/settings.h"
#include "base/result.h"
#include "llm/model.h"

namespace firn::app {

// The language model that the settings name; null where they name none. InvalidArgument: one that
// cannot be.
Result<std::unique_ptr<llm::Model>> make_model(const Settings& settings);

}  // namespace firn::app
