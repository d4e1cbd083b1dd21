#include "mcp/exchange_channel.h"

#include <algorithm>

namespace firn::mcp {
namespace {

// Whether an Accept header names the media type, itself or by a wildcard; no header takes all.
bool accepts(const http::Request& request, std::string_view type) {
  const auto accept = request.headers.get("Accept");
  if (!accept) return true;
  const std::string range(type.substr(0, type.find('/') + 1));
  return accept->find(type) != std::string_view::npos ||
         accept->find(range + "*") != std::string_view::npos ||
         accept->find("*/*") != std::string_view::npos;
}

}  // namespace

std::string message_event(std::string_view message) {
  std::string out = "event: message\n";
  // A line break in JSON is a blank, but ends a line of the stream.
  for (size_t at = 0; at <= message.size();) {
    const size_t end = std::min(message.find('\n', at), message.size());
    out += "data: ";
    out += message.substr(at, end - at);
    out += '\n';
    at = end + 1;
  }
  return out + '\n';
}

http::Response event_stream_head() {
  http::Response head = http::Response::text(200, "", "text/event-stream");
  head.headers.add("Cache-Control", "no-cache");
  head.headers.add("X-Accel-Buffering", "no");
  return head;
}

void keep_alive(http::Timers& timers, std::chrono::milliseconds every,
                const std::shared_ptr<http::PushStream>& stream) {
  timers.after(every, [&timers, every, weak = std::weak_ptr(stream)] {
    const auto held = weak.lock();
    if (held != nullptr && held->write(":\n\n")) keep_alive(timers, every, held);
  });
}

ExchangeChannel::ExchangeChannel(std::shared_ptr<http::Exchange> exchange,
                                 std::shared_ptr<Session> session, http::Timers& timers,
                                 std::chrono::milliseconds ping)
    : timers_(timers),
      ping_(ping),
      session_(std::move(session)),
      takes_json_(accepts(exchange->request(), "application/json")),
      takes_events_(accepts(exchange->request(), "text/event-stream")),
      exchange_(std::move(exchange)) {}

void ExchangeChannel::serve(const CallPtr& call) {
  call_ = call;
  id_json_ = call->id().to_json();
}

void ExchangeChannel::answer(std::string message, int http_status, const std::string& challenge) {
  if (session_ != nullptr) session_->end(id_json_);
  std::lock_guard lock(mutex_);
  if (stream_ == nullptr && exchange_ != nullptr && (takes_json_ || !takes_events_)) {
    auto response = http::Response::json(http_status, std::move(message));
    if (!challenge.empty()) response.headers.add("WWW-Authenticate", challenge);
    exchange_->respond(std::move(response));
    exchange_.reset();
    return;
  }
  if (const auto stream = open_locked()) {
    stream->write(message_event(message));
    stream->finish();
  }
}

void ExchangeChannel::push(std::string message) {
  if (const auto open = stream()) open->write(message_event(message));
}

std::shared_ptr<http::PushStream> ExchangeChannel::stream() {
  std::lock_guard lock(mutex_);
  return takes_events_ ? open_locked() : nullptr;
}

std::shared_ptr<http::PushStream> ExchangeChannel::open_locked() {
  if (stream_ != nullptr || exchange_ == nullptr) return stream_;
  // In a session a client may lose its connection and has not cancelled by that.
  const bool ends_with_client = session_ == nullptr;
  stream_ = exchange_->push(event_stream_head(), [call = call_, ends_with_client] {
    const auto under_way = call.lock();
    if (ends_with_client && under_way != nullptr) under_way->cancel();
  });
  exchange_.reset();
  if (stream_ != nullptr) keep_alive(timers_, ping_, stream_);
  return stream_;
}

namespace {

// Answers of the client to several questions, together.
struct Questions {
  std::mutex mutex;
  Json answers = Json::object();
  size_t left = 0;
  std::function<void(Result<Json>)> done;

  void take(const std::string& key, Result<Json> answer) {
    std::function<void(Result<Json>)> finished;
    Result<Json> outcome = Json();
    {
      std::lock_guard lock(mutex);
      if (!done) return;
      if (answer.ok()) answers.set(key, *std::move(answer));
      if (answer.ok() && --left > 0) return;
      finished = std::exchange(done, nullptr);
      outcome = answer.ok() ? Result<Json>(std::move(answers)) : Result<Json>(answer.error());
    }
    finished(std::move(outcome));
  }
};

}  // namespace

void ExchangeChannel::ask(const InputRequests& requests, std::function<void(Result<Json>)> done) {
  const auto open = stream();
  if (open == nullptr || session_ == nullptr) {
    return done(
        Error(ErrorCode::kUnsupported, "this asks the client back: accept text/event-stream, too"));
  }
  const auto questions = std::make_shared<Questions>();
  questions->left = requests.size();
  questions->done = std::move(done);
  for (const auto& [key, request] : requests) {
    const std::string id = session_->expect(
        [questions, key = key](Result<Json> answer) { questions->take(key, std::move(answer)); });
    open->write(message_event(write_request(id, request.method, request.params)));
  }
}

}  // namespace firn::mcp
