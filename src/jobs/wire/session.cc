#include <algorithm>
#include <boost/asio/post.hpp>
#include <cstring>

#include "jobs/wire/session_internal.h"

namespace firn::jobs::wire {
namespace {

constexpr size_t kReadBytes = 4096;
constexpr size_t kHelloBytesMax = 32 << 10;    // strangers get no more room
constexpr size_t kKeepBytesMax = 64 << 10;     // of an empty buffer
constexpr size_t kAnswerBytesMax = 256 << 10;  // beyond: no further line before some are taken

// Hands a job to its session by way of the server's thread.
class SessionWaiter final : public JobWaiter {
 public:
  SessionWaiter(WireShared& shared, std::weak_ptr<Session> session, std::vector<std::string> queues,
                std::string wid)
      : JobWaiter(std::move(queues), std::move(wid)),
        shared_(shared),
        session_(std::move(session)) {}

  void deliver(Fetched fetched) override {
    bool first = false;
    {
      std::lock_guard lock(shared_.deliveries_mutex);
      first = shared_.deliveries.empty();
      shared_.deliveries.push_back({session_, std::move(fetched)});
    }
    // The loop takes all of them whenever it has run something.
    if (first && !shared_.loop.get_executor().running_in_this_thread()) {
      boost::asio::post(shared_.loop, [] {});
    }
  }

 private:
  WireShared& shared_;
  const std::weak_ptr<Session> session_;
};

}  // namespace

Session::Session(WireShared& shared)
    : shared_(shared),
      conversation_(shared.context),
      handshake_until_ms_(shared.now_ms() + shared.options.handshake_deadline.count()),
      active_ms_(shared.now_ms()) {}

void Session::greet() {
  out_ += conversation_.greeting();
  flush();
  read_on();
}

// Where the next bytes go. A whole line and its end fit, and something of the next.
char* Session::read_into(size_t& room) {
  if (in_begin_ == in_end_) {
    in_begin_ = in_end_ = scanned_ = 0;
    if (in_.size() > kKeepBytesMax) in_ = std::string(kReadBytes, '\0');
  }
  if (in_.size() - in_end_ < kReadBytes / 2) {
    std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
    in_end_ -= in_begin_;
    scanned_ -= in_begin_;
    in_begin_ = 0;
    if (in_.size() - in_end_ < kReadBytes) in_.resize(std::max(kReadBytes, 2 * in_.size()));
  }
  room = in_.size() - in_end_;
  return in_.data() + in_end_;
}

void Session::read_on() {
  // What is received but not run is bounded by a line and what follows it in one read.
  if (reading_ || closed_ || ending_ || held_) return;
  if (in_end_ - in_begin_ > line_bytes_max() + kReadBytes) return;
  reading_ = true;
  read_some();
}

size_t Session::line_bytes_max() const {
  const size_t most = shared_.options.line_bytes_max;
  return conversation_.greeted() ? most : std::min(most, kHelloBytesMax);
}

void Session::on_read(size_t bytes) {
  reading_ = false;
  if (closed_) return;
  in_end_ += bytes;
  if (line_since_ms_ == 0) line_since_ms_ = shared_.now_ms();
  run_lines();
  read_on();
}

void Session::run_lines() {
  while (phase_ == Phase::kIdle && !ending_ && !closed_) {
    held_ = out_.size() > kAnswerBytesMax;
    if (held_) break;
    const char* begin = in_.data() + in_begin_;
    const void* found = std::memchr(in_.data() + scanned_, '\n', in_end_ - scanned_);
    const size_t length = found == nullptr
                              ? in_end_ - in_begin_
                              : static_cast<size_t>(static_cast<const char*>(found) - begin);
    const size_t length_max = line_bytes_max();
    if (length > length_max) {
      append_error(out_, Error(ErrorCode::kTooLarge,
                               "a line has at most " + std::to_string(length_max) + " bytes"));
      end_after_writing();
      break;
    }
    if (found == nullptr) {
      scanned_ = in_end_;
      if (in_begin_ == in_end_) line_since_ms_ = 0;
      break;
    }
    std::string_view line(begin, length);
    if (line.ends_with('\r')) line.remove_suffix(1);
    in_begin_ += length + 1;
    scanned_ = in_begin_;
    line_since_ms_ = in_begin_ == in_end_ ? 0 : shared_.now_ms();
    active_ms_ = shared_.now_ms();
    run_line(line);
  }
  flush();
}

void Session::run_line(std::string_view line) {
  const size_t before = out_.size();
  const auto make_waiter = [this](std::vector<std::string> queues, std::string wid) {
    return std::make_shared<SessionWaiter>(shared_, weak_from_this(), std::move(queues),
                                           std::move(wid));
  };
  const auto answer = conversation_.on_line(line, make_waiter, out_);
  switch (answer.next) {
    case Conversation::Next::kReply: break;
    case Conversation::Next::kSettle:
      if (shared_.context.queue.settled(answer.ticket)) break;
      phase_ = Phase::kUnsettled;
      ticket_ = answer.ticket;
      unsettled_from_ = before;
      shared_.unsettled.push_back(shared_from_this());
      break;
    case Conversation::Next::kWait:
      phase_ = Phase::kFetching;
      waiter_ = conversation_.take_waiter();
      fetch_until_ms_ = shared_.now_ms() + shared_.options.fetch_wait.count();
      break;
    case Conversation::Next::kClose: end_after_writing(); break;
  }
}

void Session::settled() {
  if (phase_ != Phase::kUnsettled || closed_) return;
  phase_ = Phase::kIdle;
  if (!shared_.context.queue.settled(ticket_)) {
    out_.resize(unsettled_from_);
    append_error(out_, Error(ErrorCode::kStorageUnavailable,
                             "the job queue cannot write its log; try again"));
  }
  run_lines();
  read_on();
}

void Session::on_delivered(Fetched fetched) {
  if (closed_ || phase_ != Phase::kFetching) {
    // Nobody will do it here.
    shared_.context.queue.give_back(fetched.jid);
    return;
  }
  waiter_.reset();
  active_ms_ = shared_.now_ms();
  unsettled_from_ = out_.size();
  append_bulk(out_, fetched.json);
  if (shared_.context.queue.settled(fetched.ticket)) {
    phase_ = Phase::kIdle;
    run_lines();
    read_on();
  } else {
    phase_ = Phase::kUnsettled;
    ticket_ = fetched.ticket;
    shared_.unsettled.push_back(shared_from_this());
  }
}

void Session::end_after_writing() {
  ending_ = true;
  if (!writing_ && out_.empty()) close();
}

void Session::flush() {
  if (closed_ || writing_) return;
  const size_t ready = phase_ == Phase::kUnsettled ? unsettled_from_ : out_.size();
  if (ready == 0) {
    if (ending_ && phase_ != Phase::kUnsettled) close();
    return;
  }
  if (ready == out_.size()) {
    sending_.swap(out_);
    out_.clear();
  } else {
    sending_ = out_.substr(0, ready);
    out_.erase(0, ready);
  }
  unsettled_from_ = 0;
  writing_ = true;
  write_since_ms_ = shared_.now_ms();
  write_some();
}

void Session::on_written() {
  writing_ = false;
  write_since_ms_ = 0;
  sending_.clear();
  flush();
  if (!held_ || out_.size() > kAnswerBytesMax) return;
  held_ = false;
  boost::asio::post(shared_.loop, [this, self = shared_from_this()] {
    run_lines();
    read_on();
  });
}

void Session::sweep(int64_t now_ms) {
  const WireOptions& options = shared_.options;
  const auto past = [&](int64_t since_ms, std::chrono::milliseconds deadline) {
    return since_ms != 0 && now_ms - since_ms >= deadline.count();
  };
  if (!conversation_.greeted() && now_ms >= handshake_until_ms_) return close();
  if (past(write_since_ms_, options.write_deadline)) return close();
  if (phase_ == Phase::kFetching) {
    if (now_ms < fetch_until_ms_) return;
    // Where a job is on its way already, it comes instead.
    if (!shared_.context.queue.stop_waiting(waiter_)) return;
    waiter_.reset();
    phase_ = Phase::kIdle;
    append_nil(out_);
    run_lines();
    read_on();
    return;
  }
  if (phase_ != Phase::kIdle) return;
  if (past(line_since_ms_, options.line_deadline) || past(active_ms_, options.idle_deadline)) {
    close();
  }
}

void Session::close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  if (waiter_) shared_.context.queue.stop_waiting(waiter_);
  shut();
  shared_.sessions.erase(self);
  shared_.context.connections.fetch_sub(1);
}

}  // namespace firn::jobs::wire
