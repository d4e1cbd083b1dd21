#include "mcp/mirror/mirror.h"

#include <algorithm>

#include "graphql/suggestions.h"
#include "mcp/mirror/answer.h"
#include "mcp/mirror/schema_text.h"
#include "mcp/mirror/selection.h"

namespace firn::mcp {
namespace {

using graphql::OperationKind;

constexpr size_t kToolsOfPage = 200;
constexpr int64_t kHitsMax = 50;

std::string query_of(const Call& call, const std::string& name) {
  const auto found = call.origin().query.find(name);
  return found == call.origin().query.end() ? "" : found->second;
}

bool is_read_only(const Call& call) { return query_of(call, "read_only") == "true"; }

bool in_list(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == name) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// A list of this caller's: not for another one's cache.
std::string cacheable(const std::string& members) {
  return "{" + members + R"(,"ttlMs":60000,"cacheScope":"private"})";
}

const Json& arguments_of(const Call& call) {
  static const Json kNone = Json::object();
  const Json* given = object_member(call.params(), "arguments");
  return given != nullptr ? *given : kNone;
}

}  // namespace

// The tools that reach everything else.
struct Mirror::Own {
  std::string name;
  bool is_mutation = false;
  std::string listed;
  std::function<void(const CallPtr&, const Json&)> handler;
};

Mirror::Mirror(graphql::Service& service, MirrorOptions options)
    : service_(service), options_(std::move(options)), tools_(make_tools(service.schema())) {
  own_.push_back(
      {"search_schema", false,
       R"({"name":"search_schema","title":"Search the schema","description":"Finds operations, types and fields of the whole GraphQL schema by words. Start here when no listed tool fits.","inputSchema":{"type":"object","properties":{"query":{"type":"string","description":"Words, such as: roll back table"},"first":{"type":"integer","default":10,"maximum":50}},"required":["query"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":false}})",
       [this](const CallPtr& call, const Json& arguments) { search_schema(call, arguments); }});
  own_.push_back(
      {"describe", false,
       R"({"name":"describe","title":"Describe a part of the schema","description":"Shows an operation, type or Type.field of the GraphQL schema: arguments, fields, what each means.","inputSchema":{"type":"object","properties":{"name":{"type":"string","description":"tables, Table, Table.snapshots"}},"required":["name"],"additionalProperties":false},"annotations":{"readOnlyHint":true,"openWorldHint":false}})",
       [this](const CallPtr& call, const Json& arguments) { describe_schema(call, arguments); }});
  const std::string document =
      R"("inputSchema":{"type":"object","properties":{"document":{"type":"string"},"variables":{"type":"object"},"operationName":{"type":"string"}},"required":["document"],"additionalProperties":false})";
  own_.push_back(
      {"run_query_document", false,
       R"({"name":"run_query_document","title":"Run a GraphQL query","description":"Runs a GraphQL query document: any queries, with aliases and fragments.",)" +
           document + R"(,"annotations":{"readOnlyHint":true,"openWorldHint":false}})",
       [this](const CallPtr& call, const Json& arguments) {
         run_document(call, arguments, OperationKind::kQuery);
       }});
  own_.push_back(
      {"run_mutation_document", true,
       R"({"name":"run_mutation_document","title":"Run a GraphQL mutation","description":"Runs a GraphQL mutation document. Describe the mutation first.",)" +
           document +
           R"(,"annotations":{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":false}})",
       [this](const CallPtr& call, const Json& arguments) {
         run_document(call, arguments, OperationKind::kMutation);
       }});
}

Mirror::~Mirror() = default;

const Tool* Mirror::tool(std::string_view name) const {
  const auto found = std::lower_bound(
      tools_.begin(), tools_.end(), name,
      [](const Tool& tool, std::string_view wanted) { return tool.name() < wanted; });
  return found != tools_.end() && found->name() == name ? &*found : nullptr;
}

bool Mirror::listed(const Call& call, const Tool& tool, const std::string& toolsets) const {
  if (tool.is_mutation && is_read_only(call)) return false;
  const bool full = query_of(call, "mode") == "full";
  const bool wanted = toolsets.empty() ? full || tool.is_common : in_list(toolsets, tool.toolset);
  return wanted && options_.may_use(*call.origin().caller, *tool.field);
}

void Mirror::list_tools(CallPtr call) {
  const std::string toolsets = query_of(*call, "toolset");
  std::vector<const std::string*> entries;
  for (const Own& own : own_) {
    if (!own.is_mutation || !is_read_only(*call)) entries.push_back(&own.listed);
  }
  for (const Tool& one : tools_) {
    if (listed(*call, one, toolsets)) entries.push_back(&one.listed);
  }
  size_t at = 0;
  if (const auto cursor = string_member(call->params(), "cursor")) {
    const auto read = read_cursor(*cursor);
    if (!read.ok() || read->path != "tools") {
      return call->fail({rpc_code::kInvalidParams, "params.cursor is none of this list"});
    }
    at = std::min(read->offset, entries.size());
  }
  std::string list;
  const size_t end = std::min(at + kToolsOfPage, entries.size());
  for (size_t i = at; i < end; ++i) list += (i > at ? "," : "") + *entries[i];
  std::string members = "\"tools\":[" + list + "]";
  if (end < entries.size()) members += ",\"nextCursor\":" + quoted(write_cursor({"tools", end}));
  call->respond(cacheable(members));
}

void Mirror::call_tool(CallPtr call) {
  const auto name = string_member(call->params(), "name");
  if (!name) return call->fail({rpc_code::kInvalidParams, "params.name is missing"});
  const Json& arguments = arguments_of(*call);
  for (const Own& own : own_) {
    if (own.name != *name) continue;
    if (own.is_mutation && is_read_only(*call)) {
      return call->respond(tool_error("this connection is read-only (read_only=true)"));
    }
    return own.handler(call, arguments);
  }
  const Tool* found = tool(*name);
  if (found == nullptr) {
    std::vector<std::string_view> names;
    for (const Tool& one : tools_) names.push_back(one.name());
    return call->fail(
        {rpc_code::kInvalidParams, "there is no tool " + quoted(*name) + "." +
                                       graphql::did_you_mean(graphql::suggest(*name, names)) +
                                       " search_schema finds all."});
  }
  if (found->is_mutation && is_read_only(*call)) {
    return call->respond(tool_error("this connection is read-only (read_only=true)"));
  }
  if (const std::string challenge = options_.step_up(*call->origin().caller, *found->field);
      !challenge.empty()) {
    return call->fail({rpc_code::kInvalidRequest, "the token's scope is too narrow for this",
                       std::nullopt, 403, challenge});
  }
  if (found->is_mutation &&
      !confirmed(call, found->is_destructive,
                 "Run " + found->name() + " with " + arguments.to_json() + "?")) {
    return;
  }
  call_field(call, *found, arguments);
}

void Mirror::run(const CallPtr& call, const std::string& document, const Json& variables,
                 const std::string& client, std::function<void(graphql::Response)> done) {
  graphql::Response refused;
  const auto prepared = service_.prepare(document, refused);
  if (prepared == nullptr) return done(std::move(refused));
  graphql::GraphqlError error;
  const auto* operation = prepared->operation(std::nullopt, error);
  if (operation == nullptr) {
    return done(graphql::refuse(graphql::Outcome::kInvalid, std::move(error)));
  }
  auto context = options_.context(*call->origin().caller, client);
  const auto running =
      service_.execute(prepared, *operation, variables, std::move(context), std::move(done));
  if (running == nullptr) return;
  if (call->wants_progress()) tell_progress(call, 0);
  call->on_cancel([running] {
    running->cancel(Error(ErrorCode::kCancelled, "the client cancelled the call"));
  });
}

void Mirror::tell_progress(const CallPtr& call, double seconds) {
  timers_.after(options_.progress_every, [this, weak = std::weak_ptr(call), seconds] {
    const auto under_way = weak.lock();
    if (under_way == nullptr || under_way->answered()) return;
    const double now = seconds + std::chrono::duration<double>(options_.progress_every).count();
    under_way->progress(now, -1, "still running");
    tell_progress(under_way, now);
  });
}

bool Mirror::confirmed(const CallPtr& call, bool destructive, const std::string& what) {
  if (options_.confirm == Confirm::kNothing) return true;
  if (options_.confirm == Confirm::kDestructive && !destructive) return true;
  const Json* answer = call->input_response("confirm");
  if (answer == nullptr) {
    call->require_input(
        {{"confirm",
          {"elicitation/create",
           "{\"message\":" + quoted(what) +
               R"(,"requestedSchema":{"type":"object","properties":{"confirm":{"type":"boolean",)"
               R"("title":"Do it"}},"required":["confirm"]}})"}}},
        "asked");
    return false;
  }
  const Json* content = object_member(*answer, "content");
  const Json* word = content != nullptr ? content->field("confirm") : nullptr;
  const bool yes = call->state() == "asked" && string_member(*answer, "action") == "accept" &&
                   word != nullptr && word->kind == Json::Kind::kBoolean && word->boolean;
  if (!yes) call->respond(tool_error("the person did not allow it"));
  return yes;
}

void Mirror::call_field(const CallPtr& call, const Tool& tool, const Json& arguments) {
  AnswerOptions options;
  options.bytes_max = options_.answer_bytes_max;
  options.may_continue = !tool.is_mutation;
  std::string selection = tool.selection;
  Json variables = Json::object();
  for (const auto& [name, value] : arguments.fields) {
    if (tool.field->argument(name) != nullptr) {
      variables.set(name, value);
    } else if (name == "fields" && !tool.selection.empty() && value.kind == Json::Kind::kString) {
      selection = "{ " + value.text + " }";
      const Status right = check_selection(selection);
      if (!right.ok()) return call->respond(tool_error(right.error().message()));
    } else if (name == "cursor" && !tool.is_mutation && value.kind == Json::Kind::kString) {
      auto cursor = read_cursor(value.text);
      if (!cursor.ok()) return call->respond(tool_error(cursor.error().message()));
      options.cursor = *std::move(cursor);
    } else {
      std::vector<std::string_view> names;
      for (const auto& argument : tool.field->arguments) names.push_back(argument.name);
      return call->respond(tool_error(tool.name() + " takes no argument " + quoted(name) + "." +
                                      graphql::did_you_mean(graphql::suggest(name, names))));
    }
  }
  options.untrusted = selects_untrusted(service_.schema(), *tool.field->type->named, selection);
  const std::string document = tool.document + (selection.empty() ? "" : " " + selection) + " }";
  run(call, document, variables, "mcp:" + tool.name(),
      [call, options](const graphql::Response& response) {
        call->respond(tool_result(response, options), result_meta(options));
      });
}

void Mirror::search_schema(const CallPtr& call, const Json& arguments) {
  const auto words = string_member(arguments, "query");
  if (!words) return call->respond(tool_error("search_schema takes 'query', words"));
  const Json* first = arguments.field("first");
  const int64_t wanted = first != nullptr && first->kind == Json::Kind::kInt ? first->integer : 10;
  const auto usable = [&](const graphql::FieldDefinition& field) {
    const Tool* found = tool(field.name);
    return found != nullptr && found->field == &field &&
           options_.may_use(*call->origin().caller, field) &&
           !(found->is_mutation && is_read_only(*call));
  };
  std::string hits;
  for (const auto& hit :
       search_names(service_.schema(), *words,
                    static_cast<size_t>(std::clamp<int64_t>(wanted, 1, kHitsMax)), usable)) {
    hits += (hits.empty() ? "" : ",") + ("{\"kind\":" + quoted(hit.kind)) +
            ",\"name\":" + quoted(hit.name) + ",\"definition\":" + quoted(hit.text) +
            ",\"description\":" + quoted(hit.description) + "}";
  }
  graphql::Response response;
  response.body = "{\"data\":{\"hits\":[" + hits + "]}}";
  call->respond(tool_result(response, {}));
}

void Mirror::describe_schema(const CallPtr& call, const Json& arguments) {
  const auto name = string_member(arguments, "name");
  if (!name) return call->respond(tool_error("describe takes 'name'"));
  const std::string text = describe_name(service_.schema(), *name);
  if (text.empty()) {
    return call->respond(
        tool_error("the schema has no " + quoted(*name) + "; search_schema finds by words"));
  }
  graphql::Response response;
  response.body = "{\"data\":{\"definition\":" + quoted(text) + "}}";
  call->respond(tool_result(response, {}));
}

void Mirror::run_document(const CallPtr& call, const Json& arguments, OperationKind kind) {
  const auto document = string_member(arguments, "document");
  if (!document) return call->respond(tool_error("'document' is missing"));
  graphql::Response refused;
  const auto prepared = service_.prepare(*document, refused);
  if (prepared == nullptr) return call->respond(tool_result(refused, {}));
  graphql::GraphqlError error;
  const auto name = string_member(arguments, "operationName");
  const auto* operation =
      prepared->operation(name ? std::optional<std::string_view>(*name) : std::nullopt, error);
  if (operation == nullptr) return call->respond(tool_error(error.message));
  if (operation->node->operation != kind) {
    return call->respond(tool_error("this is a " +
                                    std::string(name_of(operation->node->operation)) +
                                    ", and the tool runs a " + std::string(name_of(kind))));
  }
  // A document may do anything: it counts as destructive.
  if (kind == OperationKind::kMutation && !confirmed(call, true, "Run this? " + *document)) return;
  AnswerOptions options;
  options.bytes_max = options_.answer_bytes_max;
  options.may_continue = false;
  options.untrusted = is_untrusted(service_.schema(), *service_.schema().root(kind),
                                   *operation->node->selection_set);
  const Json* variables = object_member(arguments, "variables");
  const char* client =
      kind == OperationKind::kQuery ? "mcp:run_query_document" : "mcp:run_mutation_document";
  const auto running =
      service_.execute(prepared, *operation, variables != nullptr ? *variables : Json(),
                       options_.context(*call->origin().caller, client),
                       [call, options](const graphql::Response& response) {
                         call->respond(tool_result(response, options), result_meta(options));
                       });
  if (running == nullptr) return;
  if (call->wants_progress()) tell_progress(call, 0);
  call->on_cancel([running] {
    running->cancel(Error(ErrorCode::kCancelled, "the client cancelled the call"));
  });
}

}  // namespace firn::mcp
