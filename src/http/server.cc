#include "http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <thread>

#include "http/connection_internal.h"

namespace firn::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kSweepEvery = std::chrono::milliseconds(250);

class ServerImpl final : public Server {
 public:
  ServerImpl(const ServerOptions& options, Router router) {
    shared_->options = options;
    shared_->router = std::move(router);
    shared_->pool = std::make_unique<ThreadPool>(options.pool_threads,
                                                 static_cast<size_t>(options.pool_queue_max));
    for (int i = 0; i < options.io_threads; ++i)
      shared_->loops.push_back(std::make_unique<IoLoop>());
  }

  ~ServerImpl() override { drain(std::chrono::milliseconds(0)); }

  Status listen() {
    boost::system::error_code code;
    const auto address = asio::ip::make_address(shared_->options.address, code);
    if (code) {
      return Error(ErrorCode::kInvalidArgument,
                   "not an IP address to listen on: " + shared_->options.address);
    }
    const tcp::endpoint endpoint(address, shared_->options.port);
    acceptor_ = std::make_unique<tcp::acceptor>(shared_->loops[0]->context);
    acceptor_->open(endpoint.protocol(), code);
    if (!code) acceptor_->set_option(tcp::acceptor::reuse_address(true), code);
    if (!code) acceptor_->bind(endpoint, code);
    if (!code) acceptor_->listen(1024, code);
    if (code) {
      return Error(ErrorCode::kUnavailable, "cannot listen on " + shared_->options.address + ":" +
                                                std::to_string(shared_->options.port) + ": " +
                                                code.message());
    }
    port_ = acceptor_->local_endpoint().port();
    return {};
  }

  void run() {
    accept_next();
    for (auto& loop : shared_->loops) {
      sweepers_.push_back(std::make_unique<asio::steady_timer>(loop->context));
      sweep_later(*loop, *sweepers_.back());
      guards_.emplace_back(loop->context.get_executor());
      threads_.emplace_back([&context = loop->context] { context.run(); });
    }
  }

  uint16_t port() const override { return port_; }

  ServerStats stats() const override {
    return {shared_->requests.load(), shared_->connections_open.load(), shared_->bytes_in.load(),
            shared_->bytes_out.load()};
  }

  void drain(std::chrono::milliseconds deadline) override {
    if (stopped_) return;
    stopped_ = true;
    shared_->draining = true;
    on_each_loop([this](IoLoop& loop) {
      if (&loop == shared_->loops[0].get()) {
        boost::system::error_code ignored;
        acceptor_->close(ignored);
      }
      for (Connection* connection : loop.connections) connection->close_when_idle();
    });
    const auto until = std::chrono::steady_clock::now() + deadline;
    wait_until_closed(until);
    on_each_loop([](IoLoop& loop) {
      for (Connection* connection : loop.connections) connection->close_now();
    });
    shared_->pool.reset();  // handlers see their client gone and return
    wait_until_closed(std::chrono::steady_clock::now() + std::chrono::seconds(2));
    guards_.clear();
    for (auto& loop : shared_->loops) loop->context.stop();
    for (auto& thread : threads_) thread.join();
    shared_->stopped = true;
    // The acceptor, the timers and the router refer to this server or to what it serves.
    acceptor_.reset();
    retry_.reset();
    sweepers_.clear();
    shared_->router = nullptr;
  }

 private:
  void accept_next() {
    IoLoop& loop = *shared_->loops[next_loop_++ % shared_->loops.size()];
    acceptor_->async_accept(
        loop.context, [this, &loop](boost::system::error_code code, tcp::socket socket) {
          if (code == asio::error::operation_aborted || !acceptor_->is_open()) return;
          if (!code) {
            asio::post(loop.context, [this, &loop, socket = std::move(socket)]() mutable {
              open_connection(loop, std::move(socket));
            });
            accept_next();
          } else {
            // Out of descriptors, most likely: give others time to close.
            retry_.emplace(shared_->loops[0]->context, std::chrono::milliseconds(100));
            retry_->async_wait([this](boost::system::error_code failed) {
              if (!failed) accept_next();
            });
          }
        });
  }

  void open_connection(IoLoop& loop, tcp::socket socket) {
    if (shared_->connections_open.load() >=
        static_cast<uint64_t>(shared_->options.connections_max)) {
      return;  // closes the socket
    }
    boost::system::error_code code;
    socket.non_blocking(true, code);
    auto connection = std::make_shared<Connection>(shared_, loop, std::move(socket));
    asio::co_spawn(loop.context, Connection::run(std::move(connection)), asio::detached);
  }

  void sweep_later(IoLoop& loop, asio::steady_timer& timer) {
    timer.expires_after(kSweepEvery);
    timer.async_wait([this, &loop, &timer](boost::system::error_code code) {
      if (code) return;
      const auto now = std::chrono::steady_clock::now();
      for (Connection* connection : loop.connections) connection->sweep(now);
      sweep_later(loop, timer);
    });
  }

  template <typename F>
  void on_each_loop(F body) {
    std::mutex mutex;
    std::condition_variable done;
    size_t left = shared_->loops.size();
    for (auto& loop : shared_->loops) {
      asio::post(loop->context, [&, loop = loop.get()] {
        body(*loop);
        std::lock_guard lock(mutex);
        --left;
        done.notify_one();
      });
    }
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return left == 0; });
  }

  void wait_until_closed(std::chrono::steady_clock::time_point until) {
    while (shared_->connections_open.load() > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  const std::shared_ptr<ServerShared> shared_ = std::make_shared<ServerShared>();
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> retry_;
  std::vector<std::unique_ptr<asio::steady_timer>> sweepers_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::vector<std::thread> threads_;
  size_t next_loop_ = 0;
  uint16_t port_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options, Router router) {
  auto server = std::make_unique<ServerImpl>(options, std::move(router));
  TRY(server->listen());
  server->run();
  return std::unique_ptr<Server>(std::move(server));
}

Route answer_with(Response response) {
  Route route;
  route.buffered = [response = std::move(response)](const std::shared_ptr<Exchange>& exchange) {
    exchange->respond(response);
  };
  return route;
}

}  // namespace firn::http
