#include "mcp/streamable_http.h"

#include <algorithm>

#include "graphql/json.h"
#include "mcp/exchange_channel.h"
#include "mcp/listeners.h"

namespace firn::mcp {
namespace {

using http::Exchange;
using http::Request;
using http::Response;

constexpr std::string_view kVersionHeader = "MCP-Protocol-Version";
constexpr std::string_view kSessionHeader = "Mcp-Session-Id";

Response json_response(int status, std::string body) {
  return Response::json(status, std::move(body));
}

Response refuse(const Json& id, const RpcError& error, int status) {
  return json_response(status, write_error(id, error));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The part of params that the Mcp-Name header repeats.
std::optional<std::string> name_of(const Message& message) {
  if (message.method == "tools/call" || message.method == "prompts/get") {
    return string_member(message.params, "name");
  }
  if (message.method == "resources/read") return string_member(message.params, "uri");
  return std::nullopt;
}

bool is_spoken_in_sessions(std::string_view version) {
  return std::find(std::begin(kSessionVersions), std::end(kSessionVersions), version) !=
         std::end(kSessionVersions);
}

Json spoken_versions() {
  Json versions = Json::list();
  versions.items.push_back(json_string(std::string(kStatelessVersion)));
  for (const auto version : kSessionVersions) {
    versions.items.push_back(json_string(std::string(version)));
  }
  return versions;
}

std::string implementation_of(const ServerDescription& about) {
  return "{\"name\":" + quoted(about.name) + ",\"title\":" + quoted(about.title) +
         ",\"version\":" + quoted(about.version) + "}";
}

std::string capabilities_of(const ServerDescription& about) {
  const auto changed = [](bool may) -> std::string { return may ? "\"listChanged\":true" : ""; };
  std::string out = "{";
  const auto add = [&out](std::string_view name, const std::string& members) {
    if (out.size() > 1) out += ',';
    out += "\"" + std::string(name) + "\":{" + members + "}";
  };
  if (about.completions) add("completions", "");
  if (about.logging) add("logging", "");
  if (about.prompts) add("prompts", changed(about.prompts_change));
  if (about.resources) {
    std::string members = changed(about.resources_change);
    if (about.resource_updates)
      members += members.empty() ? "\"subscribe\":true" : ",\"subscribe\":true";
    add("resources", members);
  }
  if (about.tools) add("tools", changed(about.tools_change));
  return out + "}";
}

}  // namespace

struct StreamableHttp::Inner : std::enable_shared_from_this<StreamableHttp::Inner> {
  Inner(StreamableHttpOptions settings, Provider& offered, Gate& gate_, platform::Clock& clock,
        platform::Random& random)
      : options(std::move(settings)),
        provider(offered),
        gate(gate_),
        about(offered.describe()),
        server_info(implementation_of(about)),
        state(clock, random),
        sessions(random) {}

  const StreamableHttpOptions options;
  Provider& provider;
  Gate& gate;
  const ServerDescription about;
  const std::string server_info;
  RequestState state;
  Sessions sessions;
  http::Timers timers;
  Listeners listeners;

  void refuse_request(Exchange& exchange, const Error& error) {
    Response response = refuse(Json(), rpc_error(error), info_of(error.code()).http_status);
    gate.decorate_refusal(exchange.request(), response);
    exchange.respond(std::move(response));
  }

  void post(const std::shared_ptr<Exchange>& exchange);
  void get(const std::shared_ptr<Exchange>& exchange);
  void end_session(const std::shared_ptr<Exchange>& exchange);
  void post_stateless(const std::shared_ptr<Exchange>& exchange, Message message,
                      std::shared_ptr<const Caller> caller);
  void post_in_session(const std::shared_ptr<Exchange>& exchange, Message message,
                       std::shared_ptr<const Caller> caller);
  void initialize(const std::shared_ptr<Exchange>& exchange, const Message& message,
                  const Caller& caller);
  void notified(Session& session, const Message& message);
  void start(const std::shared_ptr<Exchange>& exchange, Message message, Call::Origin origin,
             const std::shared_ptr<Session>& session);
  void dispatch(const CallPtr& call, const std::shared_ptr<Session>& session);
  bool dispatch_session_method(const CallPtr& call, Session& session);
  std::string discovery() const;
};

StreamableHttp::StreamableHttp(StreamableHttpOptions options, Provider& provider, Gate& gate,
                               platform::Clock& clock, platform::Random& random)
    : inner_(std::make_shared<Inner>(std::move(options), provider, gate, clock, random)) {}

StreamableHttp::~StreamableHttp() {
  inner_->sessions.for_each([](Session& session) { session.close(); });
}

std::optional<http::Route> StreamableHttp::route(const Request& request) {
  if (request.path != inner_->options.path) return std::nullopt;
  http::Route route;
  route.body_bytes_max = inner_->options.body_bytes_max;
  if (!inner_->gate.origin_allowed(request)) {
    return http::answer_with(refuse(
        Json(), {rpc_code::kInvalidRequest, "this origin or host name is not allowed here"}, 403));
  }
  using Handler = void (Inner::*)(const std::shared_ptr<Exchange>&);
  Handler handler = nullptr;
  if (request.method == "POST") handler = &Inner::post;
  if (request.method == "GET") handler = &Inner::get;
  if (request.method == "DELETE") handler = &Inner::end_session;
  if (handler == nullptr) {
    Response response = refuse(Json(), {rpc_code::kInvalidRequest, "use POST"}, 405);
    response.headers.add("Allow", "POST, GET, DELETE");
    return http::answer_with(std::move(response));
  }
  route.buffered = [inner = inner_, handler](const std::shared_ptr<Exchange>& exchange) {
    ((*inner).*handler)(exchange);
  };
  return route;
}

void StreamableHttp::list_changed(List list) {
  static constexpr std::string_view kMethods[] = {"notifications/tools/list_changed",
                                                  "notifications/prompts/list_changed",
                                                  "notifications/resources/list_changed"};
  static constexpr std::string_view kFilters[] = {"toolsListChanged", "promptsListChanged",
                                                  "resourcesListChanged"};
  const auto method = kMethods[static_cast<size_t>(list)];
  inner_->listeners.publish(kFilters[static_cast<size_t>(list)], "", method, Json::object());
  const std::string event = message_event(write_notification(method, "{}"));
  inner_->sessions.for_each([&](Session& session) { session.notify(event); });
}

void StreamableHttp::resource_updated(const std::string& uri) {
  Json params = Json::object();
  params.set("uri", json_string(uri));
  const std::string event =
      message_event(write_notification("notifications/resources/updated", params.to_json()));
  inner_->sessions.for_each([&](Session& session) {
    if (session.is_subscribed(uri)) session.notify(event);
  });
  inner_->listeners.publish("resourceSubscriptions", uri, "notifications/resources/updated",
                            std::move(params));
}

void StreamableHttp::Inner::post(const std::shared_ptr<Exchange>& exchange) {
  auto caller = gate.admit(exchange->request());
  if (!caller.ok()) return refuse_request(*exchange, caller.error());
  const std::string type = exchange->request().media_type();
  if (type != "application/json") {
    return exchange->respond(
        refuse(Json(), {rpc_code::kInvalidRequest, "send application/json"}, 415));
  }
  auto json = graphql::parse_json(exchange->body());
  if (!json.ok()) {
    return exchange->respond(refuse(Json(), {rpc_code::kParseError, json.error().message()}, 400));
  }
  Json id;
  auto message = read_message(*std::move(json), id);
  if (!message.ok()) {
    return exchange->respond(
        refuse(id, {rpc_code::kInvalidRequest, message.error().message()}, 400));
  }
  // What tells the eras apart: the version in _meta, or a header that only one of them has.
  const Json* meta = object_member(message->params, "_meta");
  const auto header = exchange->request().headers.get(kVersionHeader);
  const bool in_session = exchange->request().headers.get(kSessionHeader).has_value();
  const bool stateless = (meta != nullptr && meta->field(kMetaVersion) != nullptr) ||
                         (header && !is_spoken_in_sessions(trimmed(*header)) && !in_session);
  if (stateless && message->kind != Message::Kind::kResponse) {
    return post_stateless(exchange, *std::move(message), *std::move(caller));
  }
  post_in_session(exchange, *std::move(message), *std::move(caller));
}

namespace {

// What is wrong with a stateless request's envelope: its _meta and its headers.
std::optional<RpcError> check_envelope(const Request& request, const Message& message) {
  const Json* meta = object_member(message.params, "_meta");
  const auto version = meta != nullptr ? string_member(*meta, kMetaVersion) : std::nullopt;
  if (!version || object_member(*meta, kMetaCapabilities) == nullptr) {
    return RpcError{rpc_code::kInvalidParams,
                    "params._meta has to have " + std::string(kMetaVersion) + " and " +
                        std::string(kMetaCapabilities),
                    std::nullopt,
                    400,
                    {}};
  }
  const auto mismatch = [](const std::string& what) {
    return RpcError{rpc_code::kHeaderMismatch, what, std::nullopt, 400, {}};
  };
  const auto header = request.headers.get(kVersionHeader);
  if (!header || trimmed(*header) != *version) {
    return mismatch("the header MCP-Protocol-Version has to be what _meta says");
  }
  if (*version != kStatelessVersion) {
    RpcError error{rpc_code::kUnsupportedVersion,
                   "this protocol version is not supported",
                   Json::object(),
                   400,
                   {}};
    error.data->set("requested", json_string(*version));
    error.data->set("supported", spoken_versions());
    return error;
  }
  const auto method = request.headers.get("Mcp-Method");
  if (!method || trimmed(*method) != message.method) {
    return mismatch("the header Mcp-Method has to be the body's method");
  }
  if (const auto name = name_of(message)) {
    const auto given = request.headers.get("Mcp-Name");
    if (!given || trimmed(*given) != *name) {
      return mismatch("the header Mcp-Name has to be the body's name or uri");
    }
  }
  return std::nullopt;
}

}  // namespace

void StreamableHttp::Inner::post_stateless(const std::shared_ptr<Exchange>& exchange,
                                           Message message, std::shared_ptr<const Caller> caller) {
  if (message.kind == Message::Kind::kNotification) {
    return exchange->respond(Response::no_content(202));
  }
  if (auto error = check_envelope(exchange->request(), message)) {
    return exchange->respond(refuse(message.id, *error, error->http_status));
  }
  const Json& meta = *object_member(message.params, "_meta");
  Call::Origin origin;
  origin.era = Era::kStateless;
  origin.caller = std::move(caller);
  origin.capabilities = *object_member(meta, kMetaCapabilities);
  if (const Json* client = object_member(meta, kMetaClient)) origin.client = *client;
  if (const auto level = string_member(meta, kMetaLogLevel)) origin.logging = log_severity(*level);
  start(exchange, std::move(message), std::move(origin), nullptr);
}

void StreamableHttp::Inner::post_in_session(const std::shared_ptr<Exchange>& exchange,
                                            Message message, std::shared_ptr<const Caller> caller) {
  if (message.method == "initialize" && message.kind == Message::Kind::kRequest) {
    return initialize(exchange, message, *caller);
  }
  const auto id = exchange->request().headers.get(kSessionHeader);
  if (!id) {
    return exchange->respond(
        refuse(message.id,
               {rpc_code::kInvalidRequest,
                "send initialize first and its Mcp-Session-Id afterwards, or speak 2026-07-28"},
               400));
  }
  const auto session = sessions.find(*id, caller->identity());
  if (session == nullptr) {
    return exchange->respond(refuse(
        message.id, {rpc_code::kInvalidRequest, "this session has ended; initialize again"}, 404));
  }
  if (message.kind == Message::Kind::kResponse) {
    session->receive(message);
    return exchange->respond(Response::no_content(202));
  }
  if (message.kind == Message::Kind::kNotification) {
    notified(*session, message);
    return exchange->respond(Response::no_content(202));
  }
  Call::Origin origin;
  origin.era = Era::kSessions;
  origin.caller = std::move(caller);
  origin.client = session->client;
  origin.capabilities = session->capabilities;
  origin.logging = session->logging();
  start(exchange, std::move(message), std::move(origin), session);
}

void StreamableHttp::Inner::initialize(const std::shared_ptr<Exchange>& exchange,
                                       const Message& message, const Caller& caller) {
  const auto wanted = string_member(message.params, "protocolVersion");
  if (!wanted) {
    return exchange->respond(
        refuse(message.id, {rpc_code::kInvalidParams, "params.protocolVersion is missing"}, 400));
  }
  const std::string version(is_spoken_in_sessions(*wanted) ? *wanted : kSessionVersions[0]);
  const Json* capabilities = object_member(message.params, "capabilities");
  const Json* client = object_member(message.params, "clientInfo");
  const auto session =
      sessions.begin(caller.identity(), version, client != nullptr ? *client : Json(),
                     capabilities != nullptr ? *capabilities : Json::object());
  std::string result = "{\"protocolVersion\":" + quoted(version) +
                       ",\"capabilities\":" + capabilities_of(about) +
                       ",\"serverInfo\":" + server_info;
  if (!about.instructions.empty()) result += ",\"instructions\":" + quoted(about.instructions);
  Response response = json_response(200, write_result(message.id, result + "}"));
  response.headers.add(std::string(kSessionHeader), session->id);
  exchange->respond(std::move(response));
}

void StreamableHttp::Inner::notified(Session& session, const Message& message) {
  if (message.method != "notifications/cancelled") return;
  if (const Json* id = message.params.field("requestId")) session.cancel(id->to_json());
}

void StreamableHttp::Inner::start(const std::shared_ptr<Exchange>& exchange, Message message,
                                  Call::Origin origin, const std::shared_ptr<Session>& session) {
  origin.server_info = server_info;
  origin.state = &state;
  for (const auto& [name, value] : exchange->request().query) origin.query.emplace(name, value);
  const std::string id_json = message.id.to_json();
  const Json id = message.id;
  auto channel = std::make_shared<ExchangeChannel>(exchange, session, timers, options.stream_ping);
  auto call = std::make_shared<Call>(std::move(message), std::move(origin), channel);
  channel->serve(call);
  if (session != nullptr && !session->begin(id_json, call)) {
    return call->fail(
        {rpc_code::kInvalidRequest, "a request of this id is under way, or too many are"});
  }
  call->set_again([self = shared_from_this(), session](const CallPtr& again) {
    self->dispatch(again, session);
  });
  if (call->read_inputs()) dispatch(call, session);
}

std::string StreamableHttp::Inner::discovery() const {
  std::string result = "{\"supportedVersions\":" + spoken_versions().to_json() +
                       ",\"capabilities\":" + capabilities_of(about);
  if (!about.instructions.empty()) result += ",\"instructions\":" + quoted(about.instructions);
  return result + ",\"ttlMs\":3600000,\"cacheScope\":\"public\"}";
}

bool StreamableHttp::Inner::dispatch_session_method(const CallPtr& call, Session& session) {
  const std::string& method = call->method();
  if (method == "ping") return call->respond("{}"), true;
  if (method == "logging/setLevel" && about.logging) {
    const auto level = string_member(call->params(), "level");
    const auto severity = level ? log_severity(*level) : std::nullopt;
    if (!severity) return call->fail({rpc_code::kInvalidParams, "there is no such level"}), true;
    session.set_logging(*severity);
    return call->respond("{}"), true;
  }
  if (about.resource_updates &&
      (method == "resources/subscribe" || method == "resources/unsubscribe")) {
    const auto uri = string_member(call->params(), "uri");
    if (!uri) return call->fail({rpc_code::kInvalidParams, "params.uri is missing"}), true;
    if (method == "resources/unsubscribe") {
      session.unsubscribe(*uri);
    } else if (!session.subscribe(*uri)) {
      return call->fail({rpc_code::kInvalidRequest, "too many subscriptions"}), true;
    }
    return call->respond("{}"), true;
  }
  return false;
}

void StreamableHttp::Inner::dispatch(const CallPtr& call, const std::shared_ptr<Session>& session) {
  using Method = void (Provider::*)(CallPtr);
  struct Entry {
    std::string_view method;
    bool offered;
    Method handler;
  };
  const Entry entries[] = {
      {"tools/list", about.tools, &Provider::list_tools},
      {"tools/call", about.tools, &Provider::call_tool},
      {"resources/list", about.resources, &Provider::list_resources},
      {"resources/templates/list", about.resources, &Provider::list_resource_templates},
      {"resources/read", about.resources, &Provider::read_resource},
      {"prompts/list", about.prompts, &Provider::list_prompts},
      {"prompts/get", about.prompts, &Provider::get_prompt},
      {"completion/complete", about.completions, &Provider::complete},
  };
  for (const Entry& entry : entries) {
    if (entry.offered && entry.method == call->method()) return (provider.*entry.handler)(call);
  }
  if (session != nullptr) {
    if (dispatch_session_method(call, *session)) return;
  } else if (call->method() == "server/discover") {
    return call->respond(discovery());
  } else if (call->method() == "subscriptions/listen") {
    return listeners.listen(call);
  }
  call->fail({rpc_code::kMethodNotFound, "there is no method " + call->method()});
}

// A stream for what happens outside of requests, in a session.
void StreamableHttp::Inner::get(const std::shared_ptr<Exchange>& exchange) {
  auto caller = gate.admit(exchange->request());
  if (!caller.ok()) return refuse_request(*exchange, caller.error());
  const auto id = exchange->request().headers.get(kSessionHeader);
  const auto session = id ? sessions.find(*id, (*caller)->identity()) : nullptr;
  if (session == nullptr) {
    Response response =
        refuse(Json(), {rpc_code::kInvalidRequest, "GET is for sessions: send Mcp-Session-Id"},
               id ? 404 : 405);
    if (!id) response.headers.add("Allow", "POST");
    return exchange->respond(std::move(response));
  }
  auto stream = exchange->push(event_stream_head(), [] {});
  if (stream == nullptr) return;
  stream->write(":\n\n");
  keep_alive(timers, options.stream_ping, stream);
  session->listen(std::move(stream));
}

void StreamableHttp::Inner::end_session(const std::shared_ptr<Exchange>& exchange) {
  auto caller = gate.admit(exchange->request());
  if (!caller.ok()) return refuse_request(*exchange, caller.error());
  const auto id = exchange->request().headers.get(kSessionHeader);
  const auto session = id ? sessions.find(*id, (*caller)->identity()) : nullptr;
  if (session == nullptr) {
    return exchange->respond(
        refuse(Json(), {rpc_code::kInvalidRequest, "there is no such session"}, id ? 404 : 400));
  }
  sessions.end(session->id);
  exchange->respond(Response::no_content(204));
}

}  // namespace firn::mcp
