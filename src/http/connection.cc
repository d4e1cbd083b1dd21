#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <ctime>

#include <fmt/format.h>

#include "http/connection_internal.h"

namespace firn::http {
namespace {

namespace asio = boost::asio;
constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadBytes = 16 << 10;
constexpr size_t kKeptBodyBytes = 16 << 10;
constexpr uint64_t kFirstBodyBytes = 64 << 10;
constexpr size_t kCorkedBytesMax = 32 << 10;
constexpr size_t kCopiedBytesMax = 4 << 10;

std::string_view reason_of(int status) {
  const auto text = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  return {text.data(), text.size()};
}

// RFC 9110 date, made once a second per thread.
const std::string& date_header() {
  thread_local time_t made_at = 0;
  thread_local std::string text;
  const time_t now = std::time(nullptr);
  if (now != made_at) {
    tm parts{};
    gmtime_r(&now, &parts);
    char buffer[64];
    const size_t n = std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(buffer, n);
    made_at = now;
  }
  return text;
}

// The first lines of every answer; most have the status of the one before.
void append_status_line(std::string& out, int status) {
  thread_local int made_for = 0;
  thread_local std::string text;
  if (status != made_for) {
    text = fmt::format("HTTP/1.1 {} {}\r\nServer: firn\r\nDate: ", status, reason_of(status));
    made_for = status;
  }
  out += text;
  out += date_header();
  out += "\r\n";
}

bool has_body(int status) { return status != 204 && status != 304 && status >= 200; }

Status split_target(Request& request) {
  const std::string_view target = request.target;
  if (target.empty() || target[0] != '/') {
    return Error(ErrorCode::kInvalidArgument, "the request target must be a path");
  }
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  for (size_t start = 1; start <= request.path.size();) {
    const size_t slash = std::min(request.path.find('/', start), request.path.size());
    request.segments.push_back(
        TRY(percent_decode(std::string_view(request.path).substr(start, slash - start), false)));
    start = slash + 1;
  }
  if (mark == std::string_view::npos) return {};
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    auto name = TRY(percent_decode(pair.substr(0, equals), true));
    auto value = TRY(percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
    request.query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

void append_head(std::string& out, const Response& response, bool keep_alive, bool chunked,
                 uint64_t content_length) {
  append_status_line(out, response.status);
  for (const auto& [name, value] : response.headers.all()) {
    out += name;
    out += ": ";
    // A header built from a client's text must not start another one.
    for (const char c : value) out += c == '\r' || c == '\n' ? ' ' : c;
    out += "\r\n";
  }
  if (chunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (has_body(response.status)) {
    out += "Content-Length: ";
    out += fmt::format_int(content_length).c_str();
    out += "\r\n";
  }
  out += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
}

// What a handler holds of a push; the connection may be gone before it.
class ConnectionPush final : public PushStream {
 public:
  ConnectionPush(const std::shared_ptr<Connection>& connection, std::shared_ptr<PushState> state)
      : connection_(connection), state_(std::move(state)) {}
  bool write(std::string bytes) override {
    const bool taken = state_->outbox.push(std::move(bytes));
    wake();
    return taken;
  }
  void finish() override {
    state_->outbox.finish();
    wake();
  }
  // On any thread: makes the push the connection's answer.
  static void begin(const std::shared_ptr<Connection>& connection,
                    std::shared_ptr<PushState> state) {
    if (connection->shared_.stopped) return;
    asio::dispatch(connection->loop_.context, [connection, state = std::move(state)] {
      connection->push_ = state;
      connection->response_.emplace();  // only wakes the coroutine
      connection->answered_.cancel();
    });
  }

 private:
  void wake() {
    if (const auto connection = connection_.lock()) connection->wake();
  }
  const std::weak_ptr<Connection> connection_;
  const std::shared_ptr<PushState> state_;
};

// Holds the connection until the handler has answered.
class BufferedExchange final : public Exchange {
 public:
  explicit BufferedExchange(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~BufferedExchange() override {
    if (!answered_.exchange(true)) {
      connection_->answer(Response::error(Error(ErrorCode::kInternal, "no answer was made")));
    }
  }
  const Request& request() const override { return connection_->request_; }
  std::string_view body() const override {
    return {connection_->body_.bytes.get(), connection_->body_size_};
  }
  void respond(Response response) override {
    if (!answered_.exchange(true)) connection_->answer(std::move(response));
  }
  std::shared_ptr<PushStream> push(Response head, std::function<void()> on_close) override {
    if (answered_.exchange(true)) return nullptr;
    auto state = std::make_shared<PushState>(connection_->shared_.options.push_bytes_max,
                                             std::move(head), std::move(on_close));
    ConnectionPush::begin(connection_, state);
    return std::make_shared<ConnectionPush>(connection_, std::move(state));
  }

 private:
  std::shared_ptr<Connection> connection_;
  std::atomic<bool> answered_{false};
};

Connection::Connection(std::shared_ptr<ServerShared> shared, IoLoop& loop,
                       asio::ip::tcp::socket socket)
    : shared_owner_(std::move(shared)),
      shared_(*shared_owner_),
      loop_(loop),
      socket_(std::move(socket)),
      answered_(loop.context),
      buffer_(shared_.options.header_bytes_max + 2 * kReadBytes) {
  boost::system::error_code code;
  socket_.set_option(asio::ip::tcp::no_delay(true), code);
  const auto endpoint = socket_.remote_endpoint(code);
  if (!code) remote_ = endpoint.address().to_string();
  shared_.connections_open.fetch_add(1);
}

Connection::~Connection() {
  shared_.buffered_bytes.fetch_sub(body_reserved_);  // its room goes with it: this is any thread
  shared_.connections_open.fetch_sub(1);
}

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
}

void Connection::sweep(std::chrono::steady_clock::time_point now) {
  if (now > deadline_) close_now();
}

void Connection::close_when_idle() {
  keep_alive_ = false;
  if (idle_) close_now();
  if (push_ != nullptr) {
    push_->outbox.finish();
    wake();
  }
  if (web_socket_ != nullptr) close_web_socket(*web_socket_);
}

void Connection::close_now() {
  boost::system::error_code ignored;  // the peer may have closed first
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
}

void Connection::answer(Response response) {
  if (shared_.stopped) return;  // the client's connection is closed already
  // The coroutine runs on the loop's thread, so this cannot come between its check and its wait.
  asio::dispatch(loop_.context,
                 [self = shared_from_this(), response = std::move(response)]() mutable {
                   self->response_ = std::move(response);
                   self->answered_.cancel();
                 });
}

void Connection::wake() {
  if (shared_.stopped) return;
  asio::dispatch(loop_.context, [self = shared_from_this()] {
    self->woken_ = true;
    self->answered_.cancel();
  });
}

asio::awaitable<void> Connection::wait_for_wake() {
  while (!woken_) {
    answered_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await answered_.async_wait(kUseTuple);
  }
  woken_ = false;
}

asio::awaitable<void> Connection::wait_for_answer() {
  while (!response_) {
    answered_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await answered_.async_wait(kUseTuple);
  }
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
  Connection& me = *self;
  me.loop_.connections.insert(&me);
  for (;;) {
    const bool head = co_await me.read_head();
    if (!head) break;
    const Next next = co_await me.serve_one();
    me.release_body();
    if (next == Next::kClose) break;
  }
  boost::system::error_code ignored;
  me.socket_.close(ignored);
  // Here and not in the destructor: a handler may hold the last reference on another thread.
  me.loop_.connections.erase(&me);
}

// Reads until the head is complete. False: nothing more to serve.
asio::awaitable<bool> Connection::read_head() {
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(shared_.options.header_bytes_max));
  parser_->body_limit(boost::none);
  idle_ = buffer_.size() == 0;
  set_deadline(idle_ ? shared_.options.keep_alive_deadline : shared_.options.header_deadline);
  for (;;) {
    if (buffer_.size() > 0) {
      boost::system::error_code code;
      const size_t used = parser_->put(buffer_.data(), code);
      buffer_.consume(used);
      if (parser_->is_header_done()) break;
      if (code && code != boost::beast::http::error::need_more) {
        Response response = Response::error(
            code == boost::beast::http::error::header_limit
                ? Error(ErrorCode::kHeadersTooLarge, "the request's header is too large")
                : Error(ErrorCode::kInvalidArgument, "the request is not well-formed HTTP/1.1"));
        co_await send(response, false);
        co_await linger();
        co_return false;
      }
    }
    if (!corked_.empty() && !co_await flush()) co_return false;
    auto [code, n] = co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kUseTuple);
    if (code) co_return false;
    buffer_.commit(n);
    shared_.bytes_in.fetch_add(n, std::memory_order_relaxed);
    if (idle_) {
      idle_ = false;
      set_deadline(shared_.options.header_deadline);
    }
  }
  idle_ = false;
  co_return true;
}

std::optional<Error> Connection::build_request() {
  const auto& message = parser_->get();
  request_ = Request{};
  request_.method = std::string(message.method_string());
  request_.target = std::string(message.target());
  request_.remote_address = remote_;
  for (const auto& field : message) {
    request_.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  // RFC 9112 section 6.3: a body whose end another might see elsewhere is never read on.
  if (request_.headers.get("Transfer-Encoding") &&
      (!parser_->chunked() || message.version() < 11 || request_.headers.get("Content-Length"))) {
    return Error(ErrorCode::kInvalidArgument, "Transfer-Encoding has to be chunked, and alone");
  }
  const Status split = split_target(request_);
  if (!split.ok()) return split.error();
  return std::nullopt;
}

asio::awaitable<Connection::Next> Connection::serve_one() {
  shared_.requests.fetch_add(1, std::memory_order_relaxed);
  keep_alive_ = parser_->keep_alive() && !shared_.draining.load(std::memory_order_relaxed);
  body_size_ = 0;
  body_read_ = false;
  response_.reset();
  if (auto error = build_request()) co_return co_await refuse(*error);
  Route route = shared_.router(request_);
  if ((route.stream || route.web_socket.open) && !co_await flush()) co_return Next::kClose;
  if (route.stream) co_return co_await serve_stream(std::move(route));
  if (route.web_socket.open) {
    deadline_ = std::chrono::steady_clock::time_point::max();
    co_await serve_web_socket(shared_from_this(), std::move(route.web_socket));
    co_return Next::kClose;
  }
  const bool on_pool = static_cast<bool>(route.blocking);
  co_return co_await serve_buffered(std::move(route), on_pool);
}

// Of a request whose body is not, or not whole, read.
asio::awaitable<Connection::Next> Connection::refuse(const Error& error) {
  if (error.code() == ErrorCode::kCancelled) co_return Next::kClose;
  co_await send(Response::error(error), false);
  co_await linger();
  co_return Next::kClose;
}

asio::awaitable<Connection::Next> Connection::serve_buffered(Route route, bool on_pool) {
  if (const auto failed = co_await read_body(route.body_bytes_max)) {
    co_return co_await refuse(*failed);
  }
  deadline_ = std::chrono::steady_clock::time_point::max();
  {
    auto exchange = std::make_shared<BufferedExchange>(shared_from_this());
    if (!on_pool) {
      route.buffered(std::move(exchange));
    } else {
      auto task = [handler = std::move(route.blocking), exchange] { handler(exchange); };
      if (!shared_.pool->try_submit(std::move(task))) {
        exchange->respond(
            Response::error(Error(ErrorCode::kOverloaded, "the server is busy; try again soon")));
      }
    }
  }
  if (!response_) {
    if (!corked_.empty() && !co_await flush()) close_now();
    deadline_ = std::chrono::steady_clock::time_point::max();
    co_await wait_for_answer();
  }
  if (push_ != nullptr) {
    if (!co_await flush()) close_now();
    co_await serve_push();
    co_return Next::kClose;
  }
  const bool keep_alive = keep_alive_;
  const Response response = std::move(*response_);
  response_.reset();
  const bool sent = co_await send(response, keep_alive);
  co_return sent&& keep_alive ? Next::kKeepAlive : Next::kClose;
}

asio::awaitable<Connection::Next> Connection::serve_stream(Route route) {
  if (route.body_first) {
    if (const auto failed = co_await read_body(route.body_bytes_max)) {
      co_return co_await refuse(*failed);
    }
    if (!co_await flush()) co_return Next::kClose;
  }
  deadline_ = std::chrono::steady_clock::time_point::max();
  stream_reusable_ = false;
  auto self = shared_from_this();
  const bool taken = shared_.pool->try_submit([self, route = std::move(route)] {
    const bool reusable = run_stream(*self, route.stream, route.body_bytes_max);
    asio::dispatch(self->loop_.context, [self, reusable] {
      self->stream_reusable_ = reusable;
      self->response_.emplace();  // already sent: only wakes the coroutine
      self->answered_.cancel();
    });
  });
  if (!taken) {
    co_return co_await refuse(Error(ErrorCode::kOverloaded, "the server is busy; try again soon"));
  }
  co_await wait_for_answer();
  response_.reset();
  if (stream_reusable_ && keep_alive_) co_return Next::kKeepAlive;
  co_await linger();
  co_return Next::kClose;
}

asio::awaitable<void> Connection::continue_if_expected() {
  const auto expect = request_.headers.get("Expect");
  if (!expect || *expect != "100-continue" || buffer_.size() > 0) co_return;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  corked_ += kContinue;
  co_await flush();  // a failure shows again at the next read
}

bool Connection::reserve_body(uint64_t bytes) {
  if (bytes > body_reserved_) {
    const uint64_t more = bytes - body_reserved_;
    const uint64_t before = shared_.buffered_bytes.fetch_add(more);
    if (before + more > shared_.options.buffered_bytes_max) {
      shared_.buffered_bytes.fetch_sub(more);
      return false;
    }
    body_reserved_ = bytes;
  }
  if (bytes + Exchange::kBodyPadding > body_.capacity) {
    IoLoop::Room larger = loop_.take_room(std::max<size_t>(
        bytes + Exchange::kBodyPadding, std::min<size_t>(body_.capacity * 2, 64 << 20)));
    if (body_size_ > 0) std::memcpy(larger.bytes.get(), body_.bytes.get(), body_size_);
    loop_.give_back(std::exchange(body_, std::move(larger)));
  }
  return true;
}

void Connection::release_body() {
  shared_.buffered_bytes.fetch_sub(body_reserved_);
  body_reserved_ = 0;
  body_size_ = 0;
  if (body_.capacity > kKeptBodyBytes) loop_.give_back(std::exchange(body_, {}));
}

void Connection::set_body_deadline(std::chrono::steady_clock::time_point started,
                                   uint64_t received) {
  set_deadline(shared_.options.body_idle_deadline);
  deadline_ = std::min(deadline_, started + patience_for(shared_.options, received));
}

// The common case, a known length and no encoding: from the socket into place. Room is taken as
// bytes come: a length that is only announced takes nothing from others.
asio::awaitable<std::optional<Error>> Connection::read_plain_body(uint64_t length) {
  const size_t ready = std::min<size_t>(buffer_.size(), length);
  uint64_t room = std::min(length, std::max<uint64_t>(ready, kFirstBodyBytes));
  const Error overloaded(ErrorCode::kOverloaded, "too many requests are in memory; try again soon");
  if (!reserve_body(room)) co_return overloaded;
  std::memcpy(body_.bytes.get(), buffer_.data().data(), ready);
  buffer_.consume(ready);
  body_size_ = ready;
  if (body_size_ < length) co_await flush();  // a failure shows again at the read
  const auto started = std::chrono::steady_clock::now();
  while (body_size_ < length) {
    if (body_size_ == room) {
      room = std::min(length, 2 * room);
      if (!reserve_body(room)) co_return overloaded;
    }
    set_body_deadline(started, body_size_);
    auto [code, n] = co_await socket_.async_read_some(
        asio::buffer(body_.bytes.get() + body_size_, room - body_size_), kUseTuple);
    if (code) co_return Error(ErrorCode::kCancelled, "the client went away");
    body_size_ += n;
    shared_.bytes_in.fetch_add(n, std::memory_order_relaxed);
  }
  std::memset(body_.bytes.get() + body_size_, 0, Exchange::kBodyPadding);
  co_return std::nullopt;
}

asio::awaitable<std::optional<Error>> Connection::read_body(uint64_t bytes_max) {
  const Error too_large(ErrorCode::kTooLarge,
                        fmt::format("the body is larger than {} bytes", bytes_max));
  const auto length = parser_->content_length();
  if (length && *length > bytes_max) co_return too_large;
  co_await continue_if_expected();
  const auto encoding = request_.headers.get("Content-Encoding").value_or("");
  if (!parser_->chunked() && (encoding.empty() || encoding == "identity")) {
    auto failed = co_await read_plain_body(length.value_or(0));
    body_read_ = !failed;
    co_return failed;
  }
  auto decoder = BodyDecoder::create(*parser_, request_);
  if (!decoder.ok()) co_return decoder.error();

  struct Sink final : ByteSink {
    Connection& me;
    const uint64_t bytes_max;
    const Error& too_large;
    Sink(Connection& connection, uint64_t max, const Error& error)
        : me(connection), bytes_max(max), too_large(error) {}
    Status put(std::string_view bytes) override {
      if (me.body_size_ + bytes.size() > bytes_max) return too_large;
      if (!me.reserve_body(me.body_size_ + bytes.size())) {
        return Error(ErrorCode::kOverloaded, "too many requests are in memory; try again soon");
      }
      std::memcpy(me.body_.bytes.get() + me.body_size_, bytes.data(), bytes.size());
      me.body_size_ += bytes.size();
      return {};
    }
  } sink(*this, bytes_max, too_large);

  const auto started = std::chrono::steady_clock::now();
  uint64_t received = 0;
  while (!(*decoder)->done()) {
    if (buffer_.size() > 0) {
      const auto raw = buffer_.data();
      auto used = (*decoder)->feed({static_cast<const char*>(raw.data()), raw.size()}, sink);
      if (!used.ok()) co_return used.error();
      buffer_.consume(*used);
      if ((*decoder)->done()) break;
    }
    if (!corked_.empty()) co_await flush();
    set_body_deadline(started, received);
    const size_t room = buffer_.max_size() - buffer_.size();
    if (room == 0) co_return Error(ErrorCode::kInvalidData, "a chunk's header is too large");
    auto [code, n] =
        co_await socket_.async_read_some(buffer_.prepare(std::min(kReadBytes, room)), kUseTuple);
    if (code) co_return Error(ErrorCode::kCancelled, "the client went away");
    buffer_.commit(n);
    received += n;
    shared_.bytes_in.fetch_add(n, std::memory_order_relaxed);
  }
  if (!reserve_body(body_size_)) co_return too_large;
  std::memset(body_.bytes.get() + body_size_, 0, Exchange::kBodyPadding);
  body_read_ = true;
  co_return std::nullopt;
}

std::chrono::milliseconds patience_for(const ServerOptions& options, uint64_t received) {
  const uint64_t rate = std::max<uint64_t>(options.body_bytes_per_second_min, 1);
  return options.body_idle_deadline + std::chrono::milliseconds(received * 1000 / rate);
}

asio::awaitable<bool> Connection::send(const Response& response, bool keep_alive) {
  if (corked_.empty()) corked_ = loop_.take_buffer();
  append_head(corked_, response, keep_alive, false, response.body.size());
  const bool with_body = has_body(response.status) && request_.method != "HEAD";
  const bool is_last = !keep_alive || buffer_.size() == 0;
  // A copy costs less than a second buffer where the body is small.
  if (with_body && response.body.size() > (is_last ? kCopiedBytesMax : kCorkedBytesMax)) {
    std::string before = std::exchange(corked_, {});
    const bool written = co_await write(before, response.body);
    loop_.give_back(std::move(before));
    co_return written;
  }
  if (with_body) corked_ += response.body;
  // More requests are here already: their answers go with this one, in one write.
  if (!is_last && corked_.size() < kCorkedBytesMax) co_return true;
  co_return co_await flush();
}

asio::awaitable<bool> Connection::flush() {
  if (corked_.empty()) co_return true;
  const bool written = co_await write(corked_, {});
  loop_.give_back(std::exchange(corked_, {}));  // there may be many connections that idle
  co_return written;
}

asio::awaitable<bool> Connection::write(std::string_view first, std::string_view second) {
  set_deadline(shared_.options.body_idle_deadline);
  const std::array<asio::const_buffer, 2> buffers{asio::buffer(first), asio::buffer(second)};
  const auto [failed, sent] = co_await asio::async_write(socket_, buffers, kUseTuple);
  shared_.bytes_out.fetch_add(sent, std::memory_order_relaxed);
  co_return !failed;
}

// After an early answer: lets the client, which may still be sending, read it before the reset.
asio::awaitable<void> Connection::linger() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  constexpr auto kLingerDeadline = std::chrono::milliseconds(2000);
  constexpr size_t kLingerBytesMax = 64 << 20;
  set_deadline(kLingerDeadline);
  buffer_.clear();
  for (size_t total = 0; total < kLingerBytesMax;) {
    auto [code, n] = co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kUseTuple);
    if (code) co_return;
    total += n;
  }
}

}  // namespace firn::http
