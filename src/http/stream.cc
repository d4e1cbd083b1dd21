#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include <fmt/format.h>

#include "http/connection_internal.h"

namespace firn::http {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr size_t kWriteBytes = 32 << 10;
constexpr size_t kPendingBytesMax = 256 << 10;

// Decoded bytes that the handler has not yet asked for. However well they were packed, it takes no
// more than it is asked for soon.
struct Pending final : ByteSink {
  std::string bytes;
  size_t at = 0;
  Status put(std::string_view more) override {
    bytes.append(more);
    return {};
  }
  bool full() const override { return bytes.size() >= kPendingBytesMax; }
  bool empty() const { return at == bytes.size(); }
};

}  // namespace

// Blocking reads and writes on the connection's non-blocking descriptor, on the pool's thread,
// while the connection's coroutine waits.
class SocketStream final : public Stream {
 public:
  SocketStream(Connection& connection, uint64_t body_bytes_max)
      : me_(connection), body_bytes_max_(body_bytes_max), fd_(me_.socket_.native_handle()) {}

  const Request& request() const override { return me_.request_; }

  Result<size_t> read(std::span<char> into) override {
    if (me_.body_read_) {
      const size_t n = std::min(into.size(), me_.body_size_ - given_);
      std::memcpy(into.data(), me_.body_.bytes.get() + given_, n);
      given_ += n;
      return n;
    }
    if (!decoder_) {
      decoder_ = TRY(BodyDecoder::create(*me_.parser_, me_.request_));
      if (!decoder_->done()) TRY(continue_if_expected());
    }
    while (pending_.empty()) {
      pending_.bytes.clear();
      pending_.at = 0;
      if (decoder_->done()) return size_t{0};
      if (me_.buffer_.size() == 0 && !decoder_->holds()) TRY(receive());
      const auto raw = me_.buffer_.data();
      const size_t used =
          TRY(decoder_->feed({static_cast<const char*>(raw.data()), raw.size()}, pending_));
      me_.buffer_.consume(used);
      decoded_ += pending_.bytes.size();
      if (decoded_ > body_bytes_max_) {
        return Error(ErrorCode::kTooLarge,
                     fmt::format("the body is larger than {} bytes", body_bytes_max_));
      }
      // A chunk's header that is not whole yet stays in the buffer until more comes.
      if (pending_.empty() && !decoder_->done() && !decoder_->holds() && me_.buffer_.size() > 0) {
        TRY(receive());
      }
    }
    const size_t n = std::min(into.size(), pending_.bytes.size() - pending_.at);
    std::memcpy(into.data(), pending_.bytes.data() + pending_.at, n);
    pending_.at += n;
    return n;
  }

  Status respond(Response response) override {
    if (started_) return Error(ErrorCode::kInternal, "a second answer was made");
    started_ = true;
    reusable_ = body_is_read() && me_.keep_alive_;
    std::string bytes;
    append_head(bytes, response, reusable_, false, response.body.size());
    if (response.status != 204 && response.status != 304 && me_.request_.method != "HEAD") {
      bytes += response.body;
    }
    TRY(send_all(bytes));
    finished_ = true;
    return {};
  }

  Status start(Response head) override {
    if (started_) return Error(ErrorCode::kInternal, "a second answer was made");
    started_ = true;
    chunked_ = me_.parser_->get().version() >= 11;
    reusable_ = body_is_read() && me_.keep_alive_ && chunked_;
    if (chunked_) {
      append_head(out_, head, reusable_, true, 0);
    } else {
      head.headers.set("Connection", "close");  // HTTP/1.0: the end of the body is the end
      append_head(out_, head, true, true, 0);
      const size_t field = out_.find("Transfer-Encoding: chunked\r\n");
      out_.erase(field, std::string_view("Transfer-Encoding: chunked\r\n").size());
    }
    return {};
  }

  Status write(std::string_view bytes) override {
    if (bytes.empty()) return {};
    if (chunked_) fmt::format_to(std::back_inserter(out_), "{:x}\r\n", bytes.size());
    out_ += bytes;
    if (chunked_) out_ += "\r\n";
    if (out_.size() < kWriteBytes) return {};
    return flush();
  }

  Status finish() override {
    if (chunked_) out_ += "0\r\n\r\n";
    TRY(flush());
    finished_ = true;
    return {};
  }

  bool cancelled() override {
    pollfd poller{fd_, POLLRDHUP, 0};
    return ::poll(&poller, 1, 0) > 0 && (poller.revents & (POLLERR | POLLHUP | POLLRDHUP)) != 0;
  }

  bool started() const { return started_; }
  bool reusable() const { return finished_ && reusable_; }

 private:
  bool body_is_read() {
    if (me_.body_read_) return true;
    if (decoder_) return decoder_->done() && pending_.empty();
    return me_.parser_->is_done() || me_.parser_->content_length().value_or(1) == 0 ||
           (!me_.parser_->content_length() && !me_.parser_->chunked());
  }

  Status flush() {
    const Status sent = send_all(out_);
    out_.clear();
    return sent;
  }

  Status continue_if_expected() {
    const auto expect = me_.request_.headers.get("Expect");
    if (!expect || *expect != "100-continue" || me_.buffer_.size() > 0) return {};
    return send_all("HTTP/1.1 100 Continue\r\n\r\n");
  }

  Status wait_for(short events, std::chrono::milliseconds limit) {
    pollfd poller{fd_, events, 0};
    for (;;) {
      const int ready = ::poll(&poller, 1, static_cast<int>(limit.count()));
      if (ready < 0 && errno == EINTR) continue;
      if (ready == 0) return Error(ErrorCode::kDeadlineExceeded, "the client was too slow");
      if (ready < 0) return Error(ErrorCode::kInternal, "cannot wait for the client", "poll");
      return {};
    }
  }

  // For the client's next bytes. What the handler takes between two of them is not its time.
  Status wait_for_more() {
    const ServerOptions& options = me_.shared_.options;
    const auto left = patience_for(options, received_) - waited_;
    const auto began = std::chrono::steady_clock::now();
    TRY(wait_for(POLLIN,
                 std::clamp(left, std::chrono::milliseconds(0), options.body_idle_deadline)));
    waited_ += std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    return {};
  }

  Status receive() {
    for (;;) {
      const size_t room = me_.buffer_.max_size() - me_.buffer_.size();
      if (room == 0) return Error(ErrorCode::kInvalidData, "a chunk's header is too large");
      const auto space = me_.buffer_.prepare(std::min(kReadBytes, room));
      const ssize_t n = ::recv(fd_, space.data(), space.size(), 0);
      if (n > 0) {
        me_.buffer_.commit(static_cast<size_t>(n));
        received_ += static_cast<size_t>(n);
        me_.shared_.bytes_in.fetch_add(static_cast<size_t>(n), std::memory_order_relaxed);
        return {};
      }
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        TRY(wait_for_more());
        continue;
      }
      return Error(ErrorCode::kCancelled, "the client went away");
    }
  }

  Status send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        TRY(wait_for(POLLOUT, me_.shared_.options.body_idle_deadline));
        continue;
      }
      if (n < 0) return Error(ErrorCode::kCancelled, "the client went away");
      me_.shared_.bytes_out.fetch_add(static_cast<size_t>(n), std::memory_order_relaxed);
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return {};
  }

  Connection& me_;
  const uint64_t body_bytes_max_;
  const int fd_;
  size_t given_ = 0;  // of a body that was read before
  uint64_t decoded_ = 0;
  uint64_t received_ = 0;
  std::chrono::milliseconds waited_{0};
  std::unique_ptr<BodyDecoder> decoder_;
  Pending pending_;
  std::string out_;
  bool started_ = false;
  bool chunked_ = false;
  bool finished_ = false;
  bool reusable_ = false;
};

bool run_stream(Connection& connection, const StreamHandler& handler, uint64_t body_bytes_max) {
  SocketStream stream(connection, body_bytes_max);
  handler(stream);
  if (!stream.started()) {
    const Status sent =
        stream.respond(Response::error(Error(ErrorCode::kInternal, "no answer was made")));
    if (!sent.ok()) return false;
  }
  return stream.reusable();
}

}  // namespace firn::http
