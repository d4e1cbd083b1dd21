#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "http/server.h"
#include "http/timers.h"
#include "mcp/call.h"
#include "mcp/sessions.h"

namespace firn::mcp {

http::Response event_stream_head();
// One JSON-RPC message as an event.
std::string message_event(std::string_view message);
// Writes a comment to the stream now and then for as long as it takes any.
void keep_alive(http::Timers& timers, std::chrono::milliseconds every,
                const std::shared_ptr<http::PushStream>& stream);

// One POST: answered with JSON, or, once something comes before the answer, with a stream of
// events. Thread-safe.
class ExchangeChannel final : public CallChannel,
                              public std::enable_shared_from_this<ExchangeChannel> {
 public:
  // `session` may be null.
  ExchangeChannel(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<Session> session,
                  http::Timers& timers, std::chrono::milliseconds ping);
  // Before anything else: whose channel it is. A client that goes away cancels a stateless call.
  void serve(const CallPtr& call);

  void answer(std::string message, int http_status, const std::string& challenge) override;
  void push(std::string message) override;
  bool takes_stream() const override { return takes_events_; }
  void ask(const InputRequests& requests, std::function<void(Result<Json>)> done) override;

 private:
  std::shared_ptr<http::PushStream> stream();  // opens it; null: the client takes none
  std::shared_ptr<http::PushStream> open_locked();

  http::Timers& timers_;
  const std::chrono::milliseconds ping_;
  const std::shared_ptr<Session> session_;
  const bool takes_json_;
  const bool takes_events_;
  std::string id_json_;
  std::weak_ptr<Call> call_;
  std::mutex mutex_;
  std::shared_ptr<http::Exchange> exchange_;  // until it is answered
  std::shared_ptr<http::PushStream> stream_;
};

}  // namespace firn::mcp
