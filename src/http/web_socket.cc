#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "http/connection_internal.h"

namespace firn::http {
namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);

}  // namespace

// Reads in the connection's coroutine and writes in one beside it, both on the loop.
class WebSocketSession : public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(const std::shared_ptr<Connection>& connection, size_t message_bytes_max)
      : connection_(connection),
        loop_(connection->loop_),
        stream_(connection->socket_),
        outbox_(connection->shared_.options.push_bytes_max),
        wake_(connection->loop_.context) {
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = std::chrono::seconds(10);
    timeout.idle_timeout = connection->shared_.options.web_socket_idle;
    timeout.keep_alive_pings = true;
    stream_.set_option(timeout);
    stream_.read_message_max(message_bytes_max);
    stream_.text(true);
  }

  // Any thread.
  bool send(std::string message) {
    const bool taken = outbox_.push(std::move(message));
    if (!taken && outbox_.overflowed()) close(1013, "too slow");
    wake();
    return taken;
  }
  void close(uint16_t code, std::string reason) {
    {
      std::lock_guard lock(mutex_);
      if (close_code_ == 0) {
        close_code_ = code;
        close_reason_ = std::move(reason);
        close_reason_.resize(std::min<size_t>(close_reason_.size(), 120));
      }
    }
    outbox_.finish();
    wake();
  }

  static asio::awaitable<void> run(std::shared_ptr<WebSocketSession> self,
                                   std::shared_ptr<Connection> connection, WebSocketRoute route);

 private:
  void wake() {
    const auto connection = connection_.lock();
    if (connection == nullptr || connection->shared_.stopped) return;
    asio::dispatch(loop_.context, [self = shared_from_this(), connection] {
      self->woken_ = true;
      self->wake_.cancel();
    });
  }
  static asio::awaitable<void> write(std::shared_ptr<WebSocketSession> self,
                                     std::shared_ptr<Connection> connection);

  const std::weak_ptr<Connection> connection_;
  IoLoop& loop_;
  websocket::stream<asio::ip::tcp::socket&> stream_;
  Outbox outbox_;
  asio::steady_timer wake_;
  bool woken_ = false;
  bool reading_ = true;
  bool writing_ = true;
  std::mutex mutex_;
  uint16_t close_code_ = 0;
  std::string close_reason_;
};

namespace {

class SessionHandle final : public WebSocket {
 public:
  explicit SessionHandle(std::shared_ptr<WebSocketSession> session)
      : session_(std::move(session)) {}
  bool send(std::string message) override { return session_->send(std::move(message)); }
  void close(uint16_t code, std::string reason) override {
    session_->close(code, std::move(reason));
  }

 private:
  const std::shared_ptr<WebSocketSession> session_;
};

}  // namespace

asio::awaitable<void> WebSocketSession::write(std::shared_ptr<WebSocketSession> self,
                                              std::shared_ptr<Connection> connection) {
  bool open = true;
  while (open && self->reading_) {
    const bool last = self->outbox_.finished();
    for (const std::string& message : self->outbox_.take()) {
      // The stream's own timer is set anew by whatever the client says, even if it reads nothing.
      connection->set_deadline(connection->shared_.options.body_idle_deadline);
      auto [code, n] = co_await self->stream_.async_write(asio::buffer(message), kUseTuple);
      connection->deadline_ = std::chrono::steady_clock::time_point::max();
      self->outbox_.sent(message.size());
      connection->shared_.bytes_out.fetch_add(n, std::memory_order_relaxed);
      if (code) open = false;
      if (!open) break;
    }
    if (open && last) {
      websocket::close_reason reason;
      {
        std::lock_guard lock(self->mutex_);
        reason.code = self->close_code_ == 0 ? uint16_t{1000} : self->close_code_;
        reason.reason = self->close_reason_;
      }
      // A failure shows at the reader, too. The deadline stays: nothing is sent after it.
      connection->set_deadline(connection->shared_.options.body_idle_deadline);
      co_await self->stream_.async_close(reason, kUseTuple);
      break;
    }
    while (open && self->reading_ && !self->woken_) {
      self->wake_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await self->wake_.async_wait(kUseTuple);
    }
    self->woken_ = false;
  }
  self->writing_ = false;
  self->wake_.cancel();
}

asio::awaitable<void> WebSocketSession::run(std::shared_ptr<WebSocketSession> self,
                                            std::shared_ptr<Connection> connection,
                                            WebSocketRoute route) {
  self->stream_.set_option(
      websocket::stream_base::decorator([&route](websocket::response_type& response) {
        response.set(boost::beast::http::field::server, "firn");
        if (!route.subprotocol.empty()) {
          response.set(boost::beast::http::field::sec_websocket_protocol, route.subprotocol);
        }
      }));
  auto [refused] = co_await self->stream_.async_accept(connection->parser_->get(), kUseTuple);
  if (refused) co_return;
  const auto handler = route.open(std::make_shared<SessionHandle>(self));
  asio::co_spawn(self->loop_.context, write(self, connection), asio::detached);
  boost::beast::flat_buffer buffer;
  for (;;) {
    auto [code, n] = co_await self->stream_.async_read(buffer, kUseTuple);
    if (code) break;
    connection->shared_.bytes_in.fetch_add(n, std::memory_order_relaxed);
    if (!self->stream_.got_text()) {
      self->close(1003, "text messages only");
    } else {
      const auto data = buffer.data();
      handler->on_message({static_cast<const char*>(data.data()), data.size()});
    }
    buffer.consume(buffer.size());
  }
  self->reading_ = false;
  self->outbox_.close();
  handler->on_close();
  self->wake_.cancel();
  connection->close_now();
  // The writer uses the stream, which must not go before it.
  while (self->writing_) {
    self->wake_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await self->wake_.async_wait(kUseTuple);
  }
}

asio::awaitable<void> serve_web_socket(std::shared_ptr<Connection> connection,
                                       WebSocketRoute route) {
  auto session = std::make_shared<WebSocketSession>(connection, route.message_bytes_max);
  connection->attach(session);
  co_await WebSocketSession::run(session, connection, std::move(route));
  connection->attach(nullptr);
}

void close_web_socket(WebSocketSession& session) { session.close(1001, "the server is going"); }

}  // namespace firn::http
