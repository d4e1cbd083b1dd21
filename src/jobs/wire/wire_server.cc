#include "jobs/wire/wire_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <thread>

#include "jobs/queue.h"
#include "jobs/wire/session_internal.h"

namespace firn::jobs::wire {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kSweepEvery = std::chrono::milliseconds(20);
constexpr int kHandlersMax = 512;  // between two syncs

// A session over a socket, with or without TLS around it.
template <typename Stream>
class StreamSession final : public Session {
 public:
  template <typename... Arguments>
  explicit StreamSession(WireShared& shared, Arguments&&... arguments)
      : Session(shared), stream_(std::forward<Arguments>(arguments)...) {}

  void start() override {
    if constexpr (std::is_same_v<Stream, tcp::socket>) {
      greet();
    } else {
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [this, self = shared_from_this()](error_code failed) {
                                if (failed) return close();
                                if (!closed()) greet();
                              });
    }
  }

 protected:
  void read_some() override {
    size_t room = 0;
    char* into = read_into(room);
    stream_.async_read_some(asio::buffer(into, room),
                            [this, self = shared_from_this()](error_code failed, size_t bytes) {
                              if (failed) return close();
                              on_read(bytes);
                            });
  }

  void write_some() override {
    size_t sent = 0;
    if constexpr (std::is_same_v<Stream, tcp::socket>) {
      // Nearly always all of it, at once.
      error_code failed;
      sent = stream_.write_some(asio::buffer(sending_), failed);
      if (!failed && sent == sending_.size()) return on_written();
      if (failed && failed != asio::error::would_block) return close();
      if (failed) sent = 0;
    }
    asio::async_write(stream_, asio::buffer(sending_.data() + sent, sending_.size() - sent),
                      [this, self = shared_from_this()](error_code failed, size_t) {
                        if (failed) return close();
                        on_written();
                      });
  }

  void shut() override {
    error_code ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.lowest_layer().close(ignored);
  }

 private:
  Stream stream_;
};

class WireServerImpl final : public WireServer {
 public:
  WireServerImpl(const WireOptions& options, Queue& queue, platform::Clock& clock,
                 platform::Random& random)
      : shared_(options, queue, clock, random),
        acceptor_(shared_.loop),
        sweeper_(shared_.loop),
        retry_(shared_.loop) {}

  ~WireServerImpl() override { stop(); }

  Status open() {
    const WireOptions& options = shared_.options;
    error_code failed;
    const auto address = asio::ip::make_address(options.address, failed);
    if (failed) {
      return Error(ErrorCode::kInvalidArgument,
                   "not an IP address to listen on: " + options.address);
    }
    if (options.password.empty() && !address.is_loopback()) {
      return Error(ErrorCode::kInvalidArgument,
                   "the job queue is served beyond this machine only with a password: set "
                   "FIRN_JOBS_PASSWORD");
    }
    TRY(open_tls());
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(1024, failed);
    if (failed) {
      return Error(ErrorCode::kUnavailable, "cannot listen on " + options.address + ":" +
                                                std::to_string(options.port) + ": " +
                                                failed.message());
    }
    port_ = acceptor_.local_endpoint().port();
    accept_next();
    sweep_later();
    thread_ = std::thread([this] { run(); });
    return {};
  }

  uint16_t port() const override { return port_; }
  WireStats stats() const override {
    return {shared_.context.connections.load(), shared_.context.commands.load()};
  }

  void stop() override {
    if (!thread_.joinable()) return;
    asio::post(shared_.loop, [this] { stopping_ = true; });
    thread_.join();
  }

 private:
  Status open_tls() {
    const WireOptions& options = shared_.options;
    if (options.tls_certificate.empty() && options.tls_key.empty()) return {};
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
    error_code failed;
    tls_->use_certificate_chain_file(options.tls_certificate, failed);
    if (!failed) tls_->use_private_key_file(options.tls_key, asio::ssl::context::pem, failed);
    if (failed) {
      return Error(ErrorCode::kInvalidArgument,
                   "the job queue's TLS certificate or key cannot be used: " + failed.message());
    }
    return {};
  }

  // What is ready is run, what it changed is made durable at once, and then answered.
  void run() {
    while (!stopping_) {
      shared_.loop.run_one();
      run_ready();
      settle();
    }
    error_code ignored;
    acceptor_.close(ignored);
    sweeper_.cancel();
    retry_.cancel();
    for (const auto& session : std::vector(shared_.sessions.begin(), shared_.sessions.end())) {
      session->close();
    }
    deliver();
    shared_.unsettled.clear();
    shared_.loop.restart();
    shared_.loop.poll();  // cancelled operations, which hold their sessions
  }

  void run_ready() {
    for (int i = 0; i < kHandlersMax && shared_.loop.poll_one() > 0; ++i) {
    }
    deliver();
  }

  void deliver() {
    for (int rounds = 0; rounds < kHandlersMax; ++rounds) {
      std::vector<WireShared::Delivery> deliveries;
      {
        std::lock_guard lock(shared_.deliveries_mutex);
        deliveries.swap(shared_.deliveries);
      }
      if (deliveries.empty()) return;
      for (auto& delivery : deliveries) {
        if (const auto session = delivery.session.lock()) {
          session->on_delivered(std::move(delivery.fetched));
        } else {
          shared_.context.queue.give_back(delivery.fetched.jid);
        }
      }
    }
  }

  void settle() {
    // An answer may let a further command run, and so on: the rest waits for its sockets.
    for (int rounds = 0; rounds < 8 && !shared_.unsettled.empty(); ++rounds) {
      // Why it failed is in the log already; each session asks about its own ticket.
      (void)shared_.context.queue.settle_all();
      std::vector<std::shared_ptr<Session>> sessions;
      sessions.swap(shared_.unsettled);
      for (const auto& session : sessions) session->settled();
      deliver();
    }
    if (!shared_.unsettled.empty()) asio::post(shared_.loop, [] {});
  }

  void accept_next() {
    acceptor_.async_accept([this](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (failed) {
        // Out of descriptors, most likely: give others time to close.
        retry_.expires_after(std::chrono::milliseconds(100));
        retry_.async_wait([this](error_code cancelled) {
          if (!cancelled) accept_next();
        });
        return;
      }
      open_session(std::move(socket));
      accept_next();
    });
  }

  void open_session(tcp::socket socket) {
    if (shared_.sessions.size() >= shared_.options.connections_max) return;  // closes it
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    std::shared_ptr<Session> session;
    if (tls_) {
      session = std::make_shared<StreamSession<asio::ssl::stream<tcp::socket>>>(
          shared_, std::move(socket), *tls_);
    } else {
      session = std::make_shared<StreamSession<tcp::socket>>(shared_, std::move(socket));
    }
    shared_.sessions.insert(session);
    shared_.context.connections.fetch_add(1);
    session->start();
  }

  void sweep_later() {
    sweeper_.expires_after(kSweepEvery);
    sweeper_.async_wait([this](error_code cancelled) {
      if (cancelled) return;
      const int64_t now_ms = shared_.now_ms();
      // A copy: closing takes a session out.
      for (const auto& session : std::vector(shared_.sessions.begin(), shared_.sessions.end())) {
        session->sweep(now_ms);
      }
      sweep_later();
    });
  }

  WireShared shared_;
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer sweeper_;
  asio::steady_timer retry_;
  uint16_t port_ = 0;
  bool stopping_ = false;  // on the loop's thread
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<WireServer>> WireServer::start(const WireOptions& options, Queue& queue,
                                                      platform::Clock& clock,
                                                      platform::Random& random) {
  auto server = std::make_unique<WireServerImpl>(options, queue, clock, random);
  TRY(server->open());
  return std::unique_ptr<WireServer>(std::move(server));
}

}  // namespace firn::jobs::wire
