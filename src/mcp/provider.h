#pragma once

#include <memory>
#include <string>

#include "mcp/call.h"

namespace firn::mcp {

// What a server says of itself.
struct ServerDescription {
  std::string name;
  std::string title;
  std::string version;
  std::string instructions;  // for the model; may be empty
  bool tools = true;
  bool resources = true;
  bool resource_updates = false;  // may be subscribed to
  bool prompts = true;
  bool completions = true;
  bool logging = false;
  bool list_changed = true;
};

// What a server offers. Each call is answered once, with respond() or fail(), from any thread, now
// or later; params are what the client sent, unchecked. Called on I/O threads: it must not block.
// Results are JSON objects of the specification's schema, without the envelope.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual ServerDescription describe() const = 0;
  virtual void list_tools(CallPtr call) = 0;
  virtual void call_tool(CallPtr call) = 0;
  virtual void list_resources(CallPtr call) = 0;
  virtual void list_resource_templates(CallPtr call) = 0;
  virtual void read_resource(CallPtr call) = 0;
  virtual void list_prompts(CallPtr call) = 0;
  virtual void get_prompt(CallPtr call) = 0;
  virtual void complete(CallPtr call) = 0;
};

}  // namespace firn::mcp
