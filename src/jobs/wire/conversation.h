#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "jobs/queue.h"
#include "jobs/wire/command.h"

namespace firn::platform {
class Clock;
class Random;
}  // namespace firn::platform

namespace firn::jobs::wire {

// What the server knows, beside the queue.
struct WireContext {
  Queue& queue;
  platform::Clock& clock;
  platform::Random& random;
  std::string password;  // empty: none is asked for
  int64_t started_us = 0;
  std::atomic<uint64_t> connections{0};
  std::atomic<uint64_t> commands{0};
};

// One connection's side of the protocol, without its bytes' transport: lines in, replies out. One
// thread at a time.
class Conversation {
 public:
  enum class Next {
    kReply,   // `out` goes out now
    kSettle,  // `out` goes out once `ticket` is durable; instead, an error where it is not
    kWait,    // FETCH: a job will come to the waiter, or stop_waiting()
    kClose,   // after `out`
  };
  struct Answer {
    Next next = Next::kReply;
    Ticket ticket;
  };

  explicit Conversation(WireContext& context) : context_(context) {}
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // "+HI …", which the server says first.
  std::string greeting();
  // One line without its end. `make_waiter` makes what FETCH waits with.
  using MakeWaiter =
      std::function<std::shared_ptr<JobWaiter>(std::vector<std::string> queues, std::string wid)>;
  Answer on_line(std::string_view line, const MakeWaiter& make_waiter, std::string& out);

  bool greeted() const { return greeted_; }
  // The waiter of the FETCH under way, after kWait.
  std::shared_ptr<JobWaiter> take_waiter() { return std::move(waiter_); }

 private:
  Answer hello(std::string_view json, std::string& out);
  Answer command(const Line& line, const MakeWaiter& make_waiter, std::string& out);
  Result<Answer> run(const Line& line, const MakeWaiter& make_waiter, std::string& out);
  Result<Answer> push(std::string_view json, std::string& out);
  Result<Answer> push_bulk(std::string_view json, std::string& out);
  Result<Answer> fetch(std::string_view rest, const MakeWaiter& make_waiter, std::string& out);
  Result<Answer> beat(std::string_view json, std::string& out);
  Result<Answer> queue_command(std::string_view rest, std::string& out);
  Result<Answer> batch(std::string_view rest, std::string& out);
  Result<Answer> track(std::string_view rest, std::string& out);
  std::string latency_json(const std::vector<std::string>& names) const;
  std::string info_json() const;

  WireContext& context_;
  std::string salt_;
  int iterations_ = 0;
  bool greeted_ = false;
  WorkerInfo worker_;  // with a wid: a consumer
  std::shared_ptr<JobWaiter> waiter_;
};

// The hexadecimal SHA-256 of password + salt, hashed `iterations` times in all.
std::string password_hash(std::string_view password, std::string_view salt, int iterations);

}  // namespace firn::jobs::wire
