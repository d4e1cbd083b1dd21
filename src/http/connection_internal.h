#pragma once

// Boost's headers cost seconds: included by connection.cc, stream.cc and server.cc only.
#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "http/content_decoder.h"
#include "http/server.h"
#include "http/thread_pool.h"

namespace firn::http {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

class Connection;

// One event loop on one thread. Its connections are touched only there.
struct IoLoop {
  boost::asio::io_context context{1};
  std::unordered_set<Connection*> connections;

  // Room for answers, which goes from connection to connection. On the loop's thread.
  std::string take_buffer() {
    if (buffers_.empty()) return {};
    std::string buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
  }
  void give_back(std::string buffer) {
    if (buffers_.size() >= kBuffersMax || buffer.capacity() > kBufferBytesMax) return;
    buffer.clear();
    buffers_.push_back(std::move(buffer));
  }

  // Room for bodies, which connections share as they come and go: many of them idle.
  struct Room {
    std::unique_ptr<char[]> bytes;
    size_t capacity = 0;
  };
  Room take_room(size_t capacity) {
    for (Room& room : rooms_) {
      if (room.capacity < capacity) continue;
      std::swap(room, rooms_.back());
      Room taken = std::move(rooms_.back());
      rooms_.pop_back();
      return taken;
    }
    return {std::make_unique_for_overwrite<char[]>(capacity), capacity};
  }
  void give_back(Room room) {
    if (rooms_.size() < kRoomsMax && room.capacity <= kRoomBytesMax) {
      rooms_.push_back(std::move(room));
    }
  }

 private:
  static constexpr size_t kRoomsMax = 32;
  static constexpr size_t kRoomBytesMax = 1 << 20;
  static constexpr size_t kBuffersMax = 16;
  static constexpr size_t kBufferBytesMax = 256 << 10;
  std::vector<std::string> buffers_;
  std::vector<Room> rooms_;
};

// What all connections of a server share. An answer may come, and a connection go, after the server
// did: whoever has a connection keeps this.
struct ServerShared {
  ServerOptions options;
  Router router;
  std::unique_ptr<ThreadPool> pool;
  std::atomic<bool> draining{false};
  std::atomic<uint64_t> requests{0};
  std::atomic<uint64_t> bytes_in{0};
  std::atomic<uint64_t> bytes_out{0};
  std::atomic<uint64_t> connections_open{0};
  std::atomic<uint64_t> buffered_bytes{0};
  std::atomic<bool> stopped{false};  // the loops run no more
  std::vector<std::unique_ptr<IoLoop>> loops;
};

// Undoes transfer and content encoding of one request's body, fed with raw bytes of the connection.
class BodyDecoder {
 public:
  static Result<std::unique_ptr<BodyDecoder>> create(RequestParser& parser, const Request& request);
  // Gives decoded bytes to `sink`; returns how many raw bytes were used: all, unless done(), or the
  // sink is full.
  Result<size_t> feed(std::string_view raw, ByteSink& sink);
  bool done() const { return done_; }
  // The sink was full: there is more to give without another raw byte.
  bool holds() const { return piece_at_ < piece_end_ || content_->pending(); }

 private:
  BodyDecoder(RequestParser& parser, std::unique_ptr<ContentDecoder> content)
      : parser_(parser), content_(std::move(content)) {}

  Status decode(ByteSink& sink);

  RequestParser& parser_;
  std::unique_ptr<ContentDecoder> content_;
  std::array<char, 16 << 10> piece_;  // unchunked, not all of it decoded
  size_t piece_at_ = 0;
  size_t piece_end_ = 0;
  bool done_ = false;
  bool stalled_ = false;  // the last bytes were too few to go on with
};

// Appends the bytes of a response's head, ready to send. `chunked` excludes Content-Length.
void append_head(std::string& out, const Response& response, bool keep_alive, bool chunked,
                 uint64_t content_length);

// Text that other threads hand to a connection, which sends it on its loop. Thread-safe.
class Outbox {
 public:
  explicit Outbox(uint64_t bytes_max) : bytes_max_(bytes_max) {}
  // False: closed, or full; then it is closed, too.
  bool push(std::string text);
  // Everything that waits. It counts until it is sent().
  std::deque<std::string> take();
  void sent(uint64_t bytes);
  // Takes no more; what waits is still sent.
  void finish();
  // The same, and what waits is dropped.
  void close();
  bool finished() const;
  bool overflowed() const;

 private:
  mutable std::mutex mutex_;
  const uint64_t bytes_max_;
  std::deque<std::string> queue_;
  uint64_t bytes_ = 0;
  bool finished_ = false;
  bool overflowed_ = false;
};

struct PushState;
class WebSocketSession;

// One client's connection. Lives as long as its coroutine or an exchange needs it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerShared> shared, IoLoop& loop,
             boost::asio::ip::tcp::socket socket);
  ~Connection();

  // Serves requests one after another until the peer or a deadline ends it. Detached.
  static boost::asio::awaitable<void> run(std::shared_ptr<Connection> self);

  // On the loop's thread: closes if overdue at `now`.
  void sweep(std::chrono::steady_clock::time_point now);
  // On the loop's thread: closes an idle connection at once, or after the answer under way.
  void close_when_idle();
  void close_now();

  // From any thread: the answer of a buffered exchange.
  void answer(Response response);
  // From any thread: has the connection's coroutine look at its outbox.
  void wake();
  // On the loop's thread: the WebSocket that the connection has become, or null.
  void attach(std::shared_ptr<WebSocketSession> session) { web_socket_ = std::move(session); }

 private:
  friend class SocketStream;
  friend class BufferedExchange;
  friend class ConnectionPush;
  friend class WebSocketSession;
  enum class Next { kKeepAlive, kClose };

  boost::asio::awaitable<bool> read_head();
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<std::optional<Error>> read_body(uint64_t bytes_max);
  boost::asio::awaitable<std::optional<Error>> read_plain_body(uint64_t length);
  boost::asio::awaitable<void> continue_if_expected();
  // The answer to a request that another one follows already waits in corked_ for that one's.
  boost::asio::awaitable<bool> send(const Response& response, bool keep_alive);
  // Sends what waits. To be called before whatever may take time. False: the client is gone.
  boost::asio::awaitable<bool> flush();
  boost::asio::awaitable<bool> write(std::string_view first, std::string_view second);
  boost::asio::awaitable<void> wait_for_answer();
  boost::asio::awaitable<void> linger();
  boost::asio::awaitable<Next> serve_buffered(Route route, bool on_pool);
  boost::asio::awaitable<Next> serve_stream(Route route);
  boost::asio::awaitable<Next> refuse(const Error& error);
  boost::asio::awaitable<void> serve_push();
  static boost::asio::awaitable<void> watch_peer(std::shared_ptr<Connection> self);
  boost::asio::awaitable<void> wait_for_wake();
  std::optional<Error> build_request();
  bool reserve_body(uint64_t bytes);
  // For the next bytes of a body of which so many have come since `started`.
  void set_body_deadline(std::chrono::steady_clock::time_point started, uint64_t received);
  void release_body();
  void set_deadline(std::chrono::milliseconds from_now);

  // First, so that it goes last: the socket and the timer belong to its loops.
  const std::shared_ptr<ServerShared> shared_owner_;
  ServerShared& shared_;
  IoLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer answered_;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  Request request_;
  IoLoop::Room body_;
  size_t body_size_ = 0;
  uint64_t body_reserved_ = 0;
  bool body_read_ = false;
  bool keep_alive_ = true;
  bool idle_ = true;
  bool stream_reusable_ = false;
  std::optional<Response> response_;
  std::string corked_;  // answers to pipelined requests (RFC 9112 section 9.3.2), not yet sent
  std::shared_ptr<PushState> push_;  // the answer is a push
  std::shared_ptr<WebSocketSession> web_socket_;
  bool peer_gone_ = false;
  bool woken_ = false;
  std::string remote_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

// A push under way.
struct PushState {
  PushState(uint64_t bytes_max, Response first, std::function<void()> closed)
      : outbox(bytes_max), head(std::move(first)), on_close(std::move(closed)) {}
  Outbox outbox;
  Response head;
  std::function<void()> on_close;
};

// Upgrades the connection and serves it until it is closed.
boost::asio::awaitable<void> serve_web_socket(std::shared_ptr<Connection> connection,
                                              WebSocketRoute route);
// On the loop's thread, when the server goes.
void close_web_socket(WebSocketSession& session);

// Runs `handler` for a request whose head was read; blocking I/O on the connection's descriptor.
// True when the connection can serve another request.
bool run_stream(Connection& connection, const StreamHandler& handler, uint64_t body_bytes_max);

// How long a client may have taken for so many bytes of a body: slower ones keep what others need.
std::chrono::milliseconds patience_for(const ServerOptions& options, uint64_t received);

}  // namespace firn::http
