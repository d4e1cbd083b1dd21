#include "graphql/http/web_socket_protocol.h"

#include <map>
#include <mutex>

#include <fmt/format.h>

#include "graphql/json.h"

namespace firn::graphql {
namespace {

constexpr std::string_view kProtocol = "graphql-transport-ws";
constexpr size_t kIdBytesMax = 256;

bool offers_protocol(const http::Request& request) {
  std::string_view rest = request.headers.get("Sec-WebSocket-Protocol").value_or("");
  while (!rest.empty()) {
    std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (part == kProtocol) return true;
  }
  return false;
}

// Closes at once.
class Refusal final : public http::WebSocketHandler {
 public:
  void on_message(std::string_view) override {}
  void on_close() override {}
};

class Connection;

// One operation of a connection.
class OperationSink final : public SubscriptionSink {
 public:
  OperationSink(std::weak_ptr<Connection> connection, std::string id)
      : connection_(std::move(connection)), id_(std::move(id)) {}
  void next(std::string response) override;
  void complete() override;
  void fail(const Response& response);
  const std::string& id() const { return id_; }

 private:
  const std::weak_ptr<Connection> connection_;
  const std::string id_;
};

// What a client may say, and when. Messages come on the I/O thread, results on any.
class Connection final : public http::WebSocketHandler,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(GraphqlHttp& http, http::Request request, std::shared_ptr<http::WebSocket> socket)
      : http_(http), request_(std::move(request)), socket_(std::move(socket)) {}

  void expect_init() {
    http_.timers().after(http_.options().init_deadline, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      std::lock_guard lock(self->mutex_);
      if (!self->initialized_) self->socket_->close(4408, "Connection initialisation timeout");
    });
  }

  void on_message(std::string_view text) override {
    auto parsed = parse_json(text);
    const Value* type = parsed.ok() ? parsed->field("type") : nullptr;
    if (type == nullptr || type->kind != Value::Kind::kString) {
      return close(4400, "Invalid message received");
    }
    if (type->text == "connection_init") return on_init(*parsed);
    if (type->text == "ping") return on_ping(*parsed);
    if (type->text == "pong") return;
    if (type->text == "subscribe") return on_subscribe(*parsed);
    if (type->text == "complete") return on_complete(*parsed);
    close(4400, "Invalid message type");
  }

  void on_close() override {
    std::map<std::string, Entry> operations;
    {
      std::lock_guard lock(mutex_);
      operations.swap(operations_);
    }
    for (auto& [id, entry] : operations) end(entry);
  }

  // --- From operations

  // False once the client has let go of it.
  bool send(const OperationSink& sink, std::string message) {
    std::lock_guard lock(mutex_);
    const auto found = operations_.find(sink.id());
    if (found == operations_.end() || found->second.sink.get() != &sink) return false;
    return socket_->send(std::move(message));
  }
  void forget(const OperationSink& sink) {
    Entry gone;
    std::lock_guard lock(mutex_);
    const auto found = operations_.find(sink.id());
    if (found == operations_.end() || found->second.sink.get() != &sink) return;
    gone = std::move(found->second);
    operations_.erase(found);
  }

 private:
  struct Entry {
    std::shared_ptr<OperationSink> sink;
    std::shared_ptr<Subscription> subscription;
    std::shared_ptr<Service::Running> running;
  };

  static void end(Entry& entry) {
    if (entry.subscription != nullptr) entry.subscription->stop();
    if (entry.running != nullptr) {
      entry.running->cancel(Error(ErrorCode::kCancelled, "the client went away"));
    }
  }

  void close(uint16_t code, std::string reason) { socket_->close(code, std::move(reason)); }

  void on_init(const Value& message) {
    {
      std::lock_guard lock(mutex_);
      if (initialized_) return close(4429, "Too many initialisation requests");
      initialized_ = true;
    }
    const Value* payload = message.field("payload");
    if (payload != nullptr && !payload->is_null() && payload->kind != Value::Kind::kObject) {
      return close(4400, "Invalid message received");
    }
    if (payload != nullptr) {
      for (const auto& [name, value] : payload->fields) {
        const bool authorization = name == "authorization" || name == "Authorization";
        if (authorization && value.kind == Value::Kind::kString) authorization_ = value.text;
      }
    }
    const auto admitted = http_.admission().admit(request_, authorization_);
    if (!admitted.ok()) return close(4403, "Forbidden");
    acknowledged_ = true;
    socket_->send(R"({"type":"connection_ack"})");
  }

  void on_ping(const Value& message) {
    std::string out = R"({"type":"pong")";
    if (const Value* payload = message.field("payload"))
      out += ",\"payload\":" + payload->to_json();
    socket_->send(out + "}");
  }

  void on_complete(const Value& message) {
    const Value* id = message.field("id");
    if (id == nullptr || id->kind != Value::Kind::kString) {
      return close(4400, "Invalid message received");
    }
    Entry entry;
    {
      std::lock_guard lock(mutex_);
      const auto found = operations_.find(id->text);
      if (found == operations_.end()) return;
      entry = std::move(found->second);
      operations_.erase(found);
    }
    end(entry);
  }

  void on_subscribe(Value& message) {
    if (!acknowledged_) return close(4401, "Unauthorized");
    const Value* id = message.field("id");
    Value* payload = nullptr;
    for (auto& [name, value] : message.fields) {
      if (name == "payload") payload = &value;
    }
    const bool whole = id != nullptr && id->kind == Value::Kind::kString && !id->text.empty() &&
                       id->text.size() <= kIdBytesMax && payload != nullptr;
    if (!whole) return close(4400, "Invalid message received");
    auto request = read_request(*payload);
    if (!request.ok()) return close(4400, "Invalid message received");
    auto sink = std::make_shared<OperationSink>(weak_from_this(), id->text);
    bool too_many = false;
    {
      std::lock_guard lock(mutex_);
      if (operations_.count(id->text) > 0) {
        return close(4409, fmt::format("Subscriber for {} already exists", id->text));
      }
      too_many = operations_.size() >= http_.options().operations_max;
      operations_[id->text].sink = sink;
    }
    if (too_many) {
      GraphqlError error;
      map_error(Error(ErrorCode::kOverloaded, "too many operations on one connection"), error);
      return sink->fail(refuse(Outcome::kInvalid, std::move(error)));
    }
    start(*request, sink);
  }

  void start(const GraphqlRequest& request, const std::shared_ptr<OperationSink>& sink) {
    auto context = http_.admission().admit(request_, authorization_);
    if (!context.ok()) {
      GraphqlError error;
      map_error(context.error(), error);
      return sink->fail(refuse(Outcome::kInvalid, std::move(error)));
    }
    GraphqlHttp::Prepared prepared;
    Response refused;
    int status = 0;
    if (!http_.prepare(request, true, prepared, refused, status)) return sink->fail(refused);
    if (prepared.is_subscription()) {
      return http_.service().subscribe(
          prepared.document, *prepared.operation, request.variables, std::move(*context), sink,
          [sink, weak = weak_from_this()](std::shared_ptr<Subscription> subscription,
                                          Response response) {
            if (subscription == nullptr) return answer(*sink, std::move(response));
            if (const auto self = weak.lock()) self->hold(*sink, std::move(subscription), nullptr);
          });
    }
    auto running = http_.service().execute(
        prepared.document, *prepared.operation, request.variables, std::move(*context),
        [sink](Response response) { answer(*sink, std::move(response)); });
    if (running != nullptr) hold(*sink, nullptr, std::move(running));
  }

  static void answer(OperationSink& sink, Response response) {
    if (response.outcome != Outcome::kExecuted) return sink.fail(response);
    sink.next(std::move(response.body));
    sink.complete();
  }

  void hold(const OperationSink& sink, std::shared_ptr<Subscription> subscription,
            std::shared_ptr<Service::Running> running) {
    Entry late;
    {
      std::lock_guard lock(mutex_);
      const auto found = operations_.find(sink.id());
      if (found != operations_.end() && found->second.sink.get() == &sink) {
        found->second.subscription = std::move(subscription);
        found->second.running = std::move(running);
        return;
      }
      late.subscription = std::move(subscription);
    }
    end(late);  // the client let go of it meanwhile, or it is done
  }

  GraphqlHttp& http_;
  const http::Request request_;
  const std::shared_ptr<http::WebSocket> socket_;
  // The I/O thread's.
  std::optional<std::string> authorization_;
  bool acknowledged_ = false;

  std::mutex mutex_;
  bool initialized_ = false;
  std::map<std::string, Entry> operations_;
};

std::string message_of(const std::string& id, std::string_view type, std::string_view payload) {
  std::string out = "{\"id\":";
  append_json_string(out, id);
  out.append(",\"type\":\"").append(type).append("\"");
  if (!payload.empty()) out.append(",\"payload\":").append(payload);
  return out + "}";
}

void OperationSink::next(std::string response) {
  if (const auto connection = connection_.lock()) {
    connection->send(*this, message_of(id_, "next", response));
  }
}

void OperationSink::complete() {
  if (const auto connection = connection_.lock()) {
    connection->send(*this, message_of(id_, "complete", {}));
    connection->forget(*this);
  }
}

// The payload is the list of errors alone.
void OperationSink::fail(const Response& response) {
  constexpr std::string_view kBefore = "{\"errors\":";
  std::string_view errors = response.body;
  errors.remove_prefix(kBefore.size());
  errors.remove_suffix(1);
  if (const auto connection = connection_.lock()) {
    connection->send(*this, message_of(id_, "error", errors));
    connection->forget(*this);
  }
}

}  // namespace

http::Route web_socket_route(GraphqlHttp& http, const http::Request& request) {
  http::Route route;
  route.web_socket.message_bytes_max = http.options().body_bytes_max;
  if (!offers_protocol(request)) {
    route.web_socket.open = [](const std::shared_ptr<http::WebSocket>& socket) {
      socket->close(4406, "Subprotocol not acceptable");
      return std::make_shared<Refusal>();
    };
    return route;
  }
  route.web_socket.subprotocol = kProtocol;
  route.web_socket.open = [&http, request](std::shared_ptr<http::WebSocket> socket) {
    auto connection = std::make_shared<Connection>(http, request, std::move(socket));
    connection->expect_init();
    return connection;
  };
  return route;
}

}  // namespace firn::graphql
