#include <algorithm>

#include "graphql/json.h"
#include "http/message.h"
#include "mcp/mirror/answer.h"
#include "mcp/mirror/mirror.h"

namespace firn::mcp {
namespace {

constexpr size_t kCompletionsMax = 100;

// "firn://table/" of "firn://table/{name}".
std::string prefix_of(const ResourceKind& kind) {
  return kind.template_.substr(0, kind.template_.find('{'));
}

// The nodes of the first connection in a response.
std::vector<Json> nodes_of(const graphql::Response& response, std::string& end_cursor) {
  std::vector<Json> nodes;
  const auto parsed = graphql::parse_json(response.body);
  const Json* data = parsed.ok() ? object_member(*parsed, "data") : nullptr;
  if (data == nullptr || data->fields.empty()) return nodes;
  const Json& connection = data->fields[0].second;
  const Json* edges = connection.field("edges");
  if (edges == nullptr) return nodes;
  for (const Json& edge : edges->items) {
    if (const Json* node = object_member(edge, "node")) nodes.push_back(*node);
  }
  const Json* page = object_member(connection, "pageInfo");
  const Json* more = page != nullptr ? page->field("hasNextPage") : nullptr;
  if (more != nullptr && more->boolean) end_cursor = string_member(*page, "endCursor").value_or("");
  return nodes;
}

std::string list_entry(const ResourceKind& kind, const Json& node) {
  const std::string id = string_member(node, kind.id_field).value_or("");
  const std::string name = string_member(node, "name").value_or(id);
  return "{\"uri\":" + quoted(prefix_of(kind) + http::percent_encode(id)) +
         ",\"name\":" + quoted(kind.name + " " + name) +
         ",\"description\":" + quoted(kind.description) + R"(,"mimeType":"application/json"})";
}

}  // namespace

// One kind after another: a cursor is "kind:0" or "kind.after:0" of the kind that is next.
void Mirror::list_resources(CallPtr call) {
  size_t kind = 0;
  Json variables = Json::object();
  if (const auto cursor = string_member(call->params(), "cursor")) {
    const auto read = read_cursor(*cursor);
    if (!read.ok() || read->offset >= options_.resources.size()) {
      return call->fail({rpc_code::kInvalidParams, "params.cursor is none of this list"});
    }
    kind = read->offset;
    if (!read->path.empty()) variables.set("after", json_string(read->path));
  }
  while (kind < options_.resources.size() && options_.resources[kind].list_document.empty()) ++kind;
  if (kind == options_.resources.size()) {
    return call->respond(R"({"resources":[],"ttlMs":0,"cacheScope":"private"})");
  }
  const ResourceKind& wanted = options_.resources[kind];
  const size_t kinds = options_.resources.size();
  run(call, wanted.list_document, variables, "mcp:resources/list",
      [call, &wanted, kind, kinds](const graphql::Response& response) {
        std::string after;
        std::string list;
        for (const Json& node : nodes_of(response, after)) {
          list += (list.empty() ? "" : ",") + list_entry(wanted, node);
        }
        std::string members = "{\"resources\":[" + list + "]";
        const size_t next = after.empty() ? kind + 1 : kind;
        if (next < kinds) members += ",\"nextCursor\":" + quoted(write_cursor({after, next}));
        call->respond(members + R"(,"ttlMs":10000,"cacheScope":"private"})");
      });
}

void Mirror::list_resource_templates(CallPtr call) {
  std::string list;
  for (const ResourceKind& kind : options_.resources) {
    list += (list.empty() ? "" : ",") + ("{\"uriTemplate\":" + quoted(kind.template_)) +
            ",\"name\":" + quoted(kind.name) + ",\"description\":" + quoted(kind.description) +
            R"(,"mimeType":"application/json"})";
  }
  call->respond("{\"resourceTemplates\":[" + list + R"(],"ttlMs":3600000,"cacheScope":"public"})");
}

const ResourceKind* Mirror::resource_of(const std::string& uri, std::string& id) const {
  for (const ResourceKind& kind : options_.resources) {
    const std::string prefix = prefix_of(kind);
    if (!uri.starts_with(prefix) || uri.size() == prefix.size()) continue;
    auto decoded = http::percent_decode(uri.substr(prefix.size()), false);
    if (!decoded.ok()) return nullptr;
    id = *std::move(decoded);
    return &kind;
  }
  return nullptr;
}

void Mirror::read_resource(CallPtr call) {
  const std::string uri = string_member(call->params(), "uri").value_or("");
  const auto not_found = [uri](const CallPtr& asked, const std::string& why) {
    RpcError error{rpc_code::kInvalidParams, why, Json::object()};
    error.data->set("uri", json_string(uri));
    asked->fail(error);
  };
  std::string id;
  const ResourceKind* kind = resource_of(uri, id);
  if (kind == nullptr) return not_found(call, "Resource not found");
  Json variables = Json::object();
  variables.set("id", json_string(id));
  run(call, kind->read_document, variables, "mcp:resources/read",
      [call, uri, not_found](const graphql::Response& response) {
        const auto parsed = graphql::parse_json(response.body);
        const Json* data = parsed.ok() ? object_member(*parsed, "data") : nullptr;
        if (data == nullptr || data->fields.empty() || data->fields[0].second.is_null()) {
          return not_found(call, "Resource not found");
        }
        call->respond("{\"contents\":[{\"uri\":" + quoted(uri) +
                      R"(,"mimeType":"application/json","text":)" +
                      quoted(data->fields[0].second.to_json()) +
                      R"(,"_meta":{"firn/untrusted":true}}],"ttlMs":0,"cacheScope":"private"})");
      });
}

void Mirror::list_prompts(CallPtr call) {
  std::string list;
  for (const PromptKind& prompt : options_.prompts) {
    std::string arguments;
    for (const auto& argument : prompt.arguments) {
      arguments += (arguments.empty() ? "" : ",") + ("{\"name\":" + quoted(argument.name)) +
                   ",\"description\":" + quoted(argument.description) +
                   ",\"required\":" + (argument.required ? "true" : "false") + "}";
    }
    list += (list.empty() ? "" : ",") + ("{\"name\":" + quoted(prompt.name)) +
            ",\"title\":" + quoted(prompt.title) +
            ",\"description\":" + quoted(prompt.description) + ",\"arguments\":[" + arguments +
            "]}";
  }
  call->respond("{\"prompts\":[" + list + R"(],"ttlMs":3600000,"cacheScope":"public"})");
}

void Mirror::get_prompt(CallPtr call) {
  const std::string name = string_member(call->params(), "name").value_or("");
  const auto prompt = std::find_if(options_.prompts.begin(), options_.prompts.end(),
                                   [&](const PromptKind& kind) { return kind.name == name; });
  if (prompt == options_.prompts.end()) {
    return call->fail({rpc_code::kInvalidParams, "there is no prompt " + quoted(name)});
  }
  const Json* given = object_member(call->params(), "arguments");
  std::string text;
  std::string_view rest = prompt->text;
  const auto value_of = [&](std::string_view key) {
    return given != nullptr ? string_member(*given, key) : std::nullopt;
  };
  for (const auto& argument : prompt->arguments) {
    if (argument.required && !value_of(argument.name)) {
      return call->fail({rpc_code::kInvalidParams, "the prompt takes '" + argument.name + "'"});
    }
  }
  // In one pass: what an argument says is not looked at again.
  while (!rest.empty()) {
    const size_t open = std::min(rest.find('{'), rest.size());
    text += rest.substr(0, open);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const size_t close = rest.find('}');
    text += value_of(rest.substr(1, close - 1)).value_or("");
    rest.remove_prefix(close + 1);
  }
  call->respond("{\"description\":" + quoted(prompt->description) +
                R"(,"messages":[{"role":"user","content":{"type":"text","text":)" + quoted(text) +
                "}}]}");
}

void Mirror::complete_from(const CallPtr& call, const ResourceKind& kind,
                           const std::string& prefix) {
  Json variables = Json::object();
  variables.set("search", json_string(prefix));
  run(call, kind.list_document, variables, "mcp:completion/complete",
      [call, &kind, prefix](const graphql::Response& response) {
        std::string after;
        std::string values;
        size_t total = 0;
        for (const Json& node : nodes_of(response, after)) {
          const std::string id = string_member(node, kind.id_field).value_or("");
          if (!id.empty() && total++ < kCompletionsMax) {
            values += (values.empty() ? "" : ",") + quoted(id);
          }
        }
        call->respond("{\"completion\":{\"values\":[" + values +
                      "],\"total\":" + std::to_string(total) +
                      ",\"hasMore\":" + (after.empty() ? "false" : "true") + "}}");
      });
}

void Mirror::complete(CallPtr call) {
  const Json* reference = object_member(call->params(), "ref");
  const Json* argument = object_member(call->params(), "argument");
  const auto name = argument != nullptr ? string_member(*argument, "name") : std::nullopt;
  const auto value = argument != nullptr ? string_member(*argument, "value") : std::nullopt;
  if (reference == nullptr || !name || !value) {
    return call->fail({rpc_code::kInvalidParams, "params.ref and params.argument are missing"});
  }
  std::string wanted;  // the kind of resource
  for (const PromptKind& prompt : options_.prompts) {
    if (string_member(*reference, "name") != prompt.name) continue;
    for (const auto& one : prompt.arguments) {
      if (one.name == *name) wanted = one.resource;
    }
  }
  for (const ResourceKind& kind : options_.resources) {
    const bool named = kind.name == wanted || string_member(*reference, "uri") == kind.template_;
    if (named && !kind.list_document.empty()) return complete_from(call, kind, *value);
  }
  call->respond(R"({"completion":{"values":[],"total":0,"hasMore":false}})");
}

}  // namespace firn::mcp
