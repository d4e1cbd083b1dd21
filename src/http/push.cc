#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>

#include "http/connection_internal.h"

namespace firn::http {
namespace {

namespace asio = boost::asio;
constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadBytes = 4 << 10;
// A client has nothing to say while it listens.
constexpr size_t kIgnoredBytesMax = 64 << 10;

}  // namespace

bool Outbox::push(std::string text) {
  std::lock_guard lock(mutex_);
  if (finished_) return false;
  if (bytes_ + text.size() > bytes_max_) {
    finished_ = true;
    overflowed_ = true;
    return false;
  }
  bytes_ += text.size();
  queue_.push_back(std::move(text));
  return true;
}

std::deque<std::string> Outbox::take() {
  std::lock_guard lock(mutex_);
  return std::exchange(queue_, {});
}

void Outbox::sent(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  bytes_ -= std::min(bytes, bytes_);
}

void Outbox::finish() {
  std::lock_guard lock(mutex_);
  finished_ = true;
}

void Outbox::close() {
  std::lock_guard lock(mutex_);
  finished_ = true;
  queue_.clear();
  bytes_ = 0;
}

bool Outbox::finished() const {
  std::lock_guard lock(mutex_);
  return finished_;
}

bool Outbox::overflowed() const {
  std::lock_guard lock(mutex_);
  return overflowed_;
}

// Beside the push: sees the client go.
asio::awaitable<void> Connection::watch_peer(std::shared_ptr<Connection> self) {
  char ignored[kReadBytes];
  for (size_t total = 0; total < kIgnoredBytesMax;) {
    auto [code, n] = co_await self->socket_.async_read_some(asio::buffer(ignored), kUseTuple);
    if (code) break;
    total += n;
  }
  self->peer_gone_ = true;
  self->wake();
}

asio::awaitable<void> Connection::serve_push() {
  const std::shared_ptr<PushState> push = push_;
  const bool chunked = parser_->get().version() >= 11;
  std::string out;
  append_head(out, push->head, false, true, 0);
  if (!chunked) {
    static constexpr std::string_view kField = "Transfer-Encoding: chunked\r\n";
    out.erase(out.find(kField), kField.size());
  }
  asio::co_spawn(loop_.context, watch_peer(shared_from_this()), asio::detached);
  bool failed = false;
  while (!peer_gone_ && !failed) {
    // In this order: what comes after the look at the queue wakes us again.
    const bool last = push->outbox.finished();
    uint64_t taken = 0;
    for (const std::string& piece : push->outbox.take()) {
      taken += piece.size();
      if (chunked) fmt::format_to(std::back_inserter(out), "{:x}\r\n", piece.size());
      out += piece;
      if (chunked) out += "\r\n";
    }
    const bool whole = last && !push->outbox.overflowed();
    if (whole && chunked) out += "0\r\n\r\n";
    if (!out.empty()) {
      set_deadline(shared_.options.body_idle_deadline);
      auto [code, sent] = co_await asio::async_write(socket_, asio::buffer(out), kUseTuple);
      deadline_ = std::chrono::steady_clock::time_point::max();
      shared_.bytes_out.fetch_add(sent, std::memory_order_relaxed);
      failed = static_cast<bool>(code);
      out.clear();
      push->outbox.sent(taken);
    }
    if (last) break;
    co_await wait_for_wake();
  }
  push->outbox.close();
  push_.reset();
  close_now();
  if (push->on_close) push->on_close();
}

}  // namespace firn::http
