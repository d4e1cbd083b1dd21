#pragma once

#include <string>

#include "agents/agents.h"

namespace firn::agents {

// What stands in history and audit log for a run.
inline std::string client_of(const Agent& agent, const std::string& run) {
  return "agent " + agent.name + " run " + run;
}

// There is no model: what to set.
inline Error no_model() {
  return {ErrorCode::kUnsupported,
          "this server has no language model: start it with --model-provider, --model and the key "
          "in FIRN_MODEL_KEY or --model-key-file (docs/agents.md). Agents of the kind ANALYST need "
          "none"};
}

}  // namespace firn::agents
