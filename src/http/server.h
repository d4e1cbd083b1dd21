#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace firn::http {

// A response that goes out piece by piece as things happen. Thread-safe. What is queued is bounded:
// a client that does not keep up is cut off.
class PushStream {
 public:
  virtual ~PushStream() = default;
  // False: the client is gone, or was too slow.
  virtual bool write(std::string bytes) = 0;
  // Ends the response once everything is sent.
  virtual void finish() = 0;
};

// One client's WebSocket (RFC 6455). Thread-safe. What is queued is bounded, as above.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // A text message. False: it is closed, or the client was too slow.
  virtual bool send(std::string message) = 0;
  // After what is queued; the reason is cut to 120 bytes.
  virtual void close(uint16_t code, std::string reason) = 0;
};

// Called on the connection's I/O thread, one call at a time; it must not block.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;
  virtual void on_message(std::string_view text) = 0;
  // Nothing comes after it.
  virtual void on_close() = 0;
};

struct WebSocketRoute {
  // Makes the handler of one connection.
  std::function<std::shared_ptr<WebSocketHandler>(std::shared_ptr<WebSocket>)> open;
  std::string subprotocol;  // offered by the client and chosen; empty: none
  size_t message_bytes_max = 1 << 20;
};

// One request whose whole body, decoded and bounded, is in memory. Made by the server, answered
// once with respond() from any thread, now or later. Dropped without an answer, it answers 500.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;
  // Decoded by Content-Encoding (gzip, deflate, zstd). Has at least kBodyPadding readable bytes
  // past its end.
  virtual std::string_view body() const = 0;
  virtual void respond(Response response) = 0;
  // Instead of respond(): the head (its body ignored), then whatever is written. `on_close` is
  // called once, on the I/O thread, when the response has ended or the client is gone; the
  // connection is closed then.
  virtual std::shared_ptr<PushStream> push(Response head, std::function<void()> on_close) = 0;
  static constexpr size_t kBodyPadding = 64;
};

// One request read and answered piece by piece, on a thread of its own. Every call may block, until
// the connection's deadlines; none may be made after the handler has returned.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual const Request& request() const = 0;
  // The next bytes of the decoded body; 0 at its end. Errors: InvalidData (bad encoding), TooLarge,
  // DeadlineExceeded, Cancelled (the client went away).
  virtual Result<size_t> read(std::span<char> into) = 0;
  // The whole answer at once.
  virtual Status respond(Response response) = 0;
  // Or: the head (body ignored; chunked), then pieces, then finish. Without finish the client sees
  // a broken transfer.
  virtual Status start(Response head) = 0;
  virtual Status write(std::string_view bytes) = 0;
  virtual Status finish() = 0;
  // True once the client is gone.
  virtual bool cancelled() = 0;
};

using BufferedHandler = std::function<void(std::shared_ptr<Exchange>)>;
using StreamHandler = std::function<void(Stream&)>;

// What to do with a request, decided from its head alone, on an I/O thread (must be quick).
struct Route {
  BufferedHandler buffered;           // runs on an I/O thread: it must not block; or
  BufferedHandler blocking;           // the same, on the pool: it may block; or
  StreamHandler stream;               // on the pool, with the body as it comes; or
  WebSocketRoute web_socket;          // an upgrade, where `open` is set
  uint64_t body_bytes_max = 1 << 20;  // decoded
  // Of a stream: its thread is taken once the whole body is here.
  bool body_first = false;
};
// The same answer, whatever the request says.
Route answer_with(Response response);
// Never called concurrently with start() or stop(); otherwise from several threads at once.
using Router = std::function<Route(const Request&)>;

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  int io_threads = 2;
  int pool_threads = 64;     // blocking and streaming requests at a time
  int pool_queue_max = 256;  // waiting for a pool thread; beyond: 429
  int connections_max = 4096;
  uint64_t header_bytes_max = 64 << 10;
  std::chrono::milliseconds header_deadline{10'000};
  std::chrono::milliseconds body_idle_deadline{30'000};   // between two reads or writes
  uint64_t body_bytes_per_second_min = 4 << 10;           // on average, after body_idle_deadline
  std::chrono::milliseconds keep_alive_deadline{75'000};  // between two requests
  uint64_t buffered_bytes_max = 512ULL << 20;  // all bodies in memory together; beyond: 429
  uint64_t push_bytes_max = 4 << 20;           // queued for one slow reader of a push or WebSocket
  std::chrono::milliseconds web_socket_idle{60'000};  // without a message: half of it, then a ping
};

struct ServerStats {
  uint64_t requests = 0;
  uint64_t connections_open = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

// An HTTP/1.1 server (RFC 9112): keep-alive, chunked both ways, Expect: 100-continue.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Router router);
  virtual ~Server() = default;
  virtual uint16_t port() const = 0;
  virtual ServerStats stats() const = 0;
  // Stops accepting, lets requests in flight finish for at most `deadline`, closes. Idempotent.
  virtual void drain(std::chrono::milliseconds deadline) = 0;
};

}  // namespace firn::http
