#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>

#include "http/thread_pool.h"
#include "mcp/provider.h"

namespace firn::mcp::conformance {

// What the conformance suite of MCP expects of the server that it tests: tools, resources and
// prompts of fixed names and contents (npm @modelcontextprotocol/conformance 0.2.0-alpha.12).
class Fixtures final : public Provider {
 public:
  Fixtures();
  // Called when a tool says that the list of tools, or of prompts, is another one.
  std::function<void()> on_tools_changed;
  std::function<void()> on_prompts_changed;

  ServerDescription describe() const override;
  void list_tools(CallPtr call) override;
  void call_tool(CallPtr call) override;
  void list_resources(CallPtr call) override;
  void list_resource_templates(CallPtr call) override;
  void read_resource(CallPtr call) override;
  void list_prompts(CallPtr call) override;
  void get_prompt(CallPtr call) override;
  void complete(CallPtr call) override;

 private:
  struct Tool {
    std::string description;
    std::string input_schema;
    std::function<void(const CallPtr&)> handler;
    bool blocking = false;
  };
  void add(const std::string& name, std::string description,
           std::function<void(const CallPtr&)> handler, bool blocking = false,
           std::string input_schema = R"({"type":"object","properties":{}})");
  void add_contents();
  void add_streams();
  void add_questions();
  void add_input_required();
  void add_input_required_states();

  std::map<std::string, Tool> tools_;
  http::ThreadPool pool_{8, 64};
};

}  // namespace firn::mcp::conformance
