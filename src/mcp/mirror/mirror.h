#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "graphql/service.h"
#include "http/timers.h"
#include "mcp/mirror/tool.h"
#include "mcp/provider.h"

namespace firn::mcp {

// A kind of resource: objects of the schema by URI, each read as the JSON of a query's data.
struct ResourceKind {
  std::string name;       // "table"
  std::string template_;  // RFC 6570 with one variable: "firn://table/{name}"
  std::string description;
  // Gives the object, from the URI's variable as $id: String!.
  std::string read_document;
  // Gives {list: {edges: [{node: {uri..., name, description}}]}}, from $search: String and $after:
  // String. Empty: not listed.
  std::string list_document;
  std::string id_field = "id";  // of the listed node: what goes into the URI
};

// A prompt whose text is fixed but for its arguments: {argument}.
struct PromptKind {
  struct Argument {
    std::string name;
    std::string description;
    bool required = true;
    std::string resource;  // completed with this kind of resource; may be empty
  };
  std::string name;
  std::string title;
  std::string description;
  std::vector<Argument> arguments;
  std::string text;
};

// Which calls wait for a person's word, asked of the client (elicitation): a client that cannot ask
// is refused then.
enum class Confirm { kNothing, kDestructive, kEveryChange };

struct MirrorOptions {
  ServerDescription about;
  std::vector<ResourceKind> resources;
  std::vector<PromptKind> prompts;
  Confirm confirm = Confirm::kNothing;
  size_t answer_bytes_max = 24 << 10;  // longer ones are cut: about what a model can hold
  std::chrono::milliseconds progress_every{500};  // of long calls whose client wants to hear
  // The context in which a caller's operations run; `client` names the tool.
  std::function<std::shared_ptr<graphql::RequestContext>(const Caller&, const std::string& client)>
      context;
  // Whether the caller may use a root field at all: others are not listed, and refused by the
  // executor, which asks again.
  std::function<bool(const Caller&, const graphql::FieldDefinition&)> may_use;
  // Where the caller may not because its token's scope is too narrow: the challenge (403,
  // WWW-Authenticate) that has a client ask for more. Empty otherwise.
  std::function<std::string(const Caller&, const graphql::FieldDefinition&)> step_up;
};

// A GraphQL service as an MCP server: each query and mutation field is a tool that runs just that
// field as the caller, through the service's own executor. The URL's query chooses the list:
// mode=full, toolset=catalog,query, read_only=true, which also refuses what changes anything.
// Thread-safe.
class Mirror final : public Provider {
 public:
  Mirror(graphql::Service& service, MirrorOptions options);
  ~Mirror() override;

  ServerDescription describe() const override { return options_.about; }
  void list_tools(CallPtr call) override;
  void call_tool(CallPtr call) override;
  void list_resources(CallPtr call) override;
  void list_resource_templates(CallPtr call) override;
  void read_resource(CallPtr call) override;
  void list_prompts(CallPtr call) override;
  void get_prompt(CallPtr call) override;
  void complete(CallPtr call) override;

  const std::vector<Tool>& tools() const { return tools_; }

 private:
  struct Own;  // a tool that is no field
  const Tool* tool(std::string_view name) const;
  bool listed(const Call& call, const Tool& tool, const std::string& toolsets) const;
  void call_field(const CallPtr& call, const Tool& tool, const Json& arguments);
  void search_schema(const CallPtr& call, const Json& arguments);
  void describe_schema(const CallPtr& call, const Json& arguments);
  void run_document(const CallPtr& call, const Json& arguments, graphql::OperationKind kind);
  // True when the call may go on; otherwise it was answered.
  bool confirmed(const CallPtr& call, bool destructive, const std::string& what);
  void tell_progress(const CallPtr& call, double seconds);
  // Runs a document as the caller; `done` gets the response.
  void run(const CallPtr& call, const std::string& document, const Json& variables,
           const std::string& client, std::function<void(graphql::Response)> done);
  const ResourceKind* resource_of(const std::string& uri, std::string& id) const;
  void complete_from(const CallPtr& call, const ResourceKind& kind, const std::string& prefix);

  graphql::Service& service_;
  const MirrorOptions options_;
  const std::vector<Tool> tools_;
  std::vector<Own> own_;
  http::Timers timers_;
};

}  // namespace firn::mcp
